// How each op that is a kernel of its own becomes steps.
import { movement, normalisation, pooling, prediction } from "../../parts/index.ts";
import type { Part } from "../../parts/part.ts";
import { conv, convTranspose, convWeightGradient } from "./convolutions.ts";
import { crossEntropy, crossEntropyGradient } from "./cross-entropy.ts";
import { matmul } from "./matmul.ts";
import { lastOr, maxPool, maxPoolGradient } from "./pooling-last.ts";
import type { Rule } from "./rule.ts";

/** The rule of an op that is loaded when a graph has it. */
function later<Op extends string>(part: Part<Readonly<Record<Op, Rule>>>, op: Op): Rule {
  return function* (l, node, epilogue, others) {
    const rules = yield* part.wait();
    const added = rules[op](l, node, epilogue, others);
    if (added) yield* added;
  };
}

/** All ops that are neither views nor elementwise nor reductions. */
export const lowerings: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["conv", conv],
  ["convTranspose", convTranspose],
  ["convWeightGradient", convWeightGradient],
  ["matmul", matmul],
  ["maxPool", lastOr(maxPool, later(pooling, "maxPool"))],
  ["maxPoolGradient", lastOr(maxPoolGradient, later(pooling, "maxPoolGradient"))],
  ["maxPoolGather", later(pooling, "maxPoolGather")],
  ["avgPool", later(pooling, "avgPool")],
  ["avgPoolGradient", later(pooling, "avgPoolGradient")],
  ["pad", later(movement, "pad")],
  ["concat", later(movement, "concat")],
  ["argMax", later(movement, "argMax")],
  ["iota", later(movement, "iota")],
  ["channelMoments", later(normalisation, "channelMoments")],
  ["take", later(movement, "take")],
  ["takeGradient", later(movement, "takeGradient")],
  ["gather", later(movement, "gather")],
  ["gatherGradient", later(movement, "gatherGradient")],
  ["scatterPlaces", later(movement, "scatterPlaces")],
  ["argSort", later(movement, "argSort")],
  ["softmax", later(prediction, "softmax")],
  ["softmaxCrossEntropy", crossEntropy],
  ["softmaxCrossEntropyGradient", crossEntropyGradient],
]);
