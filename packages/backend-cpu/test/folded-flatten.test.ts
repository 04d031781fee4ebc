// Flattened pixels before a dense layer are not turned: its weight is, once, and kept; a training step leaves both as they are.
import {
  add,
  at,
  compile,
  concat,
  conv,
  type Graph,
  fromHost,
  matmul,
  maxPool,
  Parameter,
  relu,
  reshape,
  type Shape,
  type Tensor,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { explain } from "../src/index.ts";
import { foldedFlatten } from "../src/program/folded-flatten.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";
import { usualBackends } from "./support/usual-backends.ts";

const oracle = reference();
const backends = usualBackends();

const drawn = (seed: number, shape: Shape): Float32Array<ArrayBuffer> =>
  Float32Array.from(new Random(seed).value(shape).data);
const cell = (seed: number, shape: Shape): Parameter => new Parameter([...shape], () => drawn(seed, shape));
const flat = (x: Tensor): Tensor => reshape(x, [x.shape[0] ?? 0, -1]);

interface Case {
  readonly image: Shape;
  readonly f: (x: Tensor) => Tensor;
  readonly folds: boolean;
}

function convolved(channels: number, outputs: number, axes: number): (x: Tensor) => Tensor {
  const weight = cell(1, [outputs, channels, ...Array.from({ length: axes }, () => 3)]);
  return (x) => conv(x, weight.value, { padding: 1 });
}

const one = convolved(3, 6, 2);
const dense = cell(2, [10, 6 * 5 * 7]);
const across = cell(3, [6 * 5 * 7, 10]);
const both = cell(4, [4, 9 * 2 * 3]);
const bias = cell(5, [10]);
const line = convolved(3, 6, 1);
const solid = convolved(2, 3, 3);
const [ofLine, ofSolid] = [cell(6, [4, 6 * 9]), cell(7, [4, 3 * 2 * 3 * 4])];
const [ofOne, ofPixels] = [cell(8, [10, 6]), cell(9, [2, 3 * 5 * 7])];
const wide = cell(10, [1700, 6 * 20 * 21]);

const cases: Readonly<Record<string, Case>> = {
  "a layer as PyTorch has it": {
    image: [2, 3, 5, 7],
    f: (x) => add(matmul(flat(relu(one(x))), dense.value, { transposeB: true }), bias.value),
    folds: true,
  },
  "one image": { image: [1, 3, 5, 7], f: (x) => matmul(flat(one(x)), dense.value, { transposeB: true }), folds: true },
  "a weight [inputs, outputs]": {
    image: [5, 3, 5, 7],
    f: (x) => relu(matmul(flat(one(x)), across.value)),
    folds: true,
  },
  "two layers on the same pixels, one of which something else reads": {
    image: [2, 3, 5, 7],
    f(x) {
      const pixels = flat(one(x));
      return concat([matmul(pixels, dense.value, { transposeB: true }), matmul(pixels, across.value), pixels], 1);
    },
    folds: true,
  },
  "a weight that is computed": {
    image: [2, 3, 5, 7],
    f: (x) => matmul(flat(one(x)), relu(dense.value), { transposeB: true }),
    folds: true,
  },
  "pooled and concatenated": {
    image: [3, 3, 5, 7],
    f: (x) => matmul(flat(concat([maxPool(relu(one(x)), 2), maxPool(x, 2)], 1)), both.value, { transposeB: true }),
    folds: true,
  },
  "1-D": { image: [2, 3, 9], f: (x) => matmul(flat(line(x)), ofLine.value, { transposeB: true }), folds: true },
  "3-D": { image: [2, 2, 2, 3, 4], f: (x) => matmul(flat(solid(x)), ofSolid.value, { transposeB: true }), folds: true },
  "one place of each channel": {
    image: [2, 3, 1, 1],
    f: (x) => matmul(flat(one(x)), ofOne.value, { transposeB: true }),
    folds: false,
  },
  "no convolution before it": {
    image: [2, 3, 5, 7],
    f: (x) => matmul(flat(relu(x)), ofPixels.value, { transposeB: true }),
    folds: false,
  },
  "channels that do not stay whole": {
    image: [2, 3, 5, 7],
    f: (x) => matmul(reshape(one(x), [4, -1]), reshape(dense.value, [20, -1]), { transposeB: true }),
    folds: false,
  },
  "a large weight": {
    image: [2, 3, 20, 21],
    f: (x) => matmul(flat(one(x)), wide.value, { transposeB: true }),
    folds: false,
  },
};

/** Whether the pass changes anything of a graph. */
const changes = (graph: Graph): boolean => foldedFlatten(graph) !== graph;

const entries = Object.entries(cases).map(([name, entry]) => ({ name, ...entry }));

test.each(entries)("$name: what it is, as the reference has it", async ({ image, f }) => {
  const data = drawn(20, image);
  const answers: Float32Array[] = [];
  for (const backend of [oracle, ...backends]) {
    await useBackend(backend);
    const run = compile(f);
    const x = fromHost(data, image, "float32");
    for (let turn = 0; turn < 2; turn++) answers.push(Float32Array.from(await run(x).data()));
    run.clear();
  }
  const [want, ...others] = answers;
  for (const found of others) expect(difference(found, want ?? found, { ofLargest: 1e-5 })).toBeUndefined();
});

test.each(entries)("$name: the weight is turned, $folds", async ({ image, f, folds }) => {
  await useBackend(at(backends, 0));
  const run = compile(f);
  const x = fromHost(drawn(20, image), image, "float32");
  expect(changes(run.graph(x))).toBe(folds);
  const { units } = await explain(run, [x]);
  expect(units.some(({ once, ops }) => once && ops.some((op) => op === "reshape" || op === "transpose"))).toBe(folds);
  run.clear();
});
