// Softmax of rows: the largest element, then the exponentials and their sum, then their shares of it.
import { expOfNegative } from "../loops/functions.ts";
import { floatBits, VectorMath, type Push } from "../loops/vector.ts";
import type { Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

/** Vectors in one turn of a loop, each with a maximum of its own. Exponentials have one sum, which is fast enough: their constants need the registers. */
const unroll = 4;

/** Argument words: rows, results, bytes of a row. One unit is a row. */
export function softmaxKernel(fused: boolean): Kernel {
  return {
    key: `softmax ${fused}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => {
        const math = new VectorMath(f, fused);
        const x = namedArguments(f, ["source", "target", "bytes"]);
        const v = namedLocals(f, "i32", ["unit", "from", "to", "end"]);
        const parts = Array.from({ length: unroll }, () => f.local("v128"));
        const [value, largest, rest] = [f.local("v128"), f.local("v128"), f.local("v128")];
        const [first = value, ...others] = parts;
        const start = (word: number): void => {
          for (const part of parts) f.v128([word, word, word, word]).set(part);
          for (const [place, base] of [
            [v.from, x.source],
            [v.to, x.target],
          ] as const)
            f.get(base).get(v.unit).get(x.bytes).op("i32.mul", "i32.add").set(place);
        };
        /** Goes over the row, which begins at `first`: turns of vectors, then vectors, then elements, each in all lanes of a vector. */
        const overRow = (
          whole: (part: Local, offset: number) => void,
          single: () => void,
          places: readonly Local[],
        ): void => {
          const [lead = v.from] = places;
          f.get(lead).get(x.bytes).op("i32.add").set(v.end);
          const upTo = (bytes: number, body: () => void): void => {
            f.block(() =>
              f.loop(() => {
                f.get(lead).i32(bytes).op("i32.add").get(v.end).op("i32.gt_u").branchIf(1);
                body();
                for (const place of places) f.get(place).i32(bytes).op("i32.add").set(place);
                f.branch(0);
              }),
            );
          };
          upTo(unroll * 16, () => parts.forEach((part, index) => whole(part, index * 16)));
          upTo(16, () => whole(first, 0));
          upTo(4, single);
        };
        const load =
          (offset: number): Push =>
          () =>
            void f.get(v.from).memory("v128.load", offset);
        const splat: Push = () => void f.get(v.from).memory("v128.load32_splat");
        /** The lanes and parts as one, in all lanes of `target`. */
        const join = (op: "f32x4.pmax" | "f32x4.add", target: Local): void => {
          f.get(first);
          for (const other of others) f.get(other).op(op);
          f.set(target);
          f.get(target).get(target).get(target).shuffle(2, 3, 0, 1).op(op).set(target);
          f.get(target).get(target).get(target).shuffle(1, 0, 3, 2).op(op).set(target);
        };
        const exponential = (operand: Push): void => {
          expOfNegative(math, math.keep(math.sub(operand, math.read(largest))))();
          f.set(value);
        };
        f.get(kernelBegin).for(
          v.unit,
          () => f.get(kernelEnd),
          1,
          () => {
            start(floatBits(-Infinity));
            const include = (part: Local, operand: Push): void => {
              math.op("f32x4.pmax", math.read(part), operand)();
              f.set(part);
            };
            overRow(
              (part, offset) => include(part, load(offset)),
              () => include(first, splat),
              [v.from],
            );
            join("f32x4.pmax", largest);

            start(0);
            f.v128([0, 0, 0, 0]).set(rest);
            overRow(
              (_, offset) => {
                exponential(load(offset));
                f.get(v.to).get(value).memory("v128.store", offset);
                f.get(first).get(value).op("f32x4.add").set(first);
              },
              () => {
                exponential(splat);
                f.get(v.to).get(value).laneMemory("v128.store32_lane", 0);
                f.get(rest).get(value).op("f32x4.add").set(rest);
              },
              [v.from, v.to],
            );
            join("f32x4.add", value);
            f.f32(1).op("f32x4.splat").get(value).get(rest).op("f32x4.add", "f32x4.div").set(rest);

            start(0);
            overRow(
              (_, offset) =>
                f
                  .get(v.to)
                  .get(v.to)
                  .memory("v128.load", offset)
                  .get(rest)
                  .op("f32x4.mul")
                  .memory("v128.store", offset),
              () => {
                f.get(v.to)
                  .get(v.to)
                  .memory("v128.load32_splat")
                  .get(rest)
                  .op("f32x4.mul")
                  .laneMemory("v128.store32_lane", 0);
              },
              [v.to],
            );
          },
        );
      });
    },
  };
}
