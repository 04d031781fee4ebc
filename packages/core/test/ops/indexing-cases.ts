// Cases of the ops that read and write at indices, and of sorting.
import {
  argSort,
  cast,
  embedding,
  gather,
  indexAdd,
  oneHot,
  scatter,
  scatterAdd,
  sort,
  take,
  tensor,
  topK,
} from "../../src/index.ts";
import type { Differentiable } from "../support/differences.ts";
import { distinct, integers, uniform } from "../support/numbers.ts";
import type { Case } from "./cases.ts";

// Inputs are functions of tensors: indices are captured, since a gradient has no differences by them.
const of = (name: string, f: Differentiable, ...inputs: Case["inputs"]): Case => ({ name, f, inputs });

const cube = uniform([2, 4, 3], 101);
const repeated = integers([2, 3], 102, 0, 4);
const places = integers([2, 5, 3], 103, 0, 4);
const some = integers([2, 2, 2], 104, 0, 4);

export const indexingCases: readonly Case[] = [
  of("take", (x) => take(x, repeated, 1).square(), cube),
  of("take of the last axis", (x) => take(x, integers([4], 105, 0, 3), -1).square(), cube),
  of("indexAdd", (x, y) => indexAdd(x, integers([5], 106, 0, 4), y, 1).square(), cube, uniform([2, 5, 3], 107)),
  of(
    "indexAdd leaves out what is outside",
    (x, y) => indexAdd(x, tensor([0, 9, 0, -1]).cast("int32"), y.square()).square(),
    uniform([2, 3], 108),
    uniform([4, 3], 109),
  ),
  of("gather", (x) => gather(x, places, 1).square(), cube),
  of("gather of some", (x) => gather(x, some, 1).square(), cube),
  of("scatterAdd", (x, y) => scatterAdd(x, places, y, 1).square(), cube, uniform([2, 5, 3], 110)),
  of("scatterAdd of some", (x, y) => scatterAdd(x, some, y, 1).square(), cube, uniform([3, 3, 2], 111)),
  of(
    "scatterAdd leaves out what is outside",
    (x, y) => scatterAdd(x, tensor([0, 3, 1, -1]).cast("int32"), y.square(), 0).square(),
    uniform([3], 112),
    uniform([4], 113),
  ),
  of(
    "scatter: the last of equals has the gradient",
    (x, y) => scatter(x, some, y, 1).square(),
    cube,
    uniform([2, 3, 3], 114),
  ),
  of("embedding", (w) => embedding(integers([2, 3], 119, 0, 3), w).square(), uniform([3, 2], 115)),
  of(
    "scatter at indices that are computed",
    (x, y) => scatter(x, argSort(x, 1), y.square(), 1).mul(x),
    distinct([2, 3], 120),
    uniform([2, 3], 121),
  ),
  of("sort", (x) => sort(x, 1).values.mul(cube), distinct([2, 4, 3], 116)),
  of("topK", (x) => topK(x, 2, 0, { largest: false }).values.square(), distinct([4, 3], 117)),
  of(
    "argSort and oneHot have no gradient",
    (x) =>
      cast(argSort(x), "float32")
        .add(oneHot(argSort(x), 3).sum(2))
        .mul(x),
    distinct([2, 3], 118),
  ),
];
