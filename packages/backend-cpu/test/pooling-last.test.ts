// Pooling over channels that lie side by side, for every combination of axes, stride, padding, dilation and channel count, against the reference.
import { at, type Attrs, type DType, type TypedArray } from "@stria/core";
import { reference } from "@stria/core/reference";
import { afterAll, describe, expect, test } from "vitest";
import { addMaxPoolGradientLast, addMaxPoolLast, type PoolGeometry } from "../src/program/channels-last/pooling.ts";
import {
  addAveragePoolGradientLast,
  addAveragePoolLast,
  addMaxPoolGatherLast,
  addMaxPoolSpreadLast,
} from "../src/program/channels-last/rare-pooling.ts";
import type { BufferId, ProgramBuilder } from "../src/program/steps.ts";
import { Pool } from "../src/pool/pool.ts";
import { difference, runNode, specOf, type Tolerance } from "./support/agree.ts";
import { channelsFirst, channelsLast } from "./support/channels-last.ts";
import { Random, type Value } from "./support/random.ts";
import { runWatched } from "./support/watched.ts";

const pools = await Promise.all([1, 3].map((threads) => Pool.start({ threads, shared: true, worker: false })));
afterAll(() => {
  for (const pool of pools) pool.dispose();
});
const oracle = reference();
/** Sums of at most some hundred terms, in another order than the reference's. */
const tolerance = { ofLargest: 3e-6 };

type Add = (builder: ProgramBuilder, inputs: readonly BufferId[], outputs: readonly BufferId[]) => void;

/** Where the steps differ from the reference, or one thread from three. */
async function disagreement(
  name: string,
  inputs: readonly Value[],
  attrs: Attrs,
  allowed: Tolerance,
  add: Add,
): Promise<string | undefined> {
  const node = specOf(name, inputs, attrs);
  const wanted = await runNode(oracle, node, inputs);
  const dtypes = node.outputs.map(({ dtype }) => dtype);
  const run = (pool: Pool): Promise<TypedArray[]> =>
    runWatched(
      pool,
      inputs.map(({ data, aval }) => ({ data: channelsLast(data, aval.shape), dtype: aval.dtype })),
      wanted.map(({ length }, index) => ({ dtype: at<DType>(dtypes, index), length })),
      add,
    );
  const [alone, shared] = [await run(at(pools, 0)), await run(at(pools, 1))];
  for (const [index, want] of wanted.entries()) {
    const found = channelsFirst(at(alone, index), at(node.outputs, index).shape);
    const bits = (data: TypedArray): Int32Array => new Int32Array(data.buffer, data.byteOffset, data.length);
    const words = bits(at(alone, index)).some((word, place) => word !== bits(at(shared, index))[place])
      ? "three threads differ from one"
      : difference(found, want, allowed);
    if (words !== undefined)
      return `${name} ${JSON.stringify(inputs.map(({ aval }) => aval.shape))} ${JSON.stringify(attrs)} output ${index}: ${words}`;
  }
  return undefined;
}

interface Case {
  readonly g: PoolGeometry;
  readonly attrs: { kernel: number[]; stride: number[]; dilation: number[]; padding: [number, number][] };
}

function drawn(random: Random, everyWindowSees: boolean): Case {
  const axes = random.integer(1, 3);
  const kernel = random.shape(axes, axes === 3 ? 3 : 5);
  const [stride, dilation] = [random.shape(axes, 3), random.shape(axes, 2)];
  const padding = kernel.map((length, axis): [number, number] => {
    if (!everyWindowSees) return [random.integer(0, 4), random.integer(0, 4)];
    const most = at(dilation, axis) > 1 ? 0 : length >> 1;
    return [random.integer(0, most), random.integer(0, most)];
  });
  const input = kernel.map((length, axis) => {
    const [before, after] = at(padding, axis);
    const least = (length - 1) * at(dilation, axis) + 1 - (everyWindowSees ? 0 : before + after);
    return random.integer(Math.max(1, least), Math.max(1, least) + (axes === 3 ? 4 : 12));
  });
  const attrs = { kernel, stride, dilation, padding };
  const [batch, channels] = [random.integer(1, 3), random.pick([1, 2, 3, 4, 5, 6, 8, 11, 16, 19, 24, 33])];
  const places = input.map((length, axis) => {
    const [before, after] = at(padding, axis);
    const rest = length + before + after - (at(kernel, axis) - 1) * at(dilation, axis) - 1;
    return Math.floor(rest / at(stride, axis)) + 1;
  });
  const before = padding.map(([first]) => first);
  return { attrs, g: { batch, channels, input, places, kernel, stride, dilation, before } };
}

describe("against the reference, on one thread and on three", () => {
  test("max pooling, with and without winners, and what follows the winners", async () => {
    const differences: (string | undefined)[] = [];
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed);
      const { g, attrs } = drawn(random, true);
      const shape = [g.batch, g.channels, ...g.input];
      const x = random.value(shape, "float32", seed % 3 === 0 ? "special" : "plain");
      if (seed % 8 === 1) x.data.fill(-Infinity);
      // Ties, so that the first has to win.
      if (seed % 4 === 2) x.data.forEach((value, index) => (x.data[index] = Math.round(value * 2)));
      const node = specOf("maxPool", [x], attrs);
      const [values, winners] = await runNode(oracle, node, [x]);
      if (!values || !winners) throw new Error("maxPool has two outputs");
      differences.push(
        await disagreement("maxPool", [x], attrs, {}, (builder, [input], [y, indices]) =>
          addMaxPoolLast(builder, g, { x: given(input), values: given(y), indices: given(indices) }),
        ),
      );
      const [alone] = await runWatched(
        at(pools, 1),
        [{ data: channelsLast(x.data, shape), dtype: "float32" }],
        [{ dtype: "float32", length: values.length }],
        (builder, [input], [y]) =>
          addMaxPoolLast(builder, g, { x: given(input), values: given(y), indices: undefined }),
      );
      differences.push(difference(channelsFirst(given(alone), at(node.outputs, 0).shape), values, {}));
      const indices: Value = { aval: at(node.outputs, 1), data: winners };
      const [dy, other] = [random.value(indices.aval.shape), random.value(shape)];
      const gradient =
        (ownWindows: boolean): Add =>
        (builder, [cotangent, places], [dx]) => {
          const add = ownWindows ? addMaxPoolGradientLast : addMaxPoolSpreadLast;
          add(builder, g, { dy: given(cotangent), indices: given(places), dx: given(dx) });
        };
      const gradientAttrs = { ...attrs, inputSize: g.input };
      differences.push(
        await disagreement("maxPoolGradient", [dy, indices], gradientAttrs, tolerance, gradient(true)),
        await disagreement("maxPoolGradient", [dy, indices], gradientAttrs, tolerance, gradient(false)),
        await disagreement("maxPoolGather", [other, indices], attrs, {}, (builder, [input, places], [y]) =>
          addMaxPoolGatherLast(builder, g, { x: given(input), indices: given(places), y: given(y) }),
        ),
      );
    }
    expect(differences.filter((words) => words !== undefined)).toEqual([]);
  });

  test("average pooling and its gradient", async () => {
    const differences: (string | undefined)[] = [];
    for (let seed = 0; seed < 100; seed++) {
      const random = new Random(seed + 1000);
      const { g, attrs } = drawn(random, false);
      const x = random.value([g.batch, g.channels, ...g.input]);
      const dy = random.value([g.batch, g.channels, ...g.places]);
      differences.push(
        await disagreement("avgPool", [x], attrs, tolerance, (builder, [input], [y]) =>
          addAveragePoolLast(builder, g, { x: given(input), y: given(y) }),
        ),
        await disagreement(
          "avgPoolGradient",
          [dy],
          { ...attrs, inputSize: g.input },
          tolerance,
          (builder, [cotangent], [dx]) =>
            addAveragePoolGradientLast(builder, g, { dy: given(cotangent), dx: given(dx) }),
        ),
      );
    }
    expect(differences.filter((words) => words !== undefined)).toEqual([]);
  });
});

function given<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("one is missing");
  return value;
}

test("nothing is done for no images", async () => {
  const g = { batch: 0, channels: 3, input: [4], places: [2], kernel: [2], stride: [2], dilation: [1], before: [0] };
  const found = await runWatched(
    at(pools, 0),
    [{ data: new Float32Array(0), dtype: "float32" }],
    [
      { dtype: "float32", length: 0 },
      { dtype: "int32", length: 0 },
    ],
    (builder, [x], [values, indices]) =>
      addMaxPoolLast(builder, g, { x: given(x), values: given(values), indices: given(indices) }),
  );
  expect(found).toEqual([new Float32Array(0), new Int32Array(0)]);
});

test("winners from outside the plane touch nothing when a gradient is spread", async () => {
  const g = { batch: 1, channels: 2, input: [4], places: [2], kernel: [2], stride: [2], dilation: [1], before: [0] };
  const [dx] = await runWatched(
    at(pools, 0),
    [
      { data: Float32Array.of(1, 2, 3, 4), dtype: "float32" },
      { data: Int32Array.of(1, 9999999, -1, 3), dtype: "int32" },
    ],
    [{ dtype: "float32", length: 8 }],
    (builder, [dy, indices], [out]) =>
      addMaxPoolSpreadLast(builder, g, { dy: given(dy), indices: given(indices), dx: given(out) }),
  );
  expect(dx).toEqual(Float32Array.of(0, 0, 1, 0, 0, 0, 0, 4));
});

test("averages of very many elements keep their digits", async () => {
  const [size, channels] = [3000, 5];
  const g = {
    batch: 1,
    channels,
    input: [size],
    places: [1],
    kernel: [size],
    stride: [1],
    dilation: [1],
    before: [0],
  };
  const data = Float32Array.from({ length: size * channels }, (_, index) => 1000 + Math.sin(index));
  const exact = new Float64Array(channels);
  data.forEach((value, index) => (exact[index % channels] = at(exact, index % channels) + value / size));
  const [found] = await runWatched(
    at(pools, 0),
    [{ data, dtype: "float32" }],
    [{ dtype: "float32", length: channels }],
    (builder, [x], [y]) => addAveragePoolLast(builder, g, { x: given(x), y: given(y) }),
  );
  // Half a unit in the last place of 1000, and the rounding of the factor.
  for (const [channel, value] of given(found).entries())
    expect(Math.abs(value - at(exact, channel))).toBeLessThan(1e-4);
});
