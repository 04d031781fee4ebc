// What every transform promises, and what geometric ones promise of masks, boxes and key points.
import {
  type Boxes,
  type Mask,
  type PartsByName,
  type Transform,
  apply,
  boxes,
  compose,
  image,
  keypoints,
  mask,
  parametersOf,
} from "@stria/augmentation";
import { describe, expect, it } from "vitest";
import { automatic, colours, geometric, imagesAlone, statistical } from "./every-transform.ts";

const [height, width] = [32, 36];
const canvas = { height, width };
const value = (i: number): number => 20 + ((i * 37 + Math.floor(i / 7) * 11) % 200);
const bytes = Uint8Array.from({ length: 3 * height * width }, (_, i) => value(i));
const object = { left: 9, top: 8, right: 27, bottom: 24 };

/** A mask of class 5 inside of the object's box. */
function objectMask(): Mask<Uint8Array> {
  const values = new Uint8Array(height * width);
  for (let row = object.top; row < object.bottom; row++)
    values.fill(5, row * width + object.left, row * width + object.right);
  return mask(values, [height, width]);
}

const sample = {
  picture: image(bytes, [3, height, width]),
  floats: image(
    Float32Array.from(bytes, (byte) => byte / 255),
    [3, height, width],
  ),
  seen: objectMask(),
  found: boxes(Float32Array.of(object.left, object.top, object.right, object.bottom), Int32Array.of(5)),
  points: keypoints(Float32Array.of(18, 16, 12.5, 20.25)),
};
const named = (transforms: readonly Transform[]): { name: string; transform: Transform }[] =>
  transforms.map((transform) => ({ name: transform.name, transform }));
const all = [...geometric, ...colours, ...statistical, ...automatic];

describe.each(named(all))("$name", ({ transform }) => {
  it("gives the same bits for the same seed, from parameters that are JSON, and leaves the sample as it is", () => {
    const before = structuredClone(sample);
    const made = new Set<string>();
    for (let index = 0; index < 8; index++) {
      const parameters = parametersOf(transform, canvas, { seed: 3, epoch: 1, index });
      expect(parametersOf(transform, canvas, { seed: 3, epoch: 1, index })).toEqual(parameters);
      const first = apply(transform, sample, parameters);
      expect(apply(transform, sample, JSON.parse(JSON.stringify(parameters)))).toEqual(first);
      const size = transform.sizeAfter(canvas, parameters);
      for (const part of [first.picture, first.floats]) expect(part.shape.slice(1)).toEqual([size.height, size.width]);
      expect(first.seen.shape).toEqual([size.height, size.width]);
      expect(first.picture.values.length).toBe(first.picture.shape.reduce((product, side) => product * side, 1));
      made.add(Buffer.from(first.picture.values.buffer).toString("hex"));
    }
    expect(sample).toEqual(before);
    expect(made.has(Buffer.from(bytes).toString("hex")) && made.size === 1).toBe(false); // something happens
  });

  it("gives frames of a sequence the same parameters: two equal frames stay equal", () => {
    const frames = { first: sample.picture, second: sample.picture };
    const parameters = parametersOf(transform, canvas, { seed: 4, index: 1 });
    const made = apply(transform, frames, parameters);
    expect(made.second).toEqual(made.first);
  });
});

describe.each(named([...colours, ...statistical]))("$name", ({ transform }) => {
  it("leaves masks, boxes and key points alone", () => {
    const { picture, floats, ...others } = apply(
      transform,
      sample,
      parametersOf(transform, canvas, { seed: 1, index: 2 }),
    );
    expect(others).toEqual({ seen: sample.seen, found: sample.found, points: sample.points });
    for (const part of [picture, floats]) expect(part.values.every(Number.isFinite)).toBe(true);
  });
});

/** The box around the pixels of class 5. */
function extent({ values, shape: [, columns] }: Mask): readonly number[] | undefined {
  const places = [...values.keys()].filter((i) => values[i] === 5);
  if (places.length === 0) return undefined;
  const [xs, ys] = [places.map((i) => i % columns), places.map((i) => Math.floor(i / columns))];
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs) + 1, Math.max(...ys) + 1];
}

describe.each(named([...geometric, ...automatic]))("$name", ({ transform }) => {
  it("moves the box to where the mask is, makes no new labels, and moves the object's middle into its box", () => {
    for (let index = 0; index < 40; index++) {
      const parameters = parametersOf(transform, canvas, { seed: 9, index });
      const made: { readonly seen: Mask; readonly found: Boxes } = apply(transform, sample, parameters);
      const labels = new Set(made.seen.values);
      expect([...labels].every((label) => [0, 5, 9].includes(label))).toBe(true);
      const seen = extent(made.seen);
      const box = [...made.found.values];
      if (!seen || box.length === 0) continue;
      // A pixel belongs to the object where its centre does: half a pixel, and a corner that is no pixel's centre.
      for (const [side, edge] of seen.entries())
        expect(Math.abs(edge - (box[side] ?? 0)), `${index} ${side}`).toBeLessThan(1.6);
      const [x = 0, y = 0] = apply(transform, sample, parameters).points.values;
      const [left = 0, top = 0, right = 0, bottom = 0] = box;
      const { height: rows, width: columns } = transform.sizeAfter(canvas, parameters);
      const isSeen = x > 0 && x < columns && y > 0 && y < rows;
      const isInBox = x >= left - 0.01 && x <= right + 0.01 && y >= top - 0.01 && y <= bottom + 0.01;
      expect(isInBox || !isSeen).toBe(true);
    }
  });
});

describe("a list of all", () => {
  it("does what each does in turn", () => {
    const list = compose([...geometric, ...colours]);
    const parameters = parametersOf(list, canvas, { seed: 1, index: 5 });
    expect(parameters).toHaveLength(geometric.length + colours.length);
    const made = apply(list, { picture: sample.picture }, parameters);
    let [size, part] = [canvas, { picture: sample.picture } as PartsByName];
    for (const [index, one] of [...geometric, ...colours].entries()) {
      part = apply(one, part, parameters[index], size);
      size = one.sizeAfter(size, parameters[index]);
    }
    expect(part).toEqual(made);
  });

  it("those for images alone refuse masks", () => {
    for (const transform of imagesAlone) {
      const parameters = parametersOf(transform, canvas, { seed: 1, index: 5 });
      expect(apply(transform, { picture: sample.picture }, parameters).picture.shape).toEqual([3, height, width]);
      // @ts-expect-error there is no rule for a mask
      expect(() => apply(transform, sample, parameters)).toThrow("it has no rule for mask, such as seen");
    }
  });
});
