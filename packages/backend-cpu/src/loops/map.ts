// Elementwise kernels: one pass that reads its operands once, computes any number of fused ops, and writes its outputs once.
import { at, bytesOf } from "@stria/core";
import { kernelArguments, kernelBegin, kernelEnd, kernelParameters, type Kernel } from "../kernels/kernel.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { loadVector, storeVector } from "./access.ts";
import { evaluate, partOf } from "./evaluate.ts";
import { expressionKey, type Expression } from "./expression.ts";
import { byteStride, Odometer, Offsets, type Access } from "./nest.ts";
import { VectorMath } from "./vector.ts";

export interface MapOutput extends Access {
  /** The expression that is stored. */
  readonly expression: number;
}

export interface MapSpec {
  /** The index space, adjacent axes merged where every access allows it. */
  readonly sizes: readonly number[];
  readonly operands: readonly Access[];
  readonly outputs: readonly MapOutput[];
  readonly expressions: readonly Expression[];
}

/** Whether the space is one axis that every access walks element by element, or not at all: then the code does not depend on its size. */
export function isFlat(spec: MapSpec): boolean {
  return (
    spec.sizes.length === 1 &&
    spec.operands.every(({ strides }) => (strides[0] ?? 0) >>> 0 <= 1) &&
    spec.outputs.every(({ strides }) => strides[0] === 1)
  );
}

/** Units of work: vectors of a flat space, else rows (all axes but the last). */
export function mapUnits(spec: MapSpec): number {
  if (isFlat(spec)) return Math.ceil(at(spec.sizes, 0) / 4);
  return spec.sizes.slice(0, -1).reduce((product, size) => product * size, 1);
}

function accessKey(list: readonly Access[]): string {
  return list.map((access) => `${access.dtype}[${access.strides.join()}]`).join();
}

/** Argument words: the addresses of the operands, then of the outputs. */
export function mapKernel(spec: MapSpec): Kernel {
  const flat = isFlat(spec);
  const stored = spec.outputs.map((output) => output.expression).join();
  return {
    key: `map ${flat ? "" : spec.sizes.join()} ${accessKey(spec.operands)} ${accessKey(spec.outputs)} ${stored} ${expressionKey(spec.expressions)}`,
    ...partOf(spec.expressions),
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => (flat ? emitFlat(f, spec) : emitRows(f, spec)));
    },
  };
}

/** The kernel that does many flat spaces of any sizes in one call. One unit is one space; its words are the addresses as above and the number of vectors. */
export function segmentsKernel(spec: MapSpec): Kernel {
  const { key } = mapKernel(spec);
  const accesses = [...spec.operands, ...spec.outputs];
  const bytes = segmentWords(spec) * 4;
  return {
    key: `segments ${key}`,
    ...partOf(spec.expressions),
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => {
        const [segment, words, vectors] = [f.local("i32"), f.local("i32"), f.local("i32")];
        const addresses = accesses.map(() => f.local("i32"));
        f.get(kernelBegin).for(
          segment,
          () => f.get(kernelEnd),
          1,
          () => {
            f.get(kernelArguments).plus(segment, bytes).set(words);
            addresses.forEach((address, index) =>
              f
                .get(words)
                .memory("i32.load", index * 4)
                .set(address),
            );
            f.get(words)
              .memory("i32.load", bytes - 4)
              .set(vectors);
            emitVectors(f, spec, 0, addresses, vectors);
          },
        );
      });
    },
  };
}

/** Argument words of one segment: the addresses of the operands and the outputs, and the number of vectors. */
function segmentWords({ operands, outputs }: MapSpec): number {
  return operands.length + outputs.length + 1;
}

/** Emits the code for `count` elements, at the given addresses. */
function emitPoint(
  f: FunctionBuilder,
  spec: MapSpec,
  axis: number,
  addresses: readonly Local[],
  count: number,
  offset: number,
): void {
  const v = new VectorMath(f);
  const values = evaluate(v, spec.expressions, (index) => {
    const operand = at(spec.operands, index);
    const stride = at(operand.strides, axis);
    loadVector(f, operand.dtype, at(addresses, index), stride, count, stride * offset * bytesOf(operand.dtype));
  });
  spec.outputs.forEach((output, index) => {
    const stride = at(output.strides, axis);
    storeVector(
      f,
      output.dtype,
      at(addresses, spec.operands.length + index),
      stride,
      count,
      at(values, output.expression),
      stride * offset * bytesOf(output.dtype),
    );
  });
}

/** Expressions of a body that is repeated. */
const mostUnrolled = 24;

/** Vectors in one turn of the inner loop: a short body is repeated, so that counting does not cost as much as the work. */
function unrollOf(spec: MapSpec): number {
  const positive = [...spec.operands, ...spec.outputs].every((access) => access.strides.every((stride) => stride >= 0));
  return positive && spec.expressions.length <= mostUnrolled ? 4 : 1;
}

/** Emits loops that move `addresses` along `axis` for as many elements as `count` says, in whole vectors. */
function emitVectors(
  f: FunctionBuilder,
  spec: MapSpec,
  axis: number,
  addresses: readonly Local[],
  vectors: Local,
): void {
  const accesses = [...spec.operands, ...spec.outputs];
  const advance = (elements: number): void =>
    accesses.forEach((access, index) => {
      const bytes = byteStride(access, axis) * elements;
      if (bytes !== 0) f.get(at(addresses, index)).i32(bytes).op("i32.add").set(at(addresses, index));
    });
  const loopOf = (repeat: number): void => {
    f.block(() =>
      f.loop(() => {
        f.get(vectors).i32(repeat).op("i32.lt_u").branchIf(1);
        for (let turn = 0; turn < repeat; turn++) emitPoint(f, spec, axis, addresses, 4, turn * 4);
        advance(repeat * 4);
        f.get(vectors).i32(repeat).op("i32.sub").set(vectors).branch(0);
      }),
    );
  };
  const unroll = unrollOf(spec);
  if (unroll > 1) loopOf(unroll);
  loopOf(1);
}

function emitFlat(f: FunctionBuilder, spec: MapSpec): void {
  const accesses = [...spec.operands, ...spec.outputs];
  const vectors = f.local("i32");
  const addresses = accesses.map((access, index) => {
    const address = f.local("i32");
    f.get(kernelArguments)
      .memory("i32.load", index * 4)
      .plus(kernelBegin, byteStride(access, 0) * 4)
      .set(address);
    return address;
  });
  f.get(kernelEnd).get(kernelBegin).op("i32.sub").set(vectors);
  emitVectors(f, spec, 0, addresses, vectors);
}

function emitRows(f: FunctionBuilder, spec: MapSpec): void {
  const accesses = [...spec.operands, ...spec.outputs];
  const axis = spec.sizes.length - 1;
  const length = at(spec.sizes, axis);
  const outer = Array.from({ length: axis }, (_, index) => index);
  const offsets = new Offsets(f, accesses, outer);
  const odometer = new Odometer(f, offsets, outer, spec.sizes);
  const bases = accesses.map((_, index) => {
    const base = f.local("i32");
    f.get(kernelArguments)
      .memory("i32.load", index * 4)
      .set(base);
    return base;
  });
  const addresses = accesses.map(() => f.local("i32"));
  const vectors = f.local("i32");
  const row = f.local("i32");
  odometer.set(kernelBegin);
  f.get(kernelBegin).for(
    row,
    () => f.get(kernelEnd),
    1,
    () => {
      bases.forEach((base, index) => {
        f.get(base);
        if (offsets.push(index)) f.op("i32.add");
        f.set(at(addresses, index));
      });
      if (length >= 4) {
        f.i32(length >> 2).set(vectors);
        emitVectors(f, spec, axis, addresses, vectors);
      }
      if (length % 4 > 0) emitPoint(f, spec, axis, addresses, length % 4, 0);
      odometer.next();
    },
  );
}
