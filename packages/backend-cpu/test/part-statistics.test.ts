// Statistics of concatenated channels: taken part by part, once, and the same numbers as of the whole.
import {
  at,
  batchNormTraining,
  compile,
  concat,
  conv,
  fromHost,
  type Graph,
  grad,
  mul,
  relu,
  sizeOf,
  sum,
  type Tensor,
  useBackend,
} from "@stria/core";
import { legalise } from "@stria/core/backends";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { partStatistics } from "../src/program/part-statistics.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

const drawn = (seed: number, shape: readonly number[]): Tensor =>
  fromHost(new Random(seed).value(shape).data, [...shape], "float32");

const [start, growth, size] = [5, 3, 6];
const widths = [start, start + growth, start + 2 * growth];
const layers = widths.map((width, index) => ({
  weight: drawn(10 + index, [growth, width, 3, 3]),
  scale: drawn(20 + index, [width]),
  shift: drawn(30 + index, [width]),
}));

/** Three layers, each of which normalises all channels before it; these are listed one by one, or the latest is put behind all others. */
function dense(x: Tensor, nested: boolean): { y: Tensor; statistics: Tensor[] } {
  const parts = [x];
  let whole = x;
  const statistics: Tensor[] = [];
  for (const { weight, scale, shift } of layers) {
    const { y, mean, variance } = batchNormTraining(whole, scale, shift);
    statistics.push(mean, variance);
    const made = conv(relu(y), weight, { padding: 1 });
    parts.push(made);
    whole = concat(nested ? [whole, made] : parts, 1);
  }
  return { y: whole, statistics };
}

const forward = (nested: boolean) =>
  compile((x: Tensor) => {
    const { y, statistics } = dense(x, nested);
    return [y, ...statistics, grad((value: Tensor) => sum(mul(dense(value, nested).y, 0.5)))(x)];
  });

/** Elements over which the graph sums, of images. */
function summed(graph: Graph): number {
  return graph.nodes
    .filter(({ op }) => op.name === "sum")
    .map(({ inputs }) => at(graph.values, at(inputs, 0)).shape)
    .filter((shape) => shape.length === 4)
    .reduce((total, shape) => total + sizeOf(shape), 0);
}

test.each([
  ["nested", true],
  ["flat", false],
])("in %s concatenations each part is summed once, to what the whole comes to", async (_, nested) => {
  const backend = await useBackend(cpu({ threads: 1 }));
  const statistics = compile((x: Tensor) => dense(x, nested).statistics);
  const graph = statistics.graph(drawn(1, [2, start, size, size]));
  const legal = (from: Graph): Graph => legalise(from, (node) => backend.supports(node), "cpu").graph;
  const image = 2 * size * size;
  // The mean and the variance, of every channel of every layer, and of every channel once.
  const all = widths.reduce((total, width) => total + width, 0);
  expect(summed(legal(graph))).toBe(2 * image * all);
  expect(summed(legal(partStatistics(graph)))).toBe(2 * image * at(widths, 2));

  const answers: Float32Array[][] = [];
  for (const made of [reference(), cpu({ threads: 1 }), cpu({ threads: 3 })]) {
    await useBackend(made);
    const f = forward(nested);
    const outputs = f(drawn(1, [2, start, size, size]));
    answers.push(await Promise.all(outputs.map(async (output) => Float32Array.from(await output.data()))));
    f.clear();
  }
  const [wanted = [], alone = [], shared] = answers;
  expect(alone).toEqual(shared);
  // Three layers of float32 sums in another order.
  wanted.forEach((output, index) =>
    expect(difference(at(alone, index), output, { relative: 2e-5, ofLargest: 2e-5 })).toBeUndefined(),
  );
});

test("where no part is normalised by two layers, the graph stays as it is", async () => {
  await useBackend(cpu({ threads: 1 }));
  const { scale, shift } = at(layers, 2);
  const graph = compile((a: Tensor, b: Tensor) => batchNormTraining(concat([a, b], 1), scale, shift).y).graph(
    drawn(1, [2, start, size, size]),
    drawn(2, [2, 2 * growth, size, size]),
  );
  expect(partStatistics(graph)).toBe(graph);
});
