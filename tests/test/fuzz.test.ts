// Damaged files do no harm to the readers of weights. `npm run fuzz` tries many more.
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownGoldens } from "../src/setting.ts";
import { damagedFile } from "../src/fuzz/fuzz.ts";
import { subjectsIn } from "../src/fuzz/subjects.ts";
import { watchedFuzz } from "../src/fuzz/watched.ts";

const folder = join(ownGoldens, "formats");

test("2,000 files damaged at random are read or refused, and nothing else", async () => {
  const { read, refused, findings } = await watchedFuzz(folder, 1, 0, 2000);
  expect(findings).toEqual([]);
  expect(read + refused).toBe(2000);
  expect(Math.min(read, refused)).toBeGreaterThan(100); // damage that nobody sees, or that leaves nothing, would prove little
});

test("the damage is a function of the seed and the number", () => {
  const subjects = subjectsIn(folder);
  const [[first, bytes], [again, same]] = [damagedFile(subjects, 1, 7), damagedFile(subjects, 1, 7)];
  expect(again.file).toBe(first.file);
  expect(same).toEqual(bytes);
  expect(bytes).not.toEqual(first.bytes);
  expect(damagedFile(subjects, 2, 7)[1]).not.toEqual(bytes);
});
