// Statistics of batch norm and the sums of its gradient, gathered block by block behind the convolution that writes what is summed up.
import {
  at,
  batchNormTraining,
  compile,
  concat,
  conv,
  type Graph,
  mean,
  mul,
  relu,
  tensor,
  type Tensor,
  type TypedArray,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { CpuBackend } from "../src/backend.ts";
import { tileOf } from "../src/kernels/tile.ts";
import { engineFeatures } from "../src/engine.ts";
import { explain } from "../src/index.ts";
import { CpuExecutable } from "../src/program/executable.ts";
import type { CompilerPass } from "../src/program/passes.ts";
import { tiledParts } from "../src/program/channels-last/tiled-parts.ts";
import { evenParts, type PixelParts } from "../src/program/written-pixels.ts";
import { Pool } from "../src/pool/pool.ts";
import { guardedRun } from "../src/insight/guarded-run.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

async function backendOf(threads: number, options: { gathering?: "everywhere"; without?: CompilerPass } = {}) {
  const pool = await Pool.start({ threads, shared: threads > 1, worker: false });
  const { gathering, without } = options;
  return new CpuBackend(pool, tileOf(engineFeatures()), "channels-last", "all", {
    gathering,
    without: new Set(without ? [without] : []),
  });
}

/** Numbers from -1 to 1. */
const drawn = (
  seed: number,
  shape: readonly number[],
): { readonly data: Float32Array; readonly shape: readonly number[] } => {
  const random = new Random(seed);
  const size = shape.reduce((product, length) => product * length, 1);
  return { data: Float32Array.from({ length: size }, () => 2 * random.next() - 1), shape };
};

const [batch, side, start, growth] = [12, 13, 9, 12];
/** Weights: 3 x 3 that Winograd's algorithm takes, 1 x 1, one with a stride, and one for each channel; then scale and shift of each normalisation. */
const shapes = [
  [growth, start, 3, 3],
  [growth, start + growth, 1, 1],
  [growth, growth, 3, 3],
  [growth, 1, 3, 3],
  ...[start, start + growth, growth, growth, growth].flatMap((width) => [[width], [width]]),
];
const given = [drawn(1, [batch, start, side, side]), ...shapes.map((shape, index) => drawn(10 + index, shape))];

/** A dense layer, a shortcut, a stride, and a depthwise convolution, all of them between normalisations. */
function network(x: Tensor, list: readonly Tensor[]): Tensor {
  const weight = (place: number): Tensor => at(list, place);
  const normal = (value: Tensor, place: number): Tensor =>
    relu(batchNormTraining(value, weight(4 + place * 2), weight(5 + place * 2)).y);
  const first = conv(normal(x, 0), weight(0), { padding: 1 });
  const joined = normal(concat([x, first], 1), 1);
  const narrow = conv(joined, weight(1));
  const again = conv(normal(narrow, 2), weight(2), { padding: 1 }).add(narrow);
  const deep = conv(normal(again, 3), weight(3), { padding: 1, groups: growth });
  const last = conv(normal(deep, 4), weight(2), { stride: 2, padding: 1 });
  return mean(mul(last, last));
}

const step = compile((x: Tensor, list: readonly Tensor[]) => {
  const { value, grads } = valueAndGrad((all: readonly Tensor[]) => network(at(all, 0), all.slice(1)))([x, ...list]);
  return [value, ...grads];
});

async function traced(): Promise<Graph> {
  await useBackend(reference());
  const [x, ...list] = given.map(({ data, shape }) => tensor(data, { shape: [...shape] }));
  if (!x) throw new RangeError("an image");
  return step.graph(x, list);
}

const values = given.map(({ data }) => data);

async function resultsOf(
  graph: Graph,
  backend: CpuBackend,
): Promise<{ results: readonly TypedArray[]; pairs: number }> {
  const executable = await backend.compile(graph);
  if (!(executable instanceof CpuExecutable)) throw new TypeError("an executable of the CPU backend");
  const pairs = executable.open().program.builder.steps.filter(({ next }) => next).length;
  const inputs = graph.inputs.map(({ value }, index) => backend.upload(at(values, index), at(graph.values, value)));
  const outputs = executable.run(inputs, []);
  const results = await Promise.all(outputs.map((output) => backend.download(output)));
  executable.dispose();
  return { results, pairs };
}

test("gathered sums have the same bits on any number of threads, and apart", async () => {
  const graph = await traced();
  const whole = await backendOf(1, { gathering: "everywhere" });
  const { results, pairs } = await resultsOf(graph, whole);
  // Of three convolutions forward the statistics, of three backward the sums.
  expect(pairs).toBeGreaterThanOrEqual(6);
  for (const threads of [2, 3, 4, 8]) {
    const backend = await backendOf(threads, { gathering: "everywhere" });
    expect((await resultsOf(graph, backend)).results).toEqual(results);
    backend.dispose();
  }
  const executable = await whole.compile(graph);
  const watched = await guardedRun(executable, values);
  expect(watched.faults).toEqual([]);
  expect(watched.results).toEqual(results);
  executable.dispose();
  whole.dispose();
  // Small arrays are summed up by themselves, two passes are not one: the same but for rounding.
  for (const without of ["gather", "moments"] as const) {
    const backend = await backendOf(1, { without });
    const apart = await resultsOf(graph, backend);
    expect(apart.pairs).toBe(0);
    for (const [index, found] of apart.results.entries())
      expect(difference(found, at(results, index), { ofLargest: 2e-5 })).toBeUndefined();
    backend.dispose();
  }
});

const [channels, pixels] = [72, 16];
const image = drawn(2, [16, channels, pixels, pixels]);

test("explain shows who gathers, where an array is large", async () => {
  const backend = await backendOf(2);
  await useBackend(Promise.resolve(backend));
  const statistics = compile((x: Tensor, weight: Tensor, scale: Tensor, shift: Tensor) =>
    relu(batchNormTraining(conv(x, weight, { padding: 1 }), scale, shift).y),
  );
  const list = [drawn(3, [channels, channels, 3, 3]), drawn(4, [channels]), drawn(5, [channels])];
  const [weight, scale, shift] = list.map(({ data, shape }) => tensor(data, { shape: [...shape] }));
  if (!weight || !scale || !shift) throw new RangeError("three of them");
  const algorithms = async (batchSize: number): Promise<string[]> => {
    const x = tensor(image.data.slice(0, batchSize * channels * pixels ** 2), {
      shape: [batchSize, channels, pixels, pixels],
    });
    return (await explain(statistics, [x, weight, scale, shift])).units.map(({ algorithm }) => algorithm);
  };
  expect((await algorithms(16)).join()).toContain("winograd + moments");
  // 288 KiB stay in a cache.
  expect((await algorithms(4)).join()).not.toContain("+");
  backend.dispose();
});

test.each([
  [1000, 1],
  [-3, 0.01],
  [0, 1],
])("mean %d, deviation %d: mean and variance to the last digits, by any way", async (middle, deviation) => {
  const size = [6, 21, 19, 19] as const;
  const random = new Random(7);
  const data = Float32Array.from({ length: 6 * 21 * 361 }, () => {
    const sum = Array.from({ length: 12 }, () => random.next()).reduce((all, one) => all + one, -6);
    return middle + deviation * sum;
  });
  // The first pixel lies far off.
  for (let channel = 0; channel < 21; channel++) data[channel * 361] = middle + 12 * deviation;
  const exact = Array.from({ length: 21 }, (_, channel) => {
    const own = data.filter((_value, index) => Math.floor(index / 361) % 21 === channel);
    const average = own.reduce((all, one) => all + one, 0) / own.length;
    return { average, variance: own.reduce((all, one) => all + (one - average) ** 2, 0) / own.length };
  });
  const moments = compile((x: Tensor, identity: Tensor, ones: Tensor) => {
    const straight = batchNormTraining(x, ones, ones);
    const { mean: average, variance } = batchNormTraining(conv(x, identity), ones, ones);
    const rows = batchNormTraining(x.transpose([0, 2, 3, 1]).reshape([-1, 21]), ones, ones);
    return [average, variance, straight.mean, straight.variance, rows.mean, rows.variance];
  });
  const identity = Float32Array.from({ length: 21 * 21 }, (_, index) => (index % 22 === 0 ? 1 : 0));
  for (const gathering of ["everywhere", undefined] as const) {
    const backend = await backendOf(1, gathering ? { gathering } : {});
    await useBackend(Promise.resolve(backend));
    const found = moments(
      tensor(data, { shape: [...size] }),
      tensor(identity, { shape: [21, 21, 1, 1] }),
      tensor(new Float32Array(21).fill(1)),
    );
    const lists = await Promise.all(found.map((one) => one.data()));
    for (const [channel, { average, variance }] of exact.entries())
      for (const way of [0, 2, 4]) {
        // The mean is one rounding of float32, 6e-8; what rounds in the variance is each square.
        const scale = Math.abs(middle) + deviation;
        expect(Math.abs(Number(at(lists, way)[channel]) - average) / scale).toBeLessThan(1.5e-7);
        expect(Math.abs(Number(at(lists, way + 1)[channel]) / variance - 1)).toBeLessThan(1e-6);
      }
    backend.dispose();
  }
});

function pixelsOf(parts: PixelParts): number[] {
  return Array.from({ length: parts.count }, (_, part) => parts.runs(part)).flatMap((runs) =>
    runs.flatMap(({ pixel, pixels: count }) => Array.from({ length: count }, (_, place) => pixel + place)),
  );
}

test("parts have every pixel once", () => {
  const whole = (size: number): number[] => Array.from({ length: size }, (_, pixel) => pixel);
  expect(pixelsOf(evenParts(100, 7))).toEqual(whole(100));
  for (const [images, height, width, tile, inPart] of [
    [3, 12, 12, 4, 9],
    [3, 12, 12, 4, 6],
    [2, 11, 13, 4, 5],
    [5, 7, 6, 2, 24],
    [1, 1, 1, 4, 3],
  ] as const) {
    const parts = tiledParts({ images, height, width, tile, inPart });
    const found = pixelsOf(parts);
    expect(found).toHaveLength(parts.pixels);
    expect(found.toSorted((a, b) => a - b)).toEqual(whole(images * height * width));
  }
  // Whole rows of tiles are one run.
  expect(tiledParts({ images: 3, height: 12, width: 12, tile: 4, inPart: 9 }).runs(1)).toEqual([
    { pixel: 144, pixels: 144 },
  ]);
});
