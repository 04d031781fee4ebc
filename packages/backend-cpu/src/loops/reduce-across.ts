// A reduction across results: neighbouring results are neighbours in memory, and their elements come row by row.
import { at, bytesOf, sizeOf } from "@stria/core";
import { kernelBegin, kernelEnd } from "../kernels/kernel.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { loadVector, storeVector } from "./access.ts";
import { evaluate } from "./evaluate.ts";
import { LongSums, mostInSingle } from "./long-sums.ts";
import { byteStride, Odometer, Offsets, type Access } from "./nest.ts";
import { combine, identity, loadBases, nestLoops, type ReduceSpec } from "./reduce-spec.ts";
import { VectorMath } from "./vector.ts";

/** Vectors side by side in one pass: a cache line. */
const lineVectors = 4;
/** Vectors of partial results at most. */
const mostSums = 8;

function blockVectors({ kept, results }: ReduceSpec): number {
  const most = Math.max(1, Math.min(lineVectors, Math.floor(mostSums / results.length)));
  return Math.min(most, Math.max(1, (kept.at(-1) ?? 1) >> 2));
}

export function blocksOf(spec: ReduceSpec): number {
  return Math.ceil((spec.kept.at(-1) ?? 1) / (blockVectors(spec) * 4));
}

export function emitAcross(f: FunctionBuilder, spec: ReduceSpec): void {
  const { kept, reduced, operands, results } = spec;
  const v = new VectorMath(f);
  const axis = kept.length - 1;
  const width = at(kept, axis);
  const vectors = blockVectors(spec);
  const blocks = blocksOf(spec);
  const result: Access = {
    dtype: spec.dtype,
    strides: [
      ...kept.map((_, k) => kept.slice(k + 1).reduce((product, size) => product * size, 1)),
      ...reduced.map(() => 0),
    ],
  };
  const accesses = [...operands, ...results.map(() => result)];
  const bases = loadBases(f, accesses.length);
  const outer = Array.from({ length: axis }, (_, index) => index);
  const rowOffsets = new Offsets(f, accesses, outer);
  const odometer = new Odometer(f, rowOffsets, outer, kept);
  const inner = reduced.map((_, index) => kept.length + index);
  const innerOffsets = new Offsets(f, accesses, inner);
  const [unit, row, block, start] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  const addresses = accesses.map(() => f.local("i32"));
  const point = operands.map(() => f.local("i32"));
  const sums = results.map(() => Array.from({ length: vectors }, () => f.local("v128")));
  const isLong = spec.dtype === "float32" && spec.reduction === "sum" && sizeOf(reduced) > mostInSingle;
  const long = isLong ? new LongSums(f, sums.flat()) : undefined;

  const addPoint = (): void => {
    point.forEach((address, index) => {
      f.get(at(addresses, index));
      if (innerOffsets.push(index)) f.op("i32.add");
      f.set(address);
    });
    for (let vector = 0; vector < vectors; vector++) {
      const values = evaluate(v, spec.expressions, (index) => {
        const { dtype, strides } = at(operands, index);
        const stride = at(strides, axis);
        const distance = stride * vector * 4 * bytesOf(dtype);
        if (distance >= 0) return loadVector(f, dtype, at(point, index), stride, 4, distance);
        const moved = f.local("i32");
        f.get(at(point, index)).i32(distance).op("i32.add").set(moved);
        loadVector(f, dtype, moved, stride, 4);
      });
      results.forEach((expression, index) => {
        const sum = at(at(sums, index), vector);
        combine(v, spec, v.read(sum), at(values, expression))();
        f.set(sum);
      });
    }
    long?.added();
  };

  f.get(kernelBegin).i32(blocks).op("i32.div_u").set(row);
  f.get(kernelBegin).i32(blocks).op("i32.rem_u").set(block);
  odometer.set(row);
  f.get(kernelBegin).for(
    unit,
    () => f.get(kernelEnd),
    1,
    () => {
      // The last block is moved back to lie inside: what two blocks share, both compute alike.
      const last = width - vectors * 4;
      f.get(block)
        .i32(vectors * 4)
        .op("i32.mul")
        .tee(start)
        .i32(last)
        .get(start)
        .i32(last)
        .op("i32.lt_u", "select")
        .set(start);
      accesses.forEach((access, index) => {
        f.get(at(bases, index));
        if (rowOffsets.push(index)) f.op("i32.add");
        f.plus(start, byteStride(access, axis)).set(at(addresses, index));
      });
      innerOffsets.reset();
      for (const sum of sums.flat()) {
        identity(v, spec)();
        f.set(sum);
      }
      long?.start();
      nestLoops(f, innerOffsets, spec, inner, addPoint);
      long?.finish();
      sums.forEach((list, index) =>
        list.forEach((sum, vector) =>
          storeVector(f, spec.dtype, at(addresses, operands.length + index), 1, 4, v.read(sum), vector * 16),
        ),
      );
      f.get(block)
        .i32(1)
        .op("i32.add")
        .tee(block)
        .i32(blocks)
        .op("i32.eq")
        .if(() => {
          f.i32(0).set(block);
          odometer.next();
        });
    },
  );
}
