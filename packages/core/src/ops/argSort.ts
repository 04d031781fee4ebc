// Sorting.
import { at, normaliseAxis } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { comparable } from "../tensor/dtype.ts";
import { AttributeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { aroundAxis } from "./support/indexing.ts";
import { equal } from "./equal.ts";
import { gather } from "./gather.ts";
import { iota } from "./iota.ts";
import { less } from "./less.ts";
import { logicalAnd, logicalOr } from "./logicalAnd.ts";
import { logicalNot } from "./logicalNot.ts";
import { reshape } from "./reshape.ts";
import { checkAxis, checkFlag } from "./support/shape-rules.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";

export interface ArgSortAttrs {
  readonly axis: number;
  readonly descending: boolean;
  /** How many of the sorted elements are wanted: the first ones. */
  readonly count: number;
}

/** Where `a` comes before `b`: NaN counts as larger than every number. */
function comesBefore(a: Tensor, b: Tensor, descending: boolean): Tensor {
  if (descending) return comesBefore(b, a, false);
  if (a.dtype !== "float32") return less(a, b);
  return logicalOr(less(a, b), logicalAnd(equal(a, a), logicalNot(equal(b, b))));
}

export const argSortOp: Op<ArgSortAttrs> = /* @__PURE__ */ defineOp<ArgSortAttrs>("argSort", {
  infer([x], { axis, descending, count }) {
    const operand = present("argSort", x);
    checkDType("argSort", operand, comparable);
    checkAxis("argSort", axis, operand.shape.length);
    checkFlag("argSort", "descending", descending);
    const length = at(operand.shape, axis);
    if (!Number.isInteger(count) || count < 0 || count > length)
      throw new AttributeError(
        "argSort",
        `count is ${String(count)}, axis ${axis} has ${length} elements`,
        `use a whole number from 0 to ${length}`,
      );
    return { shape: operand.shape.with(axis, count), dtype: "int32" };
  },
  vjp: () => [null],
  // An element's rank is how many come before it; then each rank looks for its element.
  decompose([x], { axis, descending, count }) {
    const lanes = aroundAxis(present("argSort", x), axis);
    const [before, length, after] = [at(lanes.shape, 0), at(lanes.shape, 1), at(lanes.shape, 2)];
    const [one, other] = [reshape(lanes, [before, length, 1, after]), reshape(lanes, [before, 1, length, after])];
    const [place, otherPlace] = [iota([1, length, 1, 1], 1), iota([1, 1, length, 1], 2)];
    const [ahead, behind] = [comesBefore(other, one, descending), comesBefore(one, other, descending)];
    const wins = logicalOr(ahead, logicalAnd(logicalNot(behind), less(otherPlace, place)));
    const rank = sum(cast(wins, "int32"), 2);
    const found = equal(reshape(rank, [before, 1, length, after]), iota([1, count, 1, 1], 1));
    return reshape(sum(where(found, otherPlace, 0), 2), present("argSort", x).shape.with(axis, count));
  },
});

export interface SortOptions {
  /** The largest first. Default false. */
  readonly descending?: boolean;
}

export interface TopKOptions {
  /** The largest elements, or the smallest. Default true. */
  readonly largest?: boolean;
}

/** Elements in an order, and where each was along the axis (int32). */
export interface Sorted {
  readonly values: Tensor;
  readonly indices: Tensor;
}

function sortedBy(op: string, x: TensorLike, axis: number, descending: boolean, count?: number): Sorted {
  const tensor = asTensor(x, op);
  const along = normaliseAxis(op, axis, tensor.rank);
  const length = at(tensor.shape, along);
  if (count !== undefined && !(Number.isInteger(count) && count >= 0 && count <= length))
    throw new AttributeError(
      op,
      `k is ${String(count)}, axis ${along} has ${length} elements`,
      `use a whole number from 0 to ${length}`,
    );
  const indices = applyOne(argSortOp, [tensor], { axis: along, descending, count: count ?? length });
  return { values: gather(tensor, indices, along), indices };
}

/**
 * The indices (int32) that sort `x` along `axis` (default the last). Equal elements keep their order; NaN counts as larger than every number,
 * as in PyTorch. Without a kernel of its own a backend compares all pairs.
 */
export function argSort(x: TensorLike, axis = -1, { descending = false }: SortOptions = {}): Tensor {
  const tensor = asTensor(x, "argSort");
  const along = normaliseAxis("argSort", axis, tensor.rank);
  return applyOne(argSortOp, [tensor], { axis: along, descending, count: at(tensor.shape, along) });
}

/** `x` sorted along `axis` (default the last), with the indices that `argSort` gives. The gradient of a value goes where it was. */
export function sort(x: TensorLike, axis = -1, { descending = false }: SortOptions = {}): Sorted {
  return sortedBy("sort", x, axis, descending);
}

/**
 * The `k` largest elements along `axis` (default the last), the largest first, or the smallest, the smallest first; and where they were.
 * Of equals the first come first; NaN counts as larger than every number. @throws AttributeError where there are fewer than k.
 */
export function topK(x: TensorLike, k: number, axis = -1, { largest = true }: TopKOptions = {}): Sorted {
  return sortedBy("topK", x, axis, largest, k);
}
