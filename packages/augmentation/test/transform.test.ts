// What a transform promises: parameters that depend on seed, epoch and sample alone, and a function that is exact.
import { AttributeError, ShapeError } from "@stria/core";
import { arrayDataset, loader } from "@stria/data";
import {
  type Transform,
  apply,
  augmented,
  boxes,
  compose,
  horizontalFlip,
  image,
  keypoints,
  mask,
  normalise,
  parametersOf,
  randomCrop,
  randomShorterSide,
  verticalFlip,
} from "@stria/augmentation";
import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";

const shape = [2, 5, 6] as const;
const canvas = { height: 5, width: 6 };
const size = 2 * 5 * 6;
const count = 12;
const pixels = Float32Array.from({ length: count * size }, (_, index) => index + 1);
const dataset = arrayDataset(
  pixels,
  Array.from({ length: count }, (_, index) => index),
  { shape, numClasses: count },
);
const transform = compose([randomCrop([5, 6], { padding: 2 }), horizontalFlip()]);

/** The images of an epoch by their labels, as a loader gives them. */
async function epochOf(
  epoch: number,
  batchSize: number,
  shuffle: boolean,
  prefetch: number,
): Promise<Map<number, number[]>> {
  const batches = loader(dataset, {
    ...augmented(dataset, { x: "image" }, transform),
    batchSize,
    shuffle,
    seed: 7,
    prefetch,
  });
  const found = new Map<number, number[]>();
  for await (const { x, y } of batches.batches(epoch)) {
    const values = [...(await x.data())];
    for (const [row, label] of [...(await y.data())].entries())
      found.set(label, values.slice(row * size, (row + 1) * size));
  }
  return found;
}

describe("parameters", () => {
  it("are a function of seed, epoch and sample, whatever the batches", async () => {
    const expected = await epochOf(3, 4, false, 0);
    expect(await epochOf(3, 5, true, 3)).toEqual(new Map([...expected].toSorted(([a], [b]) => a - b)));
    expect(await epochOf(4, 4, false, 0)).not.toEqual(expected);
    for (const [index, values] of expected) {
      const parameters = parametersOf(transform, canvas, { seed: 7, epoch: 3, index });
      const sample = { x: image(pixels.subarray(index * size, (index + 1) * size), shape) };
      expect([...apply(transform, sample, parameters).x.values]).toEqual(values);
    }
  });

  it("can be logged as JSON and replayed", () => {
    const sample = { x: image(pixels.subarray(0, size), shape) };
    for (let index = 0; index < 20; index++) {
      const parameters = parametersOf(transform, canvas, { seed: 1, index });
      const replayed = JSON.parse(JSON.stringify(parameters)) as typeof parameters;
      expect(apply(transform, sample, replayed)).toEqual(apply(transform, sample, parameters));
    }
  });

  it("of one transform do not depend on the others", () => {
    const alone = compose([randomCrop([5, 6], { padding: 2 }), horizontalFlip({ probability: 1 }), verticalFlip()]);
    for (let index = 0; index < 20; index++)
      expect(parametersOf(alone, canvas, { seed: 1, index })[0]).toEqual(
        parametersOf(transform, canvas, { seed: 1, index })[0],
      );
  });

  it("are spread over all places: each of 25 windows and both ways, each as often as chance has it", () => {
    const places = new Map<string, number>();
    const draws = 5000;
    for (let index = 0; index < draws; index++) {
      const [{ top, left }, { flip }] = parametersOf(transform, canvas, { seed: 2, index });
      const key = `${top} ${left} ${flip}`;
      places.set(key, (places.get(key) ?? 0) + 1);
    }
    expect(places.size).toBe(50);
    const expected = draws / 50;
    const chiSquare = [...places.values()].reduce((sum, found) => sum + (found - expected) ** 2 / expected, 0);
    expect(chiSquare).toBeLessThan(85.4); // 49 degrees of freedom: exceeded with probability 0.001
  });
});

describe("the function", () => {
  const sample = {
    picture: image(
      Uint8Array.from({ length: 12 }, (_, i) => i + 1),
      [1, 3, 4],
    ),
    target: image(
      Float32Array.from({ length: 12 }, (_, i) => i / 2),
      [1, 3, 4],
    ),
    classes: mask(
      Int32Array.from({ length: 12 }, (_, i) => 100 + i),
      [3, 4],
    ),
    found: boxes(Float32Array.of(0, 0, 2, 1, 3, 2, 4, 3), Int32Array.of(5, 6)),
    eyes: keypoints(Float32Array.of(0.5, 0.5, 3.5, 2.5)),
  };

  it("moves all parts of a sample alike", () => {
    const crop = randomCrop(2, { padding: 1, fill: 9, maskFill: 255 });
    const made = apply(crop, sample, { top: -1, left: 1, height: 2, width: 2 });
    expect([...made.picture.values]).toEqual([9, 9, 2, 3]);
    expect([...made.target.values]).toEqual([9, 9, 0.5, 1]);
    expect([...made.classes.values]).toEqual([255, 255, 101, 102]);
    expect([...made.found.values]).toEqual([0, 1, 1, 2]); // the other one is outside
    expect([...made.found.labels]).toEqual([5]);
    expect([...made.eyes.values]).toEqual([-0.5, 1.5, 2.5, 3.5]);
    const flipped = apply(horizontalFlip(), sample, { flip: true });
    expect([...flipped.picture.values]).toEqual([4, 3, 2, 1, 8, 7, 6, 5, 12, 11, 10, 9]);
    expect([...flipped.found.values]).toEqual([2, 0, 4, 1, 0, 2, 1, 3]);
    expect([...flipped.eyes.values]).toEqual([3.5, 0.5, 0.5, 2.5]);
    expect(apply(horizontalFlip(), sample, { flip: false })).toEqual(sample);
  });

  it("leaves what it is given as it is", () => {
    const before = structuredClone(sample);
    apply(compose([horizontalFlip(), verticalFlip()]), sample, [{ flip: true }, { flip: true }]);
    expect(sample).toEqual(before);
  });

  it("twice the mirror image is the sample; a box of ones in a mask moves as its box does", () => {
    fc.assert(
      fc.property(
        fc.nat(1000),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 1, max: 6 }),
        (seed, height, width) => {
          const [top, left] = [seed % height, seed % width];
          const values = new Uint8Array(height * width).fill(0);
          for (let row = top; row < height; row++) values.fill(1, row * width + left, (row + 1) * width);
          const given = { seen: mask(values, [height, width]), box: boxes(Float32Array.of(left, top, width, height)) };
          const both = compose([horizontalFlip(), verticalFlip()]);
          const turned = apply(both, given, [{ flip: true }, { flip: true }]);
          expect(apply(both, turned, [{ flip: true }, { flip: true }])).toEqual(given);
          const crop = randomCrop([height, width], { padding: 2 });
          const made = apply(crop, turned, parametersOf(crop, { height, width }, { seed, index: 0 }));
          const [x1 = 0, y1 = 0, x2 = 0, y2 = 0] = made.box.values;
          const area = Array.from(made.seen.values).filter((value) => value === 1).length;
          expect(area).toBe((x2 - x1) * (y2 - y1));
        },
      ),
    );
  });
});

describe("types", () => {
  it("keep the arrays of images and know the parameters", () => {
    const parameters = parametersOf(transform, canvas, { seed: 1, index: 0 });
    expectTypeOf(parameters[1]).toEqualTypeOf<{ readonly flip: boolean }>();
    expectTypeOf(parameters[0].top).toEqualTypeOf<number>();
  });

  it("refuse a part without a rule, and so does the program", () => {
    const brighter: Transform<{ readonly by: number }, "image"> = {
      name: "brighter",
      draw: (random) => ({ by: random.uniform() }),
      sizeAfter: (before) => before,
      rules: { image: (part) => part },
    };
    const both = compose([brighter, horizontalFlip()]);
    const sample = { x: image(new Float32Array(4), [1, 2, 2]), y: mask(new Uint8Array(4), [2, 2]) };
    expect(apply(both, { x: sample.x }, [{ by: 1 }, { flip: false }]).x).toEqual(sample.x);
    // @ts-expect-error brighter has no rule for masks
    expect(() => apply(both, sample, [{ by: 1 }, { flip: false }])).toThrow(
      "compose(brighter, horizontalFlip): it has no rule for mask, such as y. Remedy: leave that part out, or use another transform.",
    );
    const fields = { x: { shape: [1, 2, 2], dtype: "float32" }, y: { shape: [2, 2], dtype: "uint8" } } as const;
    const pairs = { length: 1, fields, get: () => ({ x: new Float32Array(4), y: new Uint8Array(4) }) };
    // @ts-expect-error nor here
    expect(() => augmented(pairs, { x: "image", y: "mask" }, both)).toThrow("it has no rule for mask, such as y");
  });
});

describe("errors", () => {
  const small = image(new Uint8Array(4), [1, 2, 2]);

  it("name what does not fit", () => {
    expect(() => randomCrop(0)).toThrow(AttributeError);
    expect(() => randomCrop(4, { padding: -1 })).toThrow("padding is -1");
    // @ts-expect-error what JavaScript may pass
    expect(() => randomCrop(4, { border: "mirror" })).toThrow('border is "mirror"');
    expect(() => horizontalFlip({ probability: 1.5 })).toThrow("probability is 1.5");
    expect(() => parametersOf(randomCrop(4, { padding: 0 }), { height: 2, width: 9 }, { index: 0 })).toThrow(
      "a crop of 4x4 does not fit into an image of 2x9 with padding 0. Remedy: use a smaller size or more padding.",
    );
    expect(() => image(new Uint8Array(3), [1, 2, 2])).toThrow(ShapeError);
    expect(() => image(new Uint8Array(0), [1, 0, 2])).toThrow("its shape is [1, 0, 2]");
    expect(() => boxes(Float32Array.of(2, 0, 1, 1))).toThrow("box 0 is [2, 0, 1, 1]");
    expect(() => boxes(new Float32Array(5))).toThrow(ShapeError);
    expect(() => keypoints(new Float32Array(3))).toThrow(ShapeError);
    const other = { x: small, y: mask(new Uint8Array(6), [2, 3]) };
    expect(() => apply(horizontalFlip(), other, { flip: true })).toThrow("y: it is 2x3, and x is 2x2");
    expect(() => apply(horizontalFlip(), { p: keypoints(new Float32Array(2)) }, { flip: true })).toThrow("no size");
    const crop = randomCrop(2, { padding: 1, fill: 0.5 });
    expect(() => apply(crop, { x: small }, { top: 0, left: 0, height: 2, width: 2 })).toThrow("fill is 0.5");
    expect(() => apply(crop, { x: small }, { top: 0.5, left: 0, height: 2, width: 2 })).toThrow(
      "the window is 2x2 at row 0.5, column 0",
    );
    const two = randomCrop(2, { padding: 1, fill: [1, 2] });
    expect(() => apply(two, { x: small }, { top: 0, left: 0, height: 2, width: 2 })).toThrow(
      "2 numbers for 1 channels",
    );
    // @ts-expect-error a log of another transform
    expect(() => apply(transform, { x: small }, [{ flip: true }])).toThrow("1 parameters for 2 transforms");
  });

  it("name the field of a dataset that is no image", () => {
    expect(() => augmented({ ...dataset, fields: {} }, { x: "image" }, transform)).toThrow(
      "the dataset does not state the shape of field x",
    );
    const flat = {
      fields: { x: { shape: [60], dtype: "float32" } },
      get: () => ({ x: new Float32Array(60) }),
    } as const;
    expect(() => augmented(flat, {}, transform)).toThrow("no field is an image or a mask");
    expect(() => augmented(flat, { x: "image" }, horizontalFlip())).toThrow(
      "field x (Float32Array) of shape [60] is no image",
    );
    const wrong = {
      fields: { x: { shape: [1, 2, 2], dtype: "float32" } },
      length: 1,
      get: () => ({ x: [1, 2, 3, 4] }),
    } as const;
    const batches = loader(wrong, { ...augmented(wrong, { x: "image" }, horizontalFlip()), batchSize: 1 });
    expect(() => [...batches]).toThrow("field x (Array) of shape [1, 2, 2] is no image");
  });

  it("images that become grey, or floats, state that to the loader; and all of a batch are of one size", async () => {
    const bytes = {
      fields: { x: { shape: [3, 4, 6], dtype: "uint8" } },
      length: 4,
      get: (index: number) => ({ x: new Uint8Array(72).fill(20 * index) }),
    } as const;
    const toFloats = compose([randomCrop(3), normalise({ mean: [0, 0, 0], std: [1, 1, 1] })]);
    const batches = loader(bytes, { ...augmented(bytes, { x: "image" }, toFloats), batchSize: 4 });
    for (const { x } of batches) {
      expect([x.dtype, ...x.shape]).toEqual(["float32", 4, 3, 3, 3]);
      expect((await x.data())[27]).toBeCloseTo(20 / 255, 6);
    }
    const turning = augmented(bytes, { x: "image" }, randomShorterSide([2, 9]));
    expect(() => [...loader(bytes, { ...turning, batchSize: 4, seed: 1 })]).toThrow(
      "end with a transform that makes all of one size",
    );
  });

  it("a crop of another size states its shape to the loader", () => {
    const smaller = loader(dataset, { ...augmented(dataset, { x: "image" }, randomCrop(3)), batchSize: 2 });
    for (const { x } of smaller) expect(x.shape).toEqual([2, 2, 3, 3]);
  });
});
