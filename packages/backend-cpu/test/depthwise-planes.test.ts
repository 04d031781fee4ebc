// Depthwise convolutions of images that lie channel by channel: computed as they lie, for all windows, against float64 and on any number of threads.
import { add, at, compile, conv, fromHost, maximum, minimum, reshape, type Tensor, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { explain } from "../src/index.ts";
import { Random } from "./support/random.ts";
import { usualBackends } from "./support/usual-backends.ts";

const backends = usualBackends();

interface Drawn {
  readonly images: number;
  readonly channels: number;
  readonly times: number;
  readonly size: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  readonly padding: readonly (readonly [number, number])[];
}

function draw(random: Random): Drawn {
  const kernel = random.pick([
    [3, 3],
    [3, 3],
    [3, 2],
    [1, 5],
    [9, 1],
    [2, 4],
  ]);
  const dilation = random.chance(0.3) ? random.shape(2, 2) : [1, 1];
  return {
    images: random.integer(1, 2),
    channels: random.integer(2, 3),
    times: random.integer(1, 2),
    size: kernel.map((length, axis) => (length - 1) * at(dilation, axis) + random.integer(1, 16) + axis * 14),
    kernel,
    stride: [random.integer(1, 3), random.integer(1, 2)],
    dilation,
    padding: kernel.map(() => [random.integer(0, 3), random.integer(0, 3)]),
  };
}

/** In float64: what the rectifier, with or without a bound from above, leaves of the sums and the bias. */
function inDoubles(
  { images, channels, times, size, kernel, stride, dilation, padding }: Drawn,
  places: readonly number[],
  [x, weight, bias]: readonly [Float32Array, Float32Array, Float32Array],
  most: number,
): number[] {
  const [height = 0, width = 0] = size;
  const [rows = 0, columns = 0] = places;
  const outputs = channels * times;
  const result: number[] = [];
  for (let plane = 0; plane < images * outputs; plane++)
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        const output = plane % outputs;
        let sum = at(bias, output);
        for (let k = 0; k < at(kernel, 0); k++)
          for (let l = 0; l < at(kernel, 1); l++) {
            const i = row * at(stride, 0) + k * at(dilation, 0) - at(at(padding, 0), 0);
            const j = column * at(stride, 1) + l * at(dilation, 1) - at(at(padding, 1), 0);
            if (i < 0 || j < 0 || i >= height || j >= width) continue;
            const tap = (output * at(kernel, 0) + k) * at(kernel, 1) + l;
            sum += at(weight, tap) * at(x, (Math.floor(plane / times) * height + i) * width + j);
          }
        result.push(Math.min(most, Math.max(0, sum)));
      }
  return result;
}

test("windows of all kinds, with a bias and a rectifier, bounded or not", async () => {
  const algorithms: string[] = [];
  for (let seed = 0; seed < 60; seed++) {
    const random = new Random(seed);
    const drawn = draw(random);
    const { images, channels, times, size, kernel, stride, dilation, padding } = drawn;
    const value = (shape: number[]): Float32Array => Float32Array.from(random.value(shape).data);
    const [shape, filter] = [
      [images, channels, ...size],
      [channels * times, 1, ...kernel],
    ];
    const [x, weight, bias] = [value(shape), value(filter), value([channels * times])];
    const answers: Float32Array[] = [];
    const most = seed % 2 === 0 ? undefined : 0.75;
    let places: readonly number[] = [];
    for (const backend of backends) {
      await useBackend(backend);
      const f = compile((a: Tensor, w: Tensor, b: Tensor) => {
        const options = {
          stride: [...stride],
          dilation: [...dilation],
          padding: padding.map(([l, r]) => [l, r] as const),
        };
        const y = maximum(add(conv(a, w, { ...options, groups: channels }), reshape(b, [1, -1, 1, 1])), 0);
        return most === undefined ? y : minimum(y, most);
      });
      const given = [
        fromHost(x.slice(), shape, "float32"),
        fromHost(weight.slice(), filter, "float32"),
        fromHost(bias.slice(), [channels * times], "float32"),
      ] as const;
      const { units } = await explain(f, [...given]);
      for (const { algorithm } of units) algorithms.push(algorithm);
      const last = most === undefined ? "maximum" : "minimum";
      expect(units.filter(({ algorithm, ops }) => algorithm === "depthwisePlanes" && ops.at(-1) !== last)).toHaveLength(
        0,
      );
      const y = f(...given);
      places = y.shape.slice(2);
      answers.push(Float32Array.from(await y.data()));
    }
    const [one, three, plain] = answers;
    expect(three).toEqual(one);
    const wanted = inDoubles(drawn, places, [x, weight, bias], most ?? Infinity);
    expect(one).toHaveLength(wanted.length);
    // Nine products of numbers below 1 and their sums: some roundings of 10 at most.
    for (const found of [one, plain])
      expect(wanted.findIndex((want, index) => !(Math.abs(at(found ?? [], index) - want) <= 4e-6))).toBe(-1);
  }
  // All but a few whose windows reach too far out.
  expect(algorithms.filter((algorithm) => algorithm === "depthwisePlanes").length).toBeGreaterThan(160);
});
