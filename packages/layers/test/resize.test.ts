// Resizing and sampling where the goldens say nothing: exact copies, errors, receptive fields.
import { type Tensor, grad, setSeed, tensor, useBackend, zeros } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import { Goldens } from "./golden.ts";
import {
  type GridSampleOptions,
  type InterpolateOptions,
  Upsample,
  affineGrid,
  conv2d,
  gridSample,
  interpolate,
  sequential,
  summary,
  upsample,
} from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

const row = (...values: number[]): Tensor => tensor(Float32Array.from(values), { shape: [1, 1, values.length] });
const numbers = async (x: Tensor): Promise<number[]> => [...(await x.data())];

describe("PyTorch's answers", () => {
  const goldens = new Goldens("ops-resize");

  it.each<[string, InterpolateOptions]>([
    ["interpolate/nearest/scales-differ", { scaleFactor: [2.5, 0.5] }],
    ["interpolate/nearest-exact/scale-0.6", { scaleFactor: 0.6, mode: "nearestExact" }],
    ["interpolate/bilinear/given", { scaleFactor: 1.7, mode: "linear" }],
    ["interpolate/bilinear/recomputed", { scaleFactor: 1.7, mode: "linear", recomputeScaleFactor: true }],
    ["interpolate/trilinear-align/up", { size: [4, 5, 6], mode: "linear", alignCorners: true }],
    ["interpolate/bilinear-antialias/mixed", { size: [3, 7], mode: "linear", antialias: true }],
    ["interpolate/bicubic/scale-1.5", { scaleFactor: 1.5, mode: "cubic" }],
    ["interpolate/bicubic-antialias/down", { size: [4, 3], mode: "cubic", antialias: true }],
    ["interpolate/area/area", { size: [3, 4], mode: "area" }],
  ])("%s", async (id, options) => {
    expect(await goldens.fault(interpolate(goldens.tensor(`${id}/in/input`), options), id)).toBeUndefined();
  });

  it.each<[string, GridSampleOptions]>([
    ["grid_sample/bilinear-zeros", {}],
    ["grid_sample/bilinear-reflection-align", { padding: "reflection", alignCorners: true }],
    ["grid_sample/nearest-border", { mode: "nearest", padding: "border" }],
    ["grid_sample/bicubic-reflection", { mode: "cubic", padding: "reflection" }],
    ["grid_sample/3d", {}],
  ])("%s", async (id, options) => {
    const [x, grid] = [goldens.tensor(`${id}/in/input`), goldens.tensor(`${id}/in/grid`)];
    expect(await goldens.fault(gridSample(x, grid, options), id)).toBeUndefined();
  });

  it("affine_grid/3d-align", async () => {
    const theta = goldens.tensor("affine_grid/3d-align/in/theta");
    const grid = affineGrid(theta, [2, 3, 4], { alignCorners: true });
    expect(await goldens.fault(grid, "affine_grid/3d-align")).toBeUndefined();
  });
});

describe("interpolate", () => {
  it("copies the nearest element, be it infinite or not a number, and nothing else", async () => {
    const x = row(1, Infinity, NaN, -4);
    expect(await numbers(interpolate(x, { scaleFactor: 2 }))).toEqual([1, 1, Infinity, Infinity, NaN, NaN, -4, -4]);
    expect(await numbers(interpolate(x, { size: 2 }))).toEqual([1, NaN]);
    expect(await numbers(interpolate(x, { size: 3 }))).toEqual([1, Infinity, NaN]); // floor(4 / 3 o): 0, 1, 2
    expect(await numbers(interpolate(x, { size: 3, mode: "nearestExact" }))).toEqual([1, NaN, -4]);
  });

  it("gives a gradient to every element that is copied, as often as it is", async () => {
    const x = row(1, 2, 3);
    const gradient = grad((y: Tensor) => interpolate(y, { size: 7 }).sum())(x);
    expect(await numbers(gradient)).toEqual([3, 2, 2]);
  });

  it("draws straight lines between centers, or between corners", async () => {
    expect(await numbers(interpolate(row(0, 4), { size: 4, mode: "linear" }))).toEqual([0, 1, 3, 4]);
    expect(await numbers(interpolate(row(0, 3), { size: 4, mode: "linear", alignCorners: true }))).toEqual([
      0, 1, 2, 3,
    ]);
  });

  it("leaves an axis that keeps its size alone", () => {
    const x = row(1, 2, 3);
    expect(interpolate(x, { size: 3, mode: "cubic" })).toBe(x);
  });

  it("is a layer that sums see through", () => {
    const model = sequential(
      [conv2d(2, 3, { padding: 1 }), upsample(2, { mode: "linear" }), new Upsample({ size: 4 })],
      {
        inputShape: [1, 6, 8],
      },
    );
    const { rows } = summary(model, [1, 6, 8]);
    expect(rows.map(({ outputShape }) => outputShape)).toEqual([
      [2, 6, 8],
      [2, 12, 16],
      [2, 4, 4],
    ]);
    expect(rows[1]?.receptiveField?.map(({ field, start }) => [field, start])).toEqual([
      [4, -1],
      [4, -1],
    ]);
    expect(rows[1]?.multiplyAdds).toBe(0);
  });

  it.each<[string, () => unknown, string]>([
    ["neither size nor factor", () => new Upsample({}), "neither a size nor a scale factor is given"],
    ["both", () => new Upsample({ size: 2, scaleFactor: 2 }), "both a size and a scale factor"],
    ["a size for too few axes", () => interpolate(zeros([1, 1, 2, 2]), { size: [2] }), "1 sizes for 2 spatial axes"],
    ["a factor of 0", () => interpolate(zeros([1, 1, 2]), { scaleFactor: 0 }), "the scale factor is 0"],
    ["nothing left", () => interpolate(zeros([1, 1, 2]), { scaleFactor: 0.25 }), "size is 0"],
    ["no spatial axis", () => interpolate(zeros([1, 2]), { size: 2 }), "give [batch, channels, ...]"],
    ["an empty image", () => interpolate(zeros([1, 1, 0]), { size: 2 }), "is empty"],
    ["corners of nearest", () => new Upsample({ size: 2, alignCorners: true }), "alignCorners means nothing"],
    ["smoothing of areas", () => new Upsample({ size: 2, mode: "area", antialias: true }), "antialias means nothing"],
  ])("refuses %s", (_, f, message) => {
    expect(f).toThrow(message);
  });
});

describe("gridSample and affineGrid", () => {
  it("the identity gives the image back, a half turn the image upside down", async () => {
    const x = tensor([
      [
        [
          [1, 2, 3],
          [4, 5, 6],
        ],
      ],
    ]);
    const under = (theta: number[][]): Tensor => gridSample(x, affineGrid(tensor([theta]), [2, 3]));
    const close = async (y: Tensor): Promise<number[]> => (await numbers(y)).map((value) => Number(value.toFixed(5)));
    expect(
      await close(
        under([
          [1, 0, 0],
          [0, 1, 0],
        ]),
      ),
    ).toEqual([1, 2, 3, 4, 5, 6]);
    expect(
      await close(
        under([
          [-1, 0, 0],
          [0, -1, 0],
        ]),
      ),
    ).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it("reads zeros beyond the image, and never what is beside it in memory", async () => {
    const x = tensor([[[[1, 2]]], [[[3, 4]]]]);
    const grid = tensor([
      [
        [
          [-9, 0],
          [9, 0],
        ],
      ],
      [
        [
          [NaN, 0],
          [1e30, 0],
        ],
      ],
    ]);
    expect((await numbers(gridSample(x, grid))).slice(0, 2)).toEqual([0, 0]);
    expect((await numbers(gridSample(x, grid, { padding: "border" }))).slice(0, 2)).toEqual([1, 2]);
  });

  it.each<[string, () => unknown, string]>([
    ["a grid of another batch", () => gridSample(zeros([2, 1, 3, 3]), zeros([1, 2, 2, 2])), "give [N, C, ...spatial]"],
    ["a grid without coordinates", () => gridSample(zeros([1, 1, 3]), zeros([1, 2, 2])), "give [N, C, ...spatial]"],
    ["an empty image", () => gridSample(zeros([1, 1, 0]), zeros([1, 2, 1])), "is empty"],
    ["a map of another number of axes", () => affineGrid(zeros([1, 2, 3]), [4]), "give [N, 1, 2]"],
    ["a size of 0", () => affineGrid(zeros([1, 1, 2]), [0]), "size is 0"],
  ])("refuses %s", (_, f, message) => {
    expect(f).toThrow(message);
  });
});
