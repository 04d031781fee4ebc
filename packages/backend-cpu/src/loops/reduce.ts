// Reductions: sum, product or maximum of an elementwise expression over some axes. Four neighbours at a time, along the axis that lies densest:
// either across four results, or along one result's own elements. One unit writes its own results alone, so threads cannot change them.
import { at, bytesOf, type DType, sizeOf } from "@stria/core";
import { kernelArguments, kernelBegin, kernelEnd, kernelParameters, type Kernel } from "../kernels/kernel.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { loadVector, storeVector } from "./access.ts";
import { evaluate } from "./evaluate.ts";
import { expressionKey, type Expression } from "./expression.ts";
import { LongSums, mostInSingle } from "./long-sums.ts";
import { byteStride, Odometer, Offsets, type Access } from "./nest.ts";
import { floatBits, VectorMath, type Push } from "./vector.ts";

export type Reduction = "sum" | "prod" | "max";

export interface ReduceSpec {
  readonly reduction: Reduction;
  /** float32 or int32. */
  readonly dtype: DType;
  /** Sizes of the axes that stay, then of those that go. The result is row-major over the first. */
  readonly kept: readonly number[];
  readonly reduced: readonly number[];
  /** Strides over kept and reduced axes. */
  readonly operands: readonly Access[];
  readonly expressions: readonly Expression[];
  /** The expression that is reduced. */
  readonly expression: number;
}

/** Vectors side by side in one pass across results: a cache line. */
const lineVectors = 4;
/** Vectors that are added up in float32 before the sum goes on in float64. */
const foldEvery = 32;

/** Whether four results are computed side by side; else one, from four partial ones. */
function goesAcross({ kept, reduced, operands }: ReduceSpec): boolean {
  const [width, depth] = [kept.at(-1) ?? 1, reduced.at(-1) ?? 1];
  if (kept.length === 0 || width < 4) return false;
  const dense = (axis: number): number => operands.filter(({ strides }) => at(strides, axis) === 1).length;
  const [across, along] = [dense(kept.length - 1), dense(kept.length + reduced.length - 1)];
  return across > along || (across === along && depth < 8) || depth < 4;
}

function blockVectors(spec: ReduceSpec): number {
  return (spec.kept.at(-1) ?? 1) >= lineVectors * 4 ? lineVectors : 1;
}

function blocksOf(spec: ReduceSpec): number {
  return Math.ceil((spec.kept.at(-1) ?? 1) / (blockVectors(spec) * 4));
}

export function reduceUnits(spec: ReduceSpec): number {
  const results = spec.kept.reduce((product, size) => product * size, 1);
  return goesAcross(spec) ? (results / (spec.kept.at(-1) ?? 1)) * blocksOf(spec) : results;
}

/** Argument words: the addresses of the operands, then of the result. */
export function reduceKernel(spec: ReduceSpec): Kernel {
  const operands = spec.operands.map((operand) => `${operand.dtype}[${operand.strides.join()}]`).join();
  return {
    key: `reduce ${spec.reduction} ${spec.dtype} ${spec.kept.join()}|${spec.reduced.join()} ${operands} ${spec.expression} ${expressionKey(spec.expressions)}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => (goesAcross(spec) ? emitAcross(f, spec) : emitAlong(f, spec)));
    },
  };
}

function identity(v: VectorMath, { reduction, dtype }: ReduceSpec): Push {
  const value = reduction === "sum" ? 0 : reduction === "prod" ? 1 : dtype === "float32" ? -Infinity : -0x80000000;
  return v.integer(dtype === "float32" ? floatBits(value) : value);
}

function combine(v: VectorMath, { reduction, dtype }: ReduceSpec, a: Push, b: Push): Push {
  const lanes = dtype === "float32" ? "f32x4" : "i32x4";
  if (reduction === "sum") return v.op(`${lanes}.add`, a, b);
  if (reduction === "prod") return v.op(`${lanes}.mul`, a, b);
  return v.op(dtype === "float32" ? "f32x4.max" : "i32x4.max_s", a, b);
}

/** Loops over reduced axes from `first` to `last - 1`, moving the offsets. */
function nestLoops(
  f: FunctionBuilder,
  offsets: Offsets,
  spec: ReduceSpec,
  axes: readonly number[],
  body: () => void,
): void {
  const [axis, ...rest] = axes;
  if (axis === undefined) return body();
  const size = at(spec.reduced, axis - spec.kept.length);
  const index = f.local("i32");
  f.i32(0).for(
    index,
    () => f.i32(size),
    1,
    () => {
      nestLoops(f, offsets, spec, rest, body);
      offsets.move(axis, 1);
    },
  );
  offsets.move(axis, -size);
}

function loadBases(f: FunctionBuilder, count: number): Local[] {
  return Array.from({ length: count }, (_, index) => {
    const base = f.local("i32");
    f.get(kernelArguments)
      .memory("i32.load", index * 4)
      .set(base);
    return base;
  });
}

function emitAcross(f: FunctionBuilder, spec: ReduceSpec): void {
  const { kept, reduced, operands } = spec;
  const v = new VectorMath(f);
  const axis = kept.length - 1;
  const width = at(kept, axis);
  const vectors = blockVectors(spec);
  const result: Access = {
    dtype: spec.dtype,
    strides: [
      ...kept.map((_, k) => kept.slice(k + 1).reduce((product, size) => product * size, 1)),
      ...reduced.map(() => 0),
    ],
  };
  const accesses = [...operands, result];
  const bases = loadBases(f, accesses.length);
  const outer = Array.from({ length: axis }, (_, index) => index);
  const rowOffsets = new Offsets(f, accesses, outer);
  const odometer = new Odometer(f, rowOffsets, outer, kept);
  const inner = reduced.map((_, index) => kept.length + index);
  const innerOffsets = new Offsets(f, accesses, inner);
  const [unit, row, block, start] = [f.local("i32"), f.local("i32"), f.local("i32"), f.local("i32")];
  const addresses = accesses.map(() => f.local("i32"));
  const point = operands.map(() => f.local("i32"));
  const sums = Array.from({ length: vectors }, () => f.local("v128"));
  const isLong = spec.dtype === "float32" && spec.reduction === "sum" && sizeOf(reduced) > mostInSingle;
  const long = isLong ? new LongSums(f, sums) : undefined;

  f.get(kernelBegin).i32(blocksOf(spec)).op("i32.div_u").set(row);
  f.get(kernelBegin).i32(blocksOf(spec)).op("i32.rem_u").set(block);
  odometer.set(row);
  f.get(kernelBegin).for(
    unit,
    () => f.get(kernelEnd),
    1,
    () => {
      // The last block is moved back to lie inside: what two blocks share, both compute alike.
      f.get(block)
        .i32(vectors * 4)
        .op("i32.mul")
        .tee(start)
        .i32(width - vectors * 4)
        .get(start)
        .i32(width - vectors * 4)
        .op("i32.lt_u", "select")
        .set(start);
      accesses.forEach((access, index) => {
        f.get(at(bases, index));
        if (rowOffsets.push(index)) f.op("i32.add");
        f.plus(start, byteStride(access, axis)).set(at(addresses, index));
      });
      innerOffsets.reset();
      for (const sum of sums) {
        identity(v, spec)();
        f.set(sum);
      }
      long?.start();
      nestLoops(f, innerOffsets, spec, inner, () => {
        point.forEach((address, index) => {
          f.get(at(addresses, index));
          if (innerOffsets.push(index)) f.op("i32.add");
          f.set(address);
        });
        sums.forEach((sum, vector) => {
          const values = evaluate(v, spec.expressions, (index) => {
            const { dtype, strides } = at(operands, index);
            const address = at(point, index);
            const stride = at(strides, axis);
            if (vector > 0 && stride !== 0) {
              const moved = f.local("i32");
              f.get(address)
                .i32(stride * vector * 4 * bytesOf(dtype))
                .op("i32.add")
                .set(moved);
              loadVector(f, dtype, moved, stride, 4);
            } else loadVector(f, dtype, address, stride, 4);
          });
          combine(v, spec, v.read(sum), at(values, spec.expression))();
          f.set(sum);
        });
        long?.added();
      });
      long?.finish();
      sums.forEach((sum, vector) =>
        storeVector(f, spec.dtype, at(addresses, operands.length), 1, 4, v.read(sum), vector * 16),
      );
      f.get(block)
        .i32(1)
        .op("i32.add")
        .tee(block)
        .i32(blocksOf(spec))
        .op("i32.eq")
        .if(() => {
          f.i32(0).set(block);
          odometer.next();
        });
    },
  );
}

function emitAlong(f: FunctionBuilder, spec: ReduceSpec): void {
  const { kept, reduced, operands, dtype } = spec;
  const v = new VectorMath(f);
  const axis = kept.length + reduced.length - 1;
  const length = reduced.at(-1) ?? 1;
  const hasAxis = reduced.length > 0;
  const bases = loadBases(f, operands.length + 1);
  const outer = kept.map((_, index) => index);
  const offsets = new Offsets(f, operands, outer);
  const odometer = new Odometer(f, offsets, outer, kept);
  const middle = reduced.slice(0, -1).map((_, index) => kept.length + index);
  const middleOffsets = new Offsets(f, operands, middle);
  const [unit, step, end] = [f.local("i32"), f.local("i32"), f.local("i32")];
  const rows = operands.map(() => f.local("i32"));
  const point = operands.map(() => f.local("i32"));
  const sum = f.local("v128");
  const double = dtype === "float32" && spec.reduction === "sum";
  const doubles = f.local("v128");

  const value = (count: number): Push => {
    const values = evaluate(v, spec.expressions, (index) => {
      const operand = at(operands, index);
      loadVector(f, operand.dtype, at(point, index), hasAxis ? at(operand.strides, axis) : 0, count);
    });
    return at(values, spec.expression);
  };
  const accumulate = (count: number): void => {
    let next = value(count);
    if (count < 4) {
      const lanes = [0, 1, 2, 3].map((lane) => (lane < count ? -1 : 0));
      next = v.choose(
        () => void f.v128([at(lanes, 0), at(lanes, 1), at(lanes, 2), at(lanes, 3)]),
        next,
        identity(v, spec),
      );
    }
    combine(v, spec, v.read(sum), next)();
    f.set(sum);
  };
  const fold = (): void => {
    f.get(doubles).get(sum).op("f64x2.promote_low_f32x4", "f64x2.add");
    f.get(sum).get(sum).shuffle(2, 3, 2, 3).op("f64x2.promote_low_f32x4", "f64x2.add").set(doubles);
    f.v128([0, 0, 0, 0]).set(sum);
  };
  const advance = (elements: number): void =>
    operands.forEach((operand, index) => {
      const bytes = hasAxis ? byteStride(operand, axis) * elements : 0;
      if (bytes !== 0) f.get(at(point, index)).i32(bytes).op("i32.add").set(at(point, index));
    });
  const vectors = length >> 2;
  const run = (): void => {
    point.forEach((address, index) => {
      f.get(at(rows, index));
      if (middleOffsets.push(index)) f.op("i32.add");
      f.set(address);
    });
    if (vectors > 0) {
      f.i32(0).set(end).i32(0).set(step);
      f.loop(() => {
        f.get(end)
          .i32(double ? foldEvery : vectors)
          .op("i32.add")
          .set(end);
        if (double) f.get(end).i32(vectors).get(end).i32(vectors).op("i32.lt_u", "select").set(end);
        f.loop(() => {
          accumulate(4);
          advance(4);
          f.get(step).i32(1).op("i32.add").tee(step).get(end).op("i32.lt_u").branchIf(0);
        });
        if (double && vectors > foldEvery) fold();
        f.get(step).i32(vectors).op("i32.lt_u").branchIf(0);
      });
    }
    if (length % 4 > 0) accumulate(length % 4);
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
      identity(v, spec)();
      f.set(sum).v128([0, 0, 0, 0]).set(doubles);
      middleOffsets.reset();
      if (length > 0) nestLoops(f, middleOffsets, spec, middle, run);
      f.get(at(bases, operands.length)).plus(unit, 4);
      if (double)
        f.get(doubles)
          .lane("f64x2.extract_lane", 0)
          .get(doubles)
          .lane("f64x2.extract_lane", 1)
          .op("f64.add", "f32.demote_f64")
          .memory("f32.store");
      else {
        for (const [a, b, c, d] of [
          [2, 3, 0, 1],
          [1, 0, 3, 2],
        ] as const) {
          combine(v, spec, v.read(sum), () => void f.get(sum).get(sum).shuffle(a, b, c, d))();
          f.set(sum);
        }
        f.get(sum).laneMemory("v128.store32_lane", 0);
      }
      odometer.next();
    },
  );
}
