// The samples of the page are right: boxes are around what the mask has, points are on objects.
import { expect, test } from "vitest";
import { cells } from "../src/samples/cells.ts";
import { harbour } from "../src/samples/harbour.ts";

test.each([
  ["harbour", harbour, 3],
  ["cells", cells, 15],
] as const)("%s: a box for each object, with its pixels inside, and not much larger", (_, draw, count) => {
  const { boxes, mask } = draw();
  expect(boxes?.labels).toHaveLength(count);
  for (const [index, label] of boxes?.labels.entries() ?? []) {
    const [left = 0, top = 0, right = 0, bottom = 0] = boxes?.values.subarray(4 * index, 4 * index + 4) ?? [];
    let inside = 0;
    for (let y = top; y < bottom; y++)
      for (let x = left; x < right; x++) if (mask?.values[y * 320 + x] === label) inside++;
    // Discs take 79 % of their boxes, boats with their masts at least a third.
    expect(inside / ((right - left) * (bottom - top))).toBeGreaterThan(0.33);
  }
});
