// Channels-last weights compute the same channels-first: held against convolutions and sums written out.
import type { HostTensor, Shape } from "@stria/core";
import { fromChannelsLast } from "@stria/weights";
import { describe, expect, test } from "vitest";

/** Numbers 0, 1, 2, ... of a shape. */
function counting(...shape: number[]): HostTensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return { shape, dtype: "float32", data: Float32Array.from({ length: size }, (_, index) => index) };
}

/** The element at `place`, row-major. */
function at({ shape, data }: HostTensor, ...place: number[]): number | undefined {
  return data[place.reduce((index, position, axis) => index * (shape[axis] ?? 1) + position, 0)];
}

function places(shape: Shape): number[][] {
  return shape.reduce<number[][]>(
    (found, length) => found.flatMap((place) => Array.from({ length }, (_, position) => [...place, position])),
    [[]],
  );
}

describe("fromChannelsLast", () => {
  test.each([[[3]], [[3, 2]], [[2, 3, 4]]])("kernels over %j", (sizes) => {
    const conv = counting(...sizes, 2, 5);
    const moved = fromChannelsLast(conv, "conv");
    expect(moved.shape).toEqual([5, 2, ...sizes]);
    const depthwise = fromChannelsLast(conv, "depthwiseConv");
    expect(depthwise.shape).toEqual([10, 1, ...sizes]);
    for (const place of places(sizes))
      for (const [a, b] of places([2, 5]).map(([first = 0, second = 0]) => [first, second] as const)) {
        expect(at(moved, b, a, ...place)).toBe(at(conv, ...place, a, b));
        // Keras' DepthwiseConv: output channel in * multiplier + m.
        expect(at(depthwise, a * 5 + b, 0, ...place)).toBe(at(conv, ...place, a, b));
      }
    expect(fromChannelsLast(conv, "transposedConv")).toEqual(moved); // [...k, out, in] -> [in, out, ...k]: the same move
  });

  test("a dense layer, alone and behind a flatten of [h, w, channels]", () => {
    const dense = counting(12, 2);
    expect(fromChannelsLast(dense, "dense").shape).toEqual([2, 12]);
    expect(at(fromChannelsLast(dense, "dense"), 1, 7)).toBe(at(dense, 7, 1));
    const behind = fromChannelsLast(dense, "dense", { flattened: [2, 3, 2] });
    expect(behind.shape).toEqual([2, 12]);
    const features = counting(12);
    const moved = fromChannelsLast(features, "vector", { flattened: [2, 3, 2] });
    for (const [h = 0, w = 0, c = 0] of places([2, 3, 2])) {
      const [last, first] = [(h * 3 + w) * 2 + c, (c * 2 + h) * 3 + w];
      for (const out of [0, 1]) expect(at(behind, out, first)).toBe(at(dense, last, out));
      expect(at(moved, first)).toBe(last);
    }
  });

  test("float16 bits and the stored type stay", () => {
    const half: HostTensor = { shape: [2, 1], dtype: "float16", data: Uint16Array.of(1, 2), storedAs: "F16" };
    expect(fromChannelsLast(half, "dense")).toEqual({ ...half, shape: [1, 2] });
  });

  test("errors name the tensor, its shape and what is expected", () => {
    expect(() => fromChannelsLast(counting(3, 4), "conv", { source: "conv1/kernel" })).toThrow(
      "conv1/kernel: [3, 4] is not the shape of a weight of the kind conv. Remedy: pass a kernel of one to three dimensions",
    );
    expect(() => fromChannelsLast(counting(3), "dense")).toThrow(/\[3\] is not .* dense\. Remedy: pass .*two axes/);
    expect(() => fromChannelsLast(counting(3, 4), "vector")).toThrow(/pass a tensor of one axis/);
    expect(() => fromChannelsLast(counting(3, 4), "dense", { flattened: [2, 2, 1] })).toThrow(
      /\[3, 4\] does not begin with the 4 features that a flatten makes of \[2, 2, 1\]/,
    );
    expect(() => fromChannelsLast(counting(3, 4, 5), "conv", { flattened: [3] })).toThrow(/leave flattened out/);
    // @ts-expect-error what JavaScript may pass
    expect(() => fromChannelsLast(counting(3), "kernel")).toThrow(/there is no layout "kernel"/);
  });
});
