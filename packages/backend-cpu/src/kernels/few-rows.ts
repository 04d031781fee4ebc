// A matrix product of few rows, such as a dense layer's on one image: each column of the right matrix lies along its depth, and is read once, where it
// is. Memory is what takes time then, and packing would read and write it once more.
import { at } from "@stria/core";
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { kernelArguments, kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals } from "./kernel.ts";
import { fewRowsArguments, fewRowsColumns } from "./few-rows-arguments.ts";

/** What is multiplied at a time: the sums fit the registers. The more columns are read at once, the faster memory is (9216 to 4096: 11 GB/s with four, 17 with eight). */
interface Block {
  readonly rows: number;
  readonly columns: number;
}

const blocks: readonly Block[] = [
  { rows: 4, columns: 2 },
  { rows: 2, columns: 4 },
  { rows: 1, columns: 8 },
];

/** Bytes along the depth in one turn of the inner loop: a cache line. */
const turnBytes = 64;

export function emitFewRows(module: ModuleBuilder, name: string, rows: number, fused: boolean): void {
  const parts: { first: number; block: Block; whole: FunctionBuilder; single: FunctionBuilder }[] = [];
  for (const block of blocks) {
    let first = (parts.at(-1)?.first ?? 0) + (parts.at(-1)?.block.rows ?? 0);
    if (first + block.rows > rows) continue;
    const whole = emitBlock(module, block, fused);
    const single = emitBlock(module, { ...block, columns: 1 }, fused);
    for (; first + block.rows <= rows; first += block.rows) parts.push({ first, block, whole, single });
  }
  module.function(name, kernelParameters, [], (f) => {
    const x = namedArguments(f, fewRowsArguments);
    const v = namedLocals(f, "i32", ["unit", "column", "end"]);
    const call = (callee: FunctionBuilder, row: number): void => {
      f.get(x.a).plus(x.pitchA, row).get(x.b).get(v.column).get(x.pitchB).op("i32.mul", "i32.add");
      f.get(x.c).plus(x.pitchC, row).plus(v.column, 4).get(x.bias).plus(v.column, 4);
      f.get(kernelArguments).call(callee);
    };
    f.get(kernelBegin).for(
      v.unit,
      () => f.get(kernelEnd),
      1,
      () => {
        for (const { first, block, whole, single } of parts) {
          f.get(v.unit).i32(fewRowsColumns).op("i32.mul").tee(v.column);
          f.i32(fewRowsColumns).op("i32.add").tee(v.end).get(x.columns);
          f.get(v.end).get(x.columns).op("i32.lt_u", "select").set(v.end);
          const upTo = (columns: number, callee: FunctionBuilder): void => {
            f.block(() =>
              f.loop(() => {
                f.get(v.column).i32(columns).op("i32.add").get(v.end).op("i32.gt_u").branchIf(1);
                call(callee, first);
                f.get(v.column).i32(columns).op("i32.add").set(v.column).branch(0);
              }),
            );
          };
          upTo(block.columns, whole);
          upTo(1, single);
        }
      },
    );
  });
}

/** Emits `(a, b, c, bias, arguments)`: the products of some rows and columns. */
function emitBlock(module: ModuleBuilder, { rows, columns }: Block, fused: boolean): FunctionBuilder {
  return module.function("", ["i32", "i32", "i32", "i32", "i32"], [], (f) => {
    const [a, b, c, bias, words] = [0, 1, 2, 3, 4];
    const word = (name: (typeof fewRowsArguments)[number]): FunctionBuilder =>
      f.get(words).memory("i32.load", fewRowsArguments.indexOf(name) * 4);
    const v = namedLocals(f, "i32", ["offset", "end", "pitch"]);
    const addresses = (first: Local, count: number, pitch: "pitchA" | "pitchB"): Local[] => {
      const list = Array.from({ length: count }, (_, index) => (index === 0 ? first : f.local("i32")));
      word(pitch).set(v.pitch);
      list.slice(1).forEach((address, index) => f.get(at(list, index)).get(v.pitch).op("i32.add").set(address));
      return list;
    };
    const left = addresses(a, rows, "pitchA");
    const right = addresses(b, columns, "pitchB");
    const sums = left.map(() => right.map(() => f.local("v128")));
    const [factors, column] = [left.map(() => f.local("v128")), f.local("v128")];
    const multiply = (load: "v128.load" | "v128.load32_zero", offset: number): void => {
      left.forEach((address, row) =>
        f.get(address).get(v.offset).op("i32.add").memory(load, offset).set(at(factors, row)),
      );
      right.forEach((address, j) => {
        f.get(address).get(v.offset).op("i32.add").memory(load, offset).set(column);
        factors.forEach((factor, row) => {
          const sum = at(at(sums, row), j);
          if (fused) f.get(factor).get(column).get(sum).op("f32x4.relaxed_madd").set(sum);
          else f.get(sum).get(factor).get(column).op("f32x4.mul", "f32x4.add").set(sum);
        });
      });
    };
    /** `while (offset + bytes <= depth) { body; offset += bytes }` */
    const upTo = (bytes: number, body: () => void): void => {
      f.block(() =>
        f.loop(() => {
          f.get(v.offset).i32(bytes).op("i32.add").get(v.end).op("i32.gt_u").branchIf(1);
          body();
          f.get(v.offset).i32(bytes).op("i32.add").set(v.offset).branch(0);
        }),
      );
    };
    word("depth").set(v.end);
    upTo(turnBytes, () => {
      for (let offset = 0; offset < turnBytes; offset += 16) multiply("v128.load", offset);
    });
    upTo(16, () => multiply("v128.load", 0));
    // Elements that are left over are multiplied in the first lane, beside zeros.
    upTo(4, () => multiply("v128.load32_zero", 0));
    word("pitchC").set(v.pitch);
    sums.forEach((list, row) => {
      list.forEach((sum, j) => {
        f.get(sum).get(sum).get(sum).shuffle(2, 3, 2, 3).op("f32x4.add").tee(sum);
        f.get(sum).get(sum).shuffle(1, 1, 1, 1).op("f32x4.add").set(sum);
        word("bias").if(() =>
          f
            .get(sum)
            .get(bias)
            .memory("v128.load32_zero", j * 4)
            .op("f32x4.add")
            .set(sum),
        );
        f.get(c).get(sum);
        word("least")
          .op("f32.reinterpret_i32", "f32x4.splat", "f32x4.pmax")
          .laneMemory("v128.store32_lane", 0, j * 4);
      });
      if (row + 1 < rows) f.get(c).get(v.pitch).op("i32.add").set(c);
    });
  });
}
