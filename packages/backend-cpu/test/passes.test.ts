// Every pass of the compiler is a file, and a switch that changes the program: what it is worth can be seen, and networks are tried without it
// (tests/src/random-graphs). No pass, no difference: a switch that does nothing is found out here.
import { existsSync } from "node:fs";
import {
  at,
  batchNormTraining,
  compile,
  concat,
  conv,
  fromHost,
  type Graph,
  matmul,
  maxPool,
  mean,
  relu,
  softmaxCrossEntropy,
  type Tensor,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { legalise } from "@stria/core/backends";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { loadAllParts } from "../src/parts/index.ts";
import { plainTile } from "../src/kernels/tile.ts";
import { atOnce } from "../src/pieces.ts";
import { lower } from "../src/program/lower.ts";
import { foldedFlatten } from "../src/program/folded-flatten.ts";
import { maskedPooling } from "../src/program/masked-pooling.ts";
import { joinedMoments } from "../src/program/moments.ts";
import { partStatistics } from "../src/program/part-statistics.ts";
import { type CompilerPass, nothing, passes, passNames, type Without } from "../src/program/passes.ts";
import { preparationOf } from "../src/program/preparation.ts";
import { Random } from "./support/random.ts";

const drawn = (seed: number, shape: readonly number[]): Tensor =>
  fromHost(new Random(seed).value(shape).data, [...shape], "float32");

const [start, growth, layers, classes, size] = [8, 4, 3, 5, 6];
const widths = Array.from({ length: layers }, (_, layer) => start + layer * growth);
const parameters = [
  ...widths.flatMap((width, layer) => [
    drawn(layer, [growth, width, 3, 3]),
    drawn(10 + layer, [width]),
    drawn(20 + layer, [width]),
  ]),
  drawn(30, [classes, start + layers * growth, size, size]),
  drawn(31, [classes]),
];

/** Layers that normalise all channels before them, a pooling of what is rectified, a product with a bias and a rectifier, and the loss. */
function loss(x: Tensor, y: Tensor, given: readonly Tensor[]): Tensor {
  let whole = x;
  for (let layer = 0; layer < layers; layer++) {
    const [weight, scale, shift] = [0, 1, 2].map((place) => at(given, layer * 3 + place));
    if (!weight || !scale || !shift) throw new RangeError("three for each layer");
    const made = conv(relu(batchNormTraining(whole, scale, shift).y), weight, { padding: 1 });
    whole = concat([whole, made], 1);
  }
  const pooled = maxPool(relu(whole), 3, { stride: 1, padding: 1 });
  const logits = conv(pooled, at(given, layers * 3), { bias: at(given, layers * 3 + 1) }).reshape([-1, classes]);
  return mean(softmaxCrossEntropy(relu(logits), y));
}

/** A step with momentum that goes by two averages of the gradient, as Adam does. */
const step = compile((x: Tensor, y: Tensor, given: readonly Tensor[], averages: readonly Tensor[]) => {
  const { value: error, grads } = valueAndGrad((all: readonly Tensor[]) => loss(x, y, all))(given);
  const updated = given.flatMap((value, place) => {
    const gradient = at(grads, place);
    const [first, second] = [
      at(averages, place).mul(0.9).add(gradient.mul(0.1)),
      at(averages, place).mul(0.5).add(gradient.square()),
    ];
    return [value.sub(first.div(second.sqrt().add(1e-8))), first, second];
  });
  return [error, ...updated];
});

/** What is computed from parameters alone, for a program that leaves them as they are. */
const predict = compile((x: Tensor, weight: Tensor) =>
  matmul(conv(x, weight, { padding: 1 }).reshape([2, -1]), weight.reshape([-1, 2])),
);

interface Lowered {
  /** Kernels in order, and what may lie where something else lay. */
  readonly steps: readonly string[];
  readonly kept: number;
}

async function lowered(made: Graph, without: Without): Promise<Lowered> {
  const backend = await useBackend(cpu({ threads: 1 }));
  const shared = without.has("partStatistics") ? made : partStatistics(made);
  const joined = without.has("moments") ? shared : joinedMoments(shared);
  const masked = without.has("maskedPooling") ? joined : maskedPooling(joined);
  const folded = without.has("foldedFlatten") ? masked : foldedFlatten(masked);
  const { graph } = legalise(folded, (node) => backend.supports(node), "backend-cpu");
  backend.dispose();
  const { builder, results } = atOnce(
    lower(graph, { tile: plainTile, threads: 2, layout: "channels-last", algorithms: "direct", without }),
  );
  return {
    steps: builder.steps.map(
      ({ kernel, next, inPlace = [], stage }) => `${kernel.key} ${next?.kernel.key} ${inPlace.length} ${stage}`,
    ),
    kept: preparationOf(graph, builder, results)?.kept.length ?? 0,
  };
}

const x = drawn(1, [2, start, size, size]);
const training = async (): Promise<Graph> => {
  const labels = fromHost(Int32Array.of(0, 1), [2], "int32");
  const backend = await useBackend(cpu({ threads: 1 }));
  const graph = step.graph(x, labels, parameters, parameters);
  backend.dispose();
  return graph;
};
const inference = async (): Promise<Graph> => {
  const backend = await useBackend(cpu({ threads: 1 }));
  const graph = predict.graph(x, at(parameters, 0));
  backend.dispose();
  return {
    ...graph,
    inputs: graph.inputs.map((input, index) => (index === 1 ? { ...input, role: "param" as const } : input)),
  };
};

/** Statistics of an array that fills no second-level cache. */
const wide = async (): Promise<Graph> => {
  const [channels, side] = [160, 16];
  const backend = await useBackend(cpu({ threads: 1 }));
  const normalised = compile((image: Tensor, weight: Tensor, scale: Tensor, shift: Tensor) => {
    const { y } = batchNormTraining(conv(image, weight), scale, shift);
    return conv(relu(y), weight);
  });
  const images = drawn(1, [8, channels, side, side]);
  const graph = normalised.graph(
    images,
    drawn(2, [channels, channels, 1, 1]),
    drawn(3, [channels]),
    drawn(4, [channels]),
  );
  backend.dispose();
  return graph;
};

const savesSteps: ReadonlySet<CompilerPass> = new Set([
  "placement",
  "epilogue",
  "crossEntropyPairs",
  "mergeMaps",
  "reductions",
  "joinReductions",
  "gather",
  "mergeSteps",
]);

test.each(passNames())("%s is a file of its own, and changes programs", async (name: CompilerPass) => {
  await loadAllParts();
  expect(existsSync(new URL(`../src/program/${passes[name]}`, import.meta.url))).toBe(true);
  const keeps = name === "preparation" || name === "foldedFlatten";
  const graph = await (keeps ? inference() : name === "gather" ? wide() : training());
  const [whole, lacking] = [await lowered(graph, nothing), await lowered(graph, new Set([name]))];
  expect(await lowered(graph, nothing)).toEqual(whole);
  expect(lacking).not.toEqual(whole);
  expect(whole.kept > lacking.kept).toBe(keeps);
  expect(!savesSteps.has(name) || whole.steps.length < lacking.steps.length).toBe(true);
});
