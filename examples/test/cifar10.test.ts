// The CIFAR-10 example, shortened: files like CIFAR's that this test makes.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { runExample, temporaryFolder } from "./run-example.ts";

/** Records of a label and three planes of one colour each. */
function records(count: number): Uint8Array {
  const bytes = new Uint8Array(count * 3073);
  for (let record = 0; record < count; record++) {
    bytes[record * 3073] = record % 10;
    bytes.fill(25 * (record % 10), record * 3073 + 1, (record + 1) * 3073);
  }
  return bytes;
}

it("draws two curves, ten classes and what it takes for something else", async () => {
  const data = temporaryFolder();
  mkdirSync(join(data, "cifar10"));
  writeFileSync(join(data, "cifar10", "data_batch_1.bin"), records(320));
  writeFileSync(join(data, "cifar10", "test_batch_first1000.bin"), records(40));
  const { text, drawn } = await runExample("cifar10", { STRIA_DATA: data });
  expect(text).toContain("320 images, 40 to test with");
  const [, accuracy = ""] = /test accuracy ([\d.]+) %/.exec(text) ?? [];
  const svg = drawn("cifar10.svg");
  expect(svg.match(/<polyline /g)).toHaveLength(4);
  expect(svg.match(/>(airplane|frog|truck)</g)?.length).toBeGreaterThanOrEqual(3);
  // Forty images, and the twelve surest of those that are misread.
  expect(svg.match(/<image /g)?.length).toBe(Math.min(12, Math.round((40 * (100 - Number(accuracy))) / 100)));
});
