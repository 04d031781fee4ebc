// How each op that is a kernel of its own becomes steps.
import { conv, convTranspose, convWeightGradient } from "./convolutions.ts";
import { argSort, gather, gatherGradient, scatterPlaces, take, takeGradient } from "./indexing.ts";
import { matmul } from "./matmul.ts";
import { argMax, concat, iota, pad } from "./movement.ts";
import { avgPool, avgPoolGradient, maxPool, maxPoolGather, maxPoolGradient } from "./pooling.ts";
import { lastOr } from "./pooling-last.ts";
import type { Rule } from "./rule.ts";
import { softmax } from "./softmax.ts";

/** All ops that are neither views nor elementwise nor reductions. */
export const lowerings: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["conv", conv],
  ["convTranspose", convTranspose],
  ["convWeightGradient", convWeightGradient],
  ["matmul", matmul],
  ["maxPool", lastOr(maxPool)],
  ["maxPoolGradient", lastOr(maxPoolGradient)],
  ["maxPoolGather", lastOr(maxPoolGather)],
  ["avgPool", lastOr(avgPool)],
  ["avgPoolGradient", lastOr(avgPoolGradient)],
  ["pad", pad],
  ["concat", concat],
  ["argMax", argMax],
  ["iota", iota],
  ["take", take],
  ["takeGradient", takeGradient],
  ["gather", gather],
  ["gatherGradient", gatherGradient],
  ["scatterPlaces", scatterPlaces],
  ["argSort", argSort],
  ["softmax", softmax],
]);
