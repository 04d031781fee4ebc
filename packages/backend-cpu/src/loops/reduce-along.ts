// A reduction along one result's own elements, which are neighbours in memory.
import { at } from "@stria/core";
import { kernelBegin, kernelEnd } from "../kernels/kernel.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { loadVector } from "./access.ts";
import { evaluate } from "./evaluate.ts";
import { byteStride, Odometer, Offsets } from "./nest.ts";
import { combine, identity, loadBases, nestLoops, type ReduceSpec } from "./reduce-spec.ts";
import { VectorMath, type Push } from "./vector.ts";

/** Vectors that are added up in float32 before the sum goes on in float64. */
const foldEvery = 32;

export function emitAlong(f: FunctionBuilder, spec: ReduceSpec): void {
  const { kept, reduced, operands, dtype, results } = spec;
  const v = new VectorMath(f);
  const axis = kept.length + reduced.length - 1;
  const length = reduced.at(-1) ?? 1;
  const hasAxis = reduced.length > 0;
  const bases = loadBases(f, operands.length + results.length);
  const outer = kept.map((_, index) => index);
  const offsets = new Offsets(f, operands, outer);
  const odometer = new Odometer(f, offsets, outer, kept);
  const middle = reduced.slice(0, -1).map((_, index) => kept.length + index);
  const middleOffsets = new Offsets(f, operands, middle);
  const [unit, step, end] = [f.local("i32"), f.local("i32"), f.local("i32")];
  const rows = operands.map(() => f.local("i32"));
  const point = operands.map(() => f.local("i32"));
  const sums = results.map(() => f.local("v128"));
  const vectors = length >> 2;
  // A single result is added up in two places in turn: one addition need not wait for the one before.
  const seconds = results.length === 1 && vectors >= 4 ? [f.local("v128")] : [];
  const width = 1 + seconds.length;
  const double = dtype === "float32" && spec.reduction === "sum";
  const doubles = results.map(() => f.local("v128"));

  const accumulate = (count: number, into: readonly Local[]): void => {
    const values = evaluate(v, spec.expressions, (index) => {
      const operand = at(operands, index);
      loadVector(f, operand.dtype, at(point, index), hasAxis ? at(operand.strides, axis) : 0, count);
    });
    const lanes = [0, 1, 2, 3].map((lane) => (lane < count ? -1 : 0));
    const mask: Push = () => void f.v128([at(lanes, 0), at(lanes, 1), at(lanes, 2), at(lanes, 3)]);
    results.forEach((expression, index) => {
      const value = at(values, expression);
      const sum = at(into, index);
      combine(v, spec, v.read(sum), count < 4 ? v.choose(mask, value, identity(v, spec)) : value)();
      f.set(sum);
    });
  };
  const fold = (): void =>
    sums.forEach((sum, index) => {
      const total = at(doubles, index);
      f.get(total).get(sum).op("f64x2.promote_low_f32x4", "f64x2.add");
      f.get(sum).get(sum).shuffle(2, 3, 2, 3).op("f64x2.promote_low_f32x4", "f64x2.add").set(total);
      f.v128([0, 0, 0, 0]).set(sum);
    });
  const advance = (elements: number): void =>
    operands.forEach((operand, index) => {
      const bytes = hasAxis ? byteStride(operand, axis) * elements : 0;
      if (bytes !== 0) f.get(at(point, index)).i32(bytes).op("i32.add").set(at(point, index));
    });
  /** Stores the sum of both halves, or what all four lanes come to, at the address on the stack. */
  const storeTotal = (total: Local): void =>
    void f
      .get(total)
      .lane("f64x2.extract_lane", 0)
      .get(total)
      .lane("f64x2.extract_lane", 1)
      .op("f64.add", "f32.demote_f64")
      .memory("f32.store");
  const storeOnly = (sum: Local): void => {
    for (const [a, b, c, d] of [
      [2, 3, 0, 1],
      [1, 0, 3, 2],
    ] as const) {
      combine(v, spec, v.read(sum), () => void f.get(sum).get(sum).shuffle(a, b, c, d))();
      f.set(sum);
    }
    f.get(sum).laneMemory("v128.store32_lane", 0);
  };
  const join = (): void =>
    seconds.forEach((second, index) => {
      const sum = at(sums, index);
      combine(v, spec, v.read(sum), v.read(second))();
      f.set(sum);
      identity(v, spec)();
      f.set(second);
    });
  const turns = Math.floor(vectors / width);
  const run = (): void => {
    point.forEach((address, index) => {
      f.get(at(rows, index));
      if (middleOffsets.push(index)) f.op("i32.add");
      f.set(address);
    });
    if (turns > 0) {
      f.i32(0).set(end).i32(0).set(step);
      f.loop(() => {
        f.get(end)
          .i32(double ? foldEvery : turns)
          .op("i32.add")
          .set(end);
        if (double) f.get(end).i32(turns).get(end).i32(turns).op("i32.lt_u", "select").set(end);
        f.loop(() => {
          for (const into of [sums, ...(seconds.length > 0 ? [seconds] : [])]) {
            accumulate(4, into);
            advance(4);
          }
          f.get(step).i32(1).op("i32.add").tee(step).get(end).op("i32.lt_u").branchIf(0);
        });
        if (double && turns > foldEvery) {
          join();
          fold();
        }
        f.get(step).i32(turns).op("i32.lt_u").branchIf(0);
      });
    }
    for (let rest = turns * width; rest < vectors; rest++) {
      accumulate(4, sums);
      advance(4);
    }
    if (length % 4 > 0) accumulate(length % 4, sums);
    join();
    if (double) fold();
  };

  odometer.set(kernelBegin);
  f.get(kernelBegin).for(
    unit,
    () => f.get(kernelEnd),
    1,
    () => {
      rows.forEach((row, index) => {
        f.get(at(bases, index));
        if (offsets.push(index)) f.op("i32.add");
        f.set(row);
      });
      for (const sum of [...sums, ...seconds]) {
        identity(v, spec)();
        f.set(sum);
      }
      for (const total of doubles) f.v128([0, 0, 0, 0]).set(total);
      middleOffsets.reset();
      if (length > 0) nestLoops(f, middleOffsets, spec, middle, run);
      results.forEach((_, index) => {
        f.get(at(bases, operands.length + index)).plus(unit, 4);
        if (double) storeTotal(at(doubles, index));
        else storeOnly(at(sums, index));
      });
      odometer.next();
    },
  );
}
