// The exact functions: inverse pairs, what is conserved, worked examples, and batches on the backend.
import {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  brightnessBatch,
  contrastBatch,
  mixupBatch,
  mixupImages,
  normaliseBatch,
  normaliseImage,
  saturationBatch,
  affineWarp,
  averageMaps,
  boxes,
  copyPaste,
  cutmix,
  drawCopyPaste,
  elasticTransform,
  equalize,
  gaussianBlurBatch,
  gaussianBlurImage,
  gridWarp,
  image,
  invertImage,
  keypoints,
  localWarp,
  mask,
  mixup,
  mosaic,
  motionBlurImage,
  parametersOf,
  permuteChannels,
  perspectiveWarp,
  resizeBatch,
  resizeImage,
  resizeKeypoints,
  rotationWarp,
  tenCrop,
  testTimeViews,
  turnImage,
  warpBatch,
  warpImage,
  warpKeypoints,
  warpMask,
} from "@stria/augmentation";
import { type Tensor, compile, evaluating, grad, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { itemRandom } from "@stria/data";
import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await useBackend(reference());
});

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

describe("what is conserved", () => {
  it("a flat image stays flat through every filter and resize; brightness 1 and no pull change nothing", () => {
    fc.assert(
      fc.property(sizes, fc.double({ min: 0.01, max: 1, noNaN: true }), ({ height, width }, level) => {
        const flat = image(new Float32Array(height * width).fill(level), [1, height, width]);
        const near = (values: Float32Array): void => {
          for (const value of values) expect(value).toBeCloseTo(level, 5);
        };
        near(gaussianBlurImage(flat, { kernelSize: [3, 3], sigma: [1, 0.5] }).values);
        near(motionBlurImage(flat, { size: 3, angle: 33, direction: 0.5 }).values);
        for (const interpolation of ["nearest", "nearestExact", "bilinear", "bicubic"] as const)
          near(resizeImage(flat, { height: 7, width: 3 }, { interpolation }).values);
        near(warpImage(flat, rotationWarp({ height, width }, { angle: 30 }), { fill: level }).values);
        expect(adjustBrightness(flat, 1)).toEqual(flat);
        const none = localWarp({ height, width }, { centre: [1, 1], radius: 2, shift: [0, 0] });
        expect(warpImage(flat, none)).toEqual(flat);
      }),
    );
  });

  it("mass: halving an image by its mean halves each side's mass; whole translation drops what leaves and nothing else", () => {
    const picture = image(floats(64), [1, 8, 8]);
    const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((total, value) => total + value, 0);
    const half = resizeImage(picture, { height: 4, width: 4 }, { antialias: false });
    expect(sum(half.values) * 4).toBeCloseTo(sum(picture.values), 4); // two by two, each once
    const moved = warpImage(picture, affineWarp({ height: 8, width: 8 }, { translate: [2, 0] }));
    const kept = [...picture.values].filter((_, i) => i % 8 < 6);
    expect(sum(moved.values)).toBeCloseTo(sum(kept), 5);
  });

  it("area: a disc of a mask grows by the square of the scale, and keeps its area when it is turned or sheared", () => {
    const [side, radius] = [96, 20];
    const disc = mask(
      Uint8Array.from({ length: side * side }, (_, i) =>
        Math.hypot((i % side) + 0.5 - side / 2, Math.floor(i / side) + 0.5 - side / 2) < radius ? 1 : 0,
      ),
      [side, side],
    );
    const area = (parameters: Parameters<typeof affineWarp>[1]): number =>
      warpMask(disc, affineWarp({ height: side, width: side }, parameters)).values.reduce(
        (sum, value) => sum + value,
        0,
      );
    const whole = Math.PI * radius ** 2;
    expect(Math.abs(area({ angle: 37 }) / whole - 1)).toBeLessThan(0.01);
    expect(Math.abs(area({ shear: [15, 0] }) / whole - 1)).toBeLessThan(0.01);
    expect(Math.abs(area({ scale: 1.7 }) / whole - 1.7 ** 2)).toBeLessThan(0.02 * 1.7 ** 2);
    expect(Math.abs(area({ scale: 0.5 }) / whole - 0.25)).toBeLessThan(0.01);
  });
});

describe("worked examples", () => {
  it("motion blur along rows is the mean of neighbours; along a column it leaves rows alone", () => {
    const picture = image(Float32Array.of(0, 0, 3, 0, 0, 0, 0, 3, 0, 0, 0, 0, 3, 0, 0), [1, 3, 5]);
    expect([...motionBlurImage(picture, { size: 3, angle: 0 }).values]).toEqual([
      0, 1, 1, 1, 0, 0, 1, 1, 1, 0, 0, 1, 1, 1, 0,
    ]);
    expect([...motionBlurImage(picture, { size: 3, angle: 90 }).values]).toEqual([...picture.values]);
  });

  it("an image of one value stays when it is equalised", () => {
    const flat = image(new Uint8Array(9).fill(77), [1, 3, 3]);
    expect(equalize(flat)).toEqual(flat);
  });

  it("ten crops are five of the image and five of its mirror image", () => {
    const crops = tenCrop(image(Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9), [1, 3, 3]), 1);
    expect(crops.map(({ values }) => values[0])).toEqual([1, 3, 7, 9, 5, 3, 1, 9, 7, 5]);
  });

  it("a mosaic: four images meet in a point, with what is theirs", () => {
    const corner = (value: number) => ({
      picture: image(new Uint8Array(4).fill(value), [1, 2, 2]),
      seen: mask(new Uint8Array(4).fill(value), [2, 2]),
      found: boxes(Float32Array.of(0, 0, 2, 2), Int32Array.of(value)),
      middle: keypoints(Float32Array.of(1, 1)),
    });
    const joined = mosaic(4, { fill: 9 }).apply([corner(1), corner(2), corner(3), corner(4)], { row: 1, column: 2 });
    // One row above the point, three below, of which images of two rows fill two.
    expect([...joined.picture.values]).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 9, 9, 9, 9]);
    expect([...joined.seen.values]).toEqual([1, 1, 2, 2, 3, 3, 4, 4, 3, 3, 4, 4, 0, 0, 0, 0]);
    expect([...joined.found.values]).toEqual([0, 0, 2, 1, 2, 0, 4, 1, 0, 1, 2, 3, 2, 1, 4, 3]);
    expect([...joined.found.labels]).toEqual([1, 2, 3, 4]);
    expect([...joined.middle.values]).toEqual([1, 0, 3, 0, 1, 2, 3, 2]);
    const { row, column } = mosaic([40, 80]).draw(itemRandom(1, { epoch: 0, index: 3 }));
    expect(row >= 10 && row <= 30 && column >= 20 && column <= 60).toBe(true);
  });

  it("copy-paste: an object on another hides part of it, and all of a small one", () => {
    const scene = (
      background: number,
      instances: readonly number[],
      box: readonly number[],
      labels: readonly number[],
    ) => ({
      image: image(
        Uint8Array.from({ length: 6 }, (_, i) => background + i),
        [1, 2, 3],
      ),
      instances: mask(Int32Array.from(instances), [2, 3]),
      boxes: boxes(Float32Array.from(box), Int32Array.from(labels)),
    });
    const target = scene(0, [1, 1, 0, 2, 0, 0], [0, 0, 2, 1, 0, 1, 1, 2], [7, 8]);
    const source = scene(100, [1, 0, 2, 1, 0, 0], [0, 0, 1, 2, 2, 0, 3, 1], [5, 6]);
    const made = copyPaste(target, source, { chosen: [0] });
    expect([...made.image.values]).toEqual([100, 1, 2, 103, 4, 5]);
    expect([...made.instances.values]).toEqual([2, 1, 0, 2, 0, 0]);
    expect([...made.boxes.values]).toEqual([1, 0, 2, 1, 0, 0, 1, 2]);
    expect([...made.boxes.labels]).toEqual([7, 5]); // 8 is hidden
    expect(drawCopyPaste(itemRandom(1, { epoch: 0, index: 1 }), 3, 1)).toEqual({ chosen: [0, 1, 2] });
  });

  it("mixup and CutMix draw shares of which the mean is a half, and labels that sum to 1", () => {
    const canvas = { height: 8, width: 8 };
    const batch = { values: Float32Array.of(1, 0, 0, 1), shape: [2, 1, 1, 2] } as const;
    let sum = 0;
    const draws = 2000;
    for (let index = 0; index < draws; index++) {
      const parameters = mixup({ alpha: 0.4 }).draw(itemRandom(5, { epoch: 0, index }), canvas);
      sum += parameters.lambda;
      const labels = mixup().labels([0, 1], 2, parameters, canvas);
      expect((labels[0] ?? 0) + (labels[1] ?? 0)).toBeCloseTo(1, 6);
      expect(mixup().images(batch, parameters).values[0]).toBeCloseTo(parameters.lambda, 6);
    }
    // Beta(0.4, 0.4) has variance 1 / (4 * 1.8): five standard errors of the mean.
    expect(Math.abs(sum / draws - 0.5)).toBeLessThan(5 * Math.sqrt(1 / 7.2 / draws));
    const window = cutmix().draw(itemRandom(5, { epoch: 0, index: 2 }), canvas);
    const share = 1 - (window.height * window.width) / 64;
    expect(cutmix().labels([0, 1], 2, window, canvas)[0]).toBeCloseTo(share, 6);
  });
});

describe("batches on the backend", () => {
  it("are what the functions make of each image, to 1e-6", async () => {
    const canvas = { height: 9, width: 11 };
    const one = image(floats(2 * 99), [2, 9, 11]);
    const batch = tensor(Float32Array.of(...one.values, ...one.values), { shape: [2, 2, 9, 11] });
    const warps = [
      rotationWarp(canvas, { angle: 33, expand: true }),
      affineWarp(canvas, { scale: 1.3, shear: [10, 5] }),
      gridWarp(canvas, { stepsX: [1.1, 0.9, 1], stepsY: [0.8, 1.2, 1] }),
    ];
    const parameters = { kernelSize: [5, 3], sigma: [1.2, 0.6] } as const;
    const pairs = [
      ...warps.flatMap((warp) =>
        (["bilinear", "nearest"] as const).map(
          (interpolation) => [warpBatch(batch, warp, interpolation), warpImage(one, warp, { interpolation })] as const,
        ),
      ),
      ...(["nearest", "bilinear", "bicubic"] as const).map((interpolation) => {
        const size = { height: 5, width: 17 };
        return [resizeBatch(batch, size, { interpolation }), resizeImage(one, size, { interpolation })] as const;
      }),
      [gaussianBlurBatch(batch, parameters), gaussianBlurImage(one, parameters)] as const,
    ];
    for (const [found, expected] of pairs) {
      expect(found.shape).toEqual([2, ...expected.shape]);
      const values = await found.data();
      for (const [i, value] of [...expected.values, ...expected.values].entries())
        expect(Math.abs((values[i] ?? 0) - value)).toBeLessThan(1e-6);
    }
  });

  it("colours, normalisation and mixing too; a factor for each image", async () => {
    const size = 3 * 4 * 5;
    const [first, second] = [floats(size), floats(size).map((value) => 1 - value)];
    const images = [image(first, [3, 4, 5]), image(second, [3, 4, 5])] as const;
    const batch = tensor(Float32Array.of(...first, ...second), { shape: [2, 3, 4, 5] });
    const statistics = { mean: [0.5, 0.4, 0.3], std: [0.2, 0.3, 0.4] };
    const [one, two] = [0.6, 1.7];
    const pairs = [
      [brightnessBatch(batch, [one, two]), images.map((each, i) => adjustBrightness(each, i === 0 ? one : two))],
      [contrastBatch(batch, [one, two]), images.map((each, i) => adjustContrast(each, i === 0 ? one : two))],
      [saturationBatch(batch, two), images.map((each) => adjustSaturation(each, two))],
      [normaliseBatch(batch, statistics), images.map((each) => normaliseImage(each, statistics))],
    ] as const;
    for (const [found, expected] of pairs) {
      const values = await found.data();
      for (const [i, value] of expected.flatMap((each) => [...each.values]).entries())
        expect(Math.abs((values[i] ?? 0) - value)).toBeLessThan(1e-6);
    }
    const mixed = await mixupBatch(batch, 0.3).data();
    const golden = mixupImages({ values: Float32Array.of(...first, ...second), shape: [2, 3, 4, 5] }, 0.3);
    for (const [i, value] of golden.values.entries()) expect(Math.abs((mixed[i] ?? 0) - value)).toBeLessThan(1e-6);
    expect(() => contrastBatch(tensor(floats(40), { shape: [1, 2, 4, 5] }), 1)).toThrow(
      "give [count, 1 or 3, height, width]",
    );
    expect(() => brightnessBatch(batch, [1])).toThrow("1 factors for 2 images");
    expect(() => saturationBatch(batch, -1)).toThrow("a factor is -1");
    expect(() => mixupBatch(batch, 2)).toThrow("lambda is 2");
    expect(() => normaliseBatch(batch, { mean: [0], std: [1] })).toThrow("give [count, 1, height, width]");
  });

  it("are part of a compiled function, and of its gradient", async () => {
    const canvas = { height: 4, width: 5 };
    const warp = rotationWarp(canvas, { angle: 20 });
    const batch = tensor(floats(60), { shape: [1, 3, 4, 5] });
    const augment = (images: Tensor): Tensor =>
      contrastBatch(warpBatch(gaussianBlurBatch(images, { kernelSize: [3, 3], sigma: [1, 1] }), warp), 1.1);
    const eager = await augment(batch).data();
    const traced = await compile(augment)(batch).data();
    for (const [i, value] of eager.entries()) expect(Math.abs((traced[i] ?? 0) - value)).toBeLessThan(1e-6);
    // Linear but for the cut at 0 and 1: the sum's slope along a direction is that of differences.
    const total = (images: Tensor): Tensor => augment(images).sum();
    const gradient = await evaluating(() => grad(total)(batch)).data();
    const step = 1e-3;
    const nudged = tensor(floats(60).with(33, (floats(60)[33] ?? 0) + step), { shape: [1, 3, 4, 5] });
    const slope = ((await total(nudged).item()) - (await total(batch).item())) / step;
    expect(Math.abs(slope - (gradient[33] ?? 0))).toBeLessThan(0.02);
  });
});
