// Augmentation as graph ops is that of single images for the same parameters, on every backend, inside of a compiled function whose arguments the parameters are.
import {
  type Image,
  adjustHue,
  adjustSaturation,
  addNoise,
  apply,
  coarseDropout,
  cutmixBatch,
  cutmixImages,
  eraseBatch,
  flipBatch,
  flipImage,
  gaussianNoise,
  gaussianNoiseBatch,
  gridMask,
  horizontalFlip,
  hueBatch,
  image,
  noiseBatch,
  parametersOf,
  saltAndPepper,
  saltAndPepperBatch,
  saltAndPepperNoise,
  saturationBatch,
} from "@stria/augmentation";
import { type Tensor, compile, slice, tensor } from "@stria/core";
import { expect, test } from "vitest";
import { backendNames } from "../src/golden/backends.ts";
import { onBackend } from "./on-backend.ts";

const [count, height, width] = [4, 9, 11];
const canvas = { height, width };
const size = 3 * height * width;

/** Colours of all kinds; the first image has greys, pure colours and equal channels as well. */
function imageOf(which: number): Image<Float32Array> {
  const values = Float32Array.from({ length: size }, (_, i) => ((i * (53 + 6 * which)) % 251) / 251);
  const corners = [
    [0, 0, 0],
    [1, 1, 1],
    [0.4, 0.4, 0.4],
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
    [1, 1, 0],
    [0.2, 0.7, 0.7],
  ];
  if (which === 0)
    for (const [pixel, colour] of corners.entries())
      for (const [channel, value] of colour.entries()) values[channel * height * width + pixel] = value;
  return image(values, [3, height, width]);
}

const images = Array.from({ length: count }, (_, which) => imageOf(which));
const batch = (): Tensor =>
  tensor(Float32Array.from(images.flatMap(({ values }) => [...values])), { shape: [count, 3, height, width] });
const numbers = (values: readonly number[]): Tensor => tensor(Float32Array.from(values), { shape: [values.length] });

async function expectClose(found: Tensor, expected: readonly Image[], tolerance: number): Promise<void> {
  const values = await found.data();
  const wanted = expected.flatMap((one) => [...one.values]);
  expect(values).toHaveLength(wanted.length);
  const farthest = wanted.reduce((most, value, i) => Math.max(most, Math.abs(value - Number(values[i]))), 0);
  expect(farthest).toBeLessThan(tolerance);
}

for (const name of backendNames)
  await onBackend(name, () =>
    test("hues, mirror images, noise and erasing", async () => {
      const place = (index: number) => ({ seed: 5, index });

      // Sixths of the colour circle up to 6 + 3 in float32, then times a range of 1: an error of 1e-6 at most, twice.
      const turns = [0.5, -0.5, 0.13, -0.31];
      const turned = images.map((one, i) => adjustHue(one, turns[i] ?? 0));
      await expectClose(compile(hueBatch)(batch(), numbers(turns)), turned, 3e-6);
      await expectClose(
        hueBatch(batch(), 0.2),
        images.map((one) => adjustHue(one, 0.2)),
        3e-6,
      );
      const factors = [0, 0.5, 1, 2.5];
      const saturated = images.map((one, i) => adjustSaturation(one, factors[i] ?? 0));
      await expectClose(compile(saturationBatch)(batch(), numbers(factors)), saturated, 1e-6);

      const flips = images.map((_, i) => parametersOf(horizontalFlip(), canvas, place(i)).flip);
      expect(new Set(flips).size).toBe(2);
      const asTensor = tensor(Uint8Array.from(flips, Number), { shape: [count] });
      for (const direction of ["horizontal", "vertical"] as const) {
        const mirrored = images.map((one, i) => (flips[i] ? flipImage(one, direction) : one));
        await expectClose(
          compile((x: Tensor, f: Tensor) => flipBatch(x, direction, f))(batch(), asTensor),
          mirrored,
          1e-9,
        );
        await expectClose(flipBatch(batch(), direction, flips), mirrored, 1e-9);
      }

      const normal = images.map((_, i) => parametersOf(gaussianNoise({ sigma: [0.1, 0.3] }), canvas, place(i)));
      const noise = noiseBatch(
        normal.map((drawn) => drawn?.noise ?? { low: 0, high: 0 }),
        [3, height, width],
        "normal",
      );
      const sigmas = normal.map((drawn) => drawn?.strength ?? 0);
      const noisy = images.map((one, i) => apply(gaussianNoise(), { one }, normal[i] ?? null).one);
      await expectClose(compile(gaussianNoiseBatch)(batch(), noise, numbers(sigmas)), noisy, 1e-6);
      const first = (await noise.data()).slice(0, size);
      const [one] = images;
      if (one) {
        const unclipped = { mean: 0.1, sigma: 0.2, clip: false };
        const expected = addNoise(one, Float32Array.from(first, Number), unclipped);
        const whole = gaussianNoiseBatch(batch(), noise, 0.2, unclipped);
        await expectClose(slice(whole, [0, 0, 0, 0], [1, 3, height, width]), [expected], 1e-6);
      }

      const speckles = images.map((_, i) => parametersOf(saltAndPepperNoise({ amount: [0.1, 0.6] }), canvas, place(i)));
      const keys = speckles.map((drawn) => drawn?.noise ?? { low: 0, high: 0 });
      const uniform = noiseBatch(keys, [1, height, width], "uniform");
      const amounts = speckles.map((drawn) => drawn?.strength ?? 0);
      const peppered = images.map((each, i) => apply(saltAndPepperNoise(), { each }, speckles[i] ?? null).each);
      await expectClose(compile(saltAndPepperBatch)(batch(), uniform, numbers(amounts)), peppered, 1e-9);
      const evenly = images.map((each) =>
        saltAndPepper(
          each,
          Float32Array.of(...Array(height * width).keys()).map((i) => i / 99),
          0.5,
        ),
      );
      const ramp = Float32Array.from({ length: count * height * width }, (_, i) => (i % (height * width)) / 99);
      await expectClose(
        saltAndPepperBatch(batch(), tensor(ramp, { shape: [count, 1, height, width] }), 0.5),
        evenly,
        1e-9,
      );

      for (const transform of [coarseDropout({ probability: 0.7, fill: [1, 0.5, 0] }), gridMask({ probability: 1 })]) {
        const holes = images.map((_, i) => parametersOf(transform, canvas, place(i)));
        const erased = images.map((each, i) => apply(transform, { each }, holes[i] ?? null).each);
        const windows = holes.map((drawn) => drawn?.windows ?? []);
        const fill = transform.name === "gridMask" ? 0 : [1, 0.5, 0];
        await expectClose(eraseBatch(batch(), windows, fill), erased, 1e-9);
      }
      const rectangles = tensor(Int32Array.of(-2, 3, 5, 4, 0, 0, 0, 0, 7, 9, 20, 20, 1, 1, 1, 1), { shape: [4, 1, 4] });
      const shown = await compile((x: Tensor, windows: Tensor, fill: Tensor) => eraseBatch(x, windows, fill))(
        batch(),
        rectangles,
        batch().neg(),
      ).data();
      const inside = (i: number, y: number, x: number): boolean =>
        [y < 3 && x >= 3 && x < 7, false, y >= 7 && x >= 9, y === 1 && x === 1][i] ?? false;
      for (const [i, each] of images.entries())
        for (const [at, value] of each.values.entries()) {
          const pixel = at % (height * width);
          const wanted = inside(i, Math.floor(pixel / width), pixel % width) ? -value : value;
          expect(Math.abs(Number(shown[i * size + at]) - wanted)).toBeLessThan(1e-9);
        }

      const window = { top: 2, left: 5, height: 4, width: 6 };
      const mixed = cutmixImages(
        { values: Float32Array.from(await batch().data(), Number), shape: [count, 3, height, width] },
        window,
      );
      await expectClose(cutmixBatch(batch(), window), [image(mixed.values, [3 * count, height, width])], 1e-9);
    }),
  );
