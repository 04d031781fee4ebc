// What is undone is as it was: turns, negatives, warps there and back, and views of test-time augmentation.
import {
  averageMaps,
  boxes,
  elasticTransform,
  gridWarp,
  image,
  invertImage,
  keypoints,
  localWarp,
  mask,
  parametersOf,
  permuteChannels,
  perspectiveWarp,
  resizeKeypoints,
  rotationWarp,
  testTimeViews,
  turnImage,
  warpImage,
  warpKeypoints,
} from "@stria/augmentation";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";

const sizes = fc.record({ height: fc.integer({ min: 2, max: 9 }), width: fc.integer({ min: 2, max: 9 }) });
const pixel = (i: number): number => (i * 53) % 251;
const floats = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => pixel(i) / 251);

describe("inverse pairs", () => {
  it("quarter turns there and back, the negative twice, an order and its inverse: the same bits", () => {
    fc.assert(
      fc.property(sizes, fc.integer({ min: -9, max: 9 }), ({ height, width }, turns) => {
        const picture = image(
          Uint8Array.from({ length: 3 * height * width }, (_, i) => pixel(i)),
          [3, height, width],
        );
        expect(turnImage(turnImage(picture, turns), -turns)).toEqual(picture);
        expect(invertImage(invertImage(picture))).toEqual(picture);
        expect(permuteChannels(permuteChannels(picture, [1, 2, 0]), [2, 0, 1])).toEqual(picture);
        // A rotation by quarters moves pixels as turns do, and mixes none.
        const canvas = { height, width };
        const warp = rotationWarp(canvas, { angle: 90 * turns, expand: true });
        expect(warpImage(picture, warp)).toEqual(turnImage(picture, turns));
      }),
    );
  });

  it("points through a warp and its opposite", () => {
    fc.assert(
      fc.property(fc.integer({ min: -180, max: 180 }), sizes, (angle, canvas) => {
        const points = keypoints(Float32Array.of(0.5, 1.5, 3.25, 2));
        const there = warpKeypoints(points, rotationWarp(canvas, { angle }));
        const back = warpKeypoints(there, rotationWarp(canvas, { angle: -angle }));
        for (const [i, value] of back.values.entries()) expect(value).toBeCloseTo(points.values[i] ?? 0, 4);
        const larger = { height: 3 * canvas.height, width: 5 * canvas.width };
        const resized = resizeKeypoints(resizeKeypoints(points, larger, canvas), canvas, larger);
        for (const [i, value] of resized.values.entries()) expect(value).toBeCloseTo(points.values[i] ?? 0, 5);
      }),
    );
  });

  it("a warp moves points to where it takes pixels from", () => {
    const canvas = { height: 24, width: 30 };
    const elastic = elasticTransform({ alpha: 20, sigma: 2 });
    const parameters = parametersOf(elastic, canvas, { seed: 1, index: 0 });
    const moved = elastic.rules.keypoints(keypoints(Float32Array.of(11, 12)), parameters, canvas).values;
    expect(Math.hypot((moved[0] ?? 0) - 11, (moved[1] ?? 0) - 12)).toBeGreaterThan(0.05);
    const warps = {
      local: localWarp(canvas, { centre: [14, 12], radius: 9, shift: [3, -2] }),
      grid: gridWarp(canvas, { stepsX: [1.2, 0.8, 1.1, 0.9], stepsY: [0.7, 1.3, 1.1] }),
      perspective: perspectiveWarp(canvas, {
        startpoints: [
          [0, 0],
          [30, 0],
          [30, 24],
          [0, 24],
        ],
        endpoints: [
          [3, 2],
          [27, 1],
          [29, 20],
          [1, 23],
        ],
      }),
    };
    for (const [name, warp] of Object.entries(warps)) {
      const [xs, ys] = [new Float64Array(30), new Float64Array(30)];
      for (const row of [5, 11, 17]) {
        warp.sources(row, xs, ys);
        for (const column of [6, 14, 22]) {
          const [x, y] = warp.forward(xs[column] ?? 0, ys[column] ?? 0);
          // Between two cells of a grid, two columns come from the same place.
          const tolerance = name === "grid" ? 1.001 : 1e-4;
          expect(Math.abs(x - column - 0.5)).toBeLessThan(tolerance);
          expect(Math.abs(y - row - 0.5)).toBeLessThan(tolerance);
        }
      }
    }
  });

  it("views of test-time augmentation bring masks, boxes, points and maps back", () => {
    const canvas = { height: 6, width: 9 };
    const views = testTimeViews(canvas, { turns: [0, 1, 2, 3], scales: [1, 2] });
    expect(views).toHaveLength(16);
    const maps = image(floats(2 * 54), [2, 6, 9]);
    const classes = mask(
      Int32Array.from({ length: 54 }, (_, i) => i),
      [6, 9],
    );
    for (const view of views) {
      const seen = view.image(image(Float32Array.from(classes.values), [1, 6, 9]));
      expect(seen.shape.slice(1)).toEqual([view.canvas.height, view.canvas.width]);
      if (!view.name.startsWith("scale 1,")) continue;
      expect(view.undoImage(view.image(maps))).toEqual(maps);
      const turned = image(Uint8Array.from(classes.values), [1, 6, 9]);
      const asMask = view.image(turned);
      const undone = view.undoMask(mask(asMask.values, [asMask.shape[1], asMask.shape[2]]));
      expect([...undone.values]).toEqual([...classes.values]);
      // A box around one pixel of the view comes back as the box around that pixel of the image.
      const place = [...asMask.values].indexOf(12); // row 1, column 3
      const [x, y] = [place % view.canvas.width, Math.floor(place / view.canvas.width)];
      expect([...view.undoBoxes(boxes(Float32Array.of(x, y, x + 1, y + 1))).values]).toEqual([3, 1, 4, 2]);
      expect([...view.undoKeypoints(keypoints(Float32Array.of(x + 0.5, y + 0.5))).values]).toEqual([3.5, 1.5]);
    }
    const [first] = views;
    if (!first) throw new Error("no views");
    expect([...averageMaps([maps, { ...maps, values: maps.values.map((value) => value + 1) }]).values]).toEqual(
      [...maps.values].map((value) => Math.fround((value + Math.fround(value + 1)) / 2)),
    );
  });
});
