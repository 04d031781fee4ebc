// The order of the elements of each lane. An element becomes an unsigned key that sorts as it does, in a pair with its place: short lanes are sorted by
// insertion, long ones digit by digit, both of which keep the order of equals.
import { digits, pairBytes } from "./arg-sort-scratch.ts";
import type { ModuleBuilder } from "../wasm/assembler.ts";
import { bytesOf, type DType } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import {
  kernelBegin,
  kernelEnd,
  kernelParameters,
  kernelScratch,
  namedArguments,
  namedLocals,
  type Kernel,
} from "./kernel.ts";

export interface ArgSortSpec {
  readonly dtype: DType;
  readonly descending: boolean;
  /** Whether lanes are long enough to be sorted digit by digit. */
  readonly long: boolean;
}

/** Replaces the element in `value` (a word) by its key. */
function makeKey(f: FunctionBuilder, { dtype, descending }: ArgSortSpec, value: Local): void {
  if (dtype === "float32") {
    // Of 0 and -0 the keys are equal, of any NaN the largest: bits of negative numbers count downwards.
    const float = f.local("f32");
    f.get(value).op("f32.reinterpret_i32").f32(0).op("f32.add").tee(float);
    f.op("i32.reinterpret_f32").tee(value).get(value).i32(31).op("i32.shr_s").i32(0x7fffffff).op("i32.and", "i32.xor");
    f.i32(0x7fffffff).get(float).get(float).op("f32.eq", "select").set(value);
  }
  if (bytesOf(dtype) === 4)
    f.get(value)
      .i32(-(2 ** 31))
      .op("i32.xor")
      .set(value);
  if (descending) f.get(value).i32(-1).op("i32.xor").set(value);
}

/** Puts each pair behind the last that is not larger. */
function insertionSort(f: FunctionBuilder, pairs: Local, end: Local): void {
  const { next, to, key } = namedLocals(f, "i32", ["next", "to", "key"]);
  const pair = f.local("i64");
  f.get(pairs).i32(pairBytes).op("i32.add").set(next);
  f.block(() =>
    f.loop(() => {
      f.get(next).get(end).op("i32.ge_u").branchIf(1);
      f.get(next).memory("i64.load").set(pair).get(next).memory("i32.load").set(key).get(next).set(to);
      f.block(() =>
        f.loop(() => {
          f.get(to).get(pairs).op("i32.le_u").branchIf(1);
          f.get(to).i32(pairBytes).op("i32.sub").memory("i32.load").get(key).op("i32.le_u").branchIf(1);
          f.get(to).get(to).i32(pairBytes).op("i32.sub").memory("i64.load").memory("i64.store");
          f.get(to).i32(pairBytes).op("i32.sub").set(to).branch(0);
        }),
      );
      f.get(to).get(pair).memory("i64.store");
      f.get(next).i32(pairBytes).op("i32.add").set(next).branch(0);
    }),
  );
}

/** Moves the pairs from `from` to `to`, in the order of one digit of their keys. */
function sortByDigit(f: FunctionBuilder, from: Local, to: Local, counts: Local, bytes: Local, digit: number): void {
  const { at, end, counter, count, total } = namedLocals(f, "i32", ["at", "end", "counter", "count", "total"]);
  const eachPair = (body: () => void): void => {
    f.get(from).tee(at).get(bytes).op("i32.add").set(end);
    f.block(() =>
      f.loop(() => {
        f.get(at).get(end).op("i32.ge_u").branchIf(1);
        f.get(counts).get(at).memory("i32.load8_u", digit).i32(4).op("i32.mul", "i32.add").set(counter);
        body();
        f.get(at).i32(pairBytes).op("i32.add").set(at).branch(0);
      }),
    );
  };
  const eachCounter = (body: () => void): void => {
    f.i32(0).for(
      at,
      () => f.i32(digits),
      1,
      () => {
        f.get(counts).plus(at, 4).set(counter);
        body();
      },
    );
  };
  eachCounter(() => f.get(counter).i32(0).memory("i32.store"));
  eachPair(() => f.get(counter).get(counter).memory("i32.load").i32(pairBytes).op("i32.add").memory("i32.store"));
  f.get(to).set(total);
  eachCounter(() => {
    f.get(counter).memory("i32.load").set(count);
    f.get(counter).get(total).memory("i32.store");
    f.get(total).get(count).op("i32.add").set(total);
  });
  eachPair(() => {
    f.get(counter).memory("i32.load").tee(count).get(at).memory("i64.load").memory("i64.store");
    f.get(counter).get(count).i32(pairBytes).op("i32.add").memory("i32.store");
  });
}

/** Argument words: x, result, length of the axis, elements that are wanted, sizes of the axes after it. One unit is one lane. */
export function argSortKernel(spec: ArgSortSpec): Kernel {
  return {
    key: `argSort ${spec.dtype} ${spec.descending} ${spec.long}`,
    emit: (module, name) => emitArgSort(module, name, spec),
  };
}

function emitArgSort(module: ModuleBuilder, name: string, spec: ArgSortSpec): void {
  const bytes = bytesOf(spec.dtype);
  module.function(name, kernelParameters, [], (f) => {
    const a = namedArguments(f, ["x", "result", "length", "count", "inner"]);
    const v = namedLocals(f, "i32", ["unit", "outer", "column", "from", "to", "k", "value"]);
    const s = namedLocals(f, "i32", ["pairs", "other", "counts", "bytes", "end"]);
    f.get(a.length).i32(pairBytes).op("i32.mul").set(s.bytes).get(kernelScratch).set(s.pairs);
    f.get(s.pairs).get(s.bytes).op("i32.add").tee(s.other).get(s.bytes).op("i32.add").set(s.counts);
    f.get(kernelBegin).for(
      v.unit,
      () => f.get(kernelEnd),
      1,
      () => {
        f.get(v.unit).get(a.inner).op("i32.div_u").set(v.outer);
        f.get(v.unit).get(a.inner).op("i32.rem_u").set(v.column);
        const laneAt = (array: Local, length: Local, width: number): FunctionBuilder =>
          f
            .get(array)
            .get(v.outer)
            .get(length)
            .op("i32.mul")
            .get(a.inner)
            .op("i32.mul")
            .get(v.column)
            .op("i32.add")
            .i32(width)
            .op("i32.mul", "i32.add");
        laneAt(a.x, a.length, bytes).set(v.from).get(s.pairs).set(v.to);
        f.i32(0).for(
          v.k,
          () => f.get(a.length),
          1,
          () => {
            f.get(v.from)
              .memory(bytes === 4 ? "i32.load" : "i32.load8_u")
              .set(v.value);
            makeKey(f, spec, v.value);
            f.get(v.to).get(v.value).memory("i32.store").get(v.to).get(v.k).memory("i32.store", 4);
            f.get(v.to).i32(pairBytes).op("i32.add").set(v.to).get(v.from).plus(a.inner, bytes).set(v.from);
          },
        );
        let sorted = s.pairs;
        if (!spec.long) insertionSort(f, s.pairs, v.to);
        else
          for (let digit = 0; digit < bytes; digit++) {
            const next = sorted === s.pairs ? s.other : s.pairs;
            sortByDigit(f, sorted, next, s.counts, s.bytes, digit);
            sorted = next;
          }
        laneAt(a.result, a.count, 4).set(v.to);
        f.get(sorted).set(v.from);
        f.i32(0).for(
          v.k,
          () => f.get(a.count),
          1,
          () => {
            f.get(v.to).get(v.from).memory("i32.load", 4).memory("i32.store");
            f.get(v.to).plus(a.inner, 4).set(v.to).get(v.from).i32(pairBytes).op("i32.add").set(v.from);
          },
        );
      },
    );
  });
}
