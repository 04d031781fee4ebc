// The pictures of the documentation: there for every model, drawn as the code now draws, to scale.
import { existsSync, readFileSync } from "node:fs";
import { listModels } from "@stria/zoo";
import { expect, test } from "vitest";
import type { Box } from "../src/anatomy/anatomy.ts";
import { layout } from "../src/drawing/layout.ts";
import { draw } from "../src/drawing/svg.ts";
import { pictureOf } from "../src/pictures/picture.ts";

const docs = new URL("../../../docs/", import.meta.url);

function box(id: number, shape: readonly number[], inputs: readonly number[], more: Partial<Box> = {}): Box {
  return {
    id,
    origin: id,
    kind: id === 0 ? "input" : "conv",
    path: id === 0 ? "" : `conv${id}`,
    label: "3×3 conv",
    words: "3×3 convolution",
    after: [],
    shape,
    channelsLast: false,
    inputs,
    parameters: 0,
    multiplyAdds: 0,
    fields: null,
    maps: null,
    repeat: 1,
    ...more,
  };
}

test("heights and widths are to scale, and the largest map is as high as was asked for", () => {
  const boxes = [
    box(0, [3, 64, 64], []),
    box(1, [16, 32, 32], [0]),
    box(2, [64, 16, 16], [1]),
    box(3, [100], [2], { kind: "dense" }),
  ];
  const { placed } = layout(boxes, { tallest: 128, widest: 64 });
  expect(placed.map(({ height }) => height)).toEqual([128, 64, 32, 96]);
  expect(placed.slice(1, 3).map(({ width }) => width)).toEqual([16, 64]);
  for (const [index, one] of placed.entries())
    expect(one.x).toBeGreaterThanOrEqual((placed[index - 1]?.x ?? -1) + (placed[index - 1]?.width ?? 0));
});

test("branches lie side by side and do not overlap; what skips the trunk is an arc", () => {
  const boxes = [
    box(0, [3, 8, 8], []),
    box(1, [8, 8, 8], [0]),
    box(2, [8, 8, 8], [0]),
    box(3, [16, 8, 8], [1, 2], { kind: "join", label: "⧺" }),
    box(4, [16, 8, 8], [3]),
    box(5, [16, 8, 8], [4, 3], { kind: "join", label: "+" }),
  ];
  const { placed, edges } = layout(boxes, { tallest: 80, widest: 40 });
  const [, upper, lower] = placed;
  if (upper === undefined || lower === undefined) throw new Error("two boxes are missing");
  expect(upper.column).toBe(lower.column);
  expect(Math.abs(upper.y - lower.y)).toBeGreaterThan(upper.height);
  expect(edges.filter(({ lane }) => lane === undefined)).toEqual([{ from: 3, to: 5, lane: undefined }]);
});

test("texts are escaped", () => {
  const { svg } = draw([box(0, [3, 8, 8], []), box(1, [8, 8, 8], [0], { path: 'a"<&b' })], { title: "<b>" });
  expect(svg).toContain("<title>&lt;b&gt;</title>");
  expect(svg).toContain("a&quot;&lt;&amp;b");
});

test.each(listModels())(
  "%s has its picture in the documentation, of a few kilobytes: npm run pictures draws what is missing",
  (name) => {
    const page = readFileSync(new URL("model-pictures.md", docs), "utf8");
    const file = new URL(`pictures/models/${name}.svg`, docs);
    expect(existsSync(file)).toBe(true);
    expect(readFileSync(file).length).toBeLessThan(32 * 1024);
    expect(page).toContain(`](pictures/models/${name}.svg)`);
  },
);

test("the pictures are those that the code draws: npm run pictures draws them again", async () => {
  for (const name of ["lenet5", "resnet20_cifar", "googlenet", "densenet121"]) {
    const { svg } = await pictureOf(name);
    expect(readFileSync(new URL(`pictures/models/${name}.svg`, docs), "utf8")).toBe(svg);
  }
});
