// Batches on the backend are what the exact functions make of each image, inside of compiled functions too.
import {
  adjustBrightness,
  adjustContrast,
  adjustSaturation,
  brightnessBatch,
  contrastBatch,
  cutmixBatch,
  eraseBatch,
  flipBatch,
  gaussianNoiseBatch,
  hueBatch,
  saltAndPepperBatch,
  mixupBatch,
  mixupImages,
  normaliseBatch,
  normaliseImage,
  saturationBatch,
  affineWarp,
  gaussianBlurBatch,
  gaussianBlurImage,
  gridWarp,
  image,
  resizeBatch,
  resizeImage,
  rotationWarp,
  warpBatch,
  warpImage,
} from "@stria/augmentation";
import { type Tensor, compile, evaluating, grad, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";

beforeAll(async () => {
  await useBackend(reference());
});

const pixel = (i: number): number => (i * 53) % 251;
const floats = (count: number): Float32Array => Float32Array.from({ length: count }, (_, i) => pixel(i) / 251);

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

  it("refuse what does not fit, in words", () => {
    const batch = tensor(floats(2 * 3 * 4 * 5), { shape: [2, 3, 4, 5] });
    const single = tensor(floats(60), { shape: [3, 4, 5] });
    const one = { top: 0, left: 0, height: 2, width: 2 };
    for (const [call, message] of [
      [() => hueBatch(batch, 0.6), "a share is 0.6. Remedy: use numbers from -0.5 to 0.5"],
      [() => hueBatch(batch, tensor([0, 0, 0])), "3 shares for 2 images"],
      [() => hueBatch(batch, tensor([[0, 0]])), "shares of shape [1, 2]. Remedy: pass one for each image: [count]"],
      [() => flipBatch(single, "vertical"), "give [count, channels, height, width]"],
      [() => flipBatch(batch, "vertical", [true]), "1 flips for 2 images"],
      [
        () => gaussianNoiseBatch(batch, single, 0.1),
        "noise of shape [3, 4, 5]. Remedy: give numbers of shape [2, 3, 4, 5]",
      ],
      [() => gaussianNoiseBatch(batch, batch, -1), "a sigma is -1. Remedy: use finite numbers from 0"],
      [() => saltAndPepperBatch(batch, batch, 0.1), "give numbers of shape [2, 1, 4, 5]"],
      [() => eraseBatch(batch, [one]), "1 lists of rectangles for 2 images"],
      [() => eraseBatch(batch, single), "rectangles of shape [3, 4, 5]. Remedy: give [count, rectangles, 4]"],
      [() => eraseBatch(batch, [one, []], single), "a fill of shape [3, 4, 5] for images of [2, 3, 4, 5]"],
      [() => eraseBatch(batch, [one, []], [1, 2]), "fill has 2 numbers for 3 channels"],
      [() => eraseBatch(batch, [{ ...one, top: 0.5 }, []]), "the window is 2x2 at row 0.5, column 0"],
      [() => cutmixBatch(single, one), "a batch of shape [3, 4, 5]"],
    ] as const)
      expect(call).toThrow(message);
  });
});
