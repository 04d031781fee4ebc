// Reading at indices of one axis: whole rows (take) or single elements (gather). Elements are moved as words, whatever they mean; outside the axis
// NaN or 0 is written, and nothing is read.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import { bytesOf, type DType } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

/** NaN where there is one, else 0: as four bytes, which hold as many elements as there is room for. */
function outsideOf(dtype: DType): number {
  return dtype === "float32" ? 0x7fc00000 : dtype === "float16" ? 0x7e007e00 : 0;
}

const moves = {
  4: ["i32.load", "i32.store"],
  2: ["i32.load16_u", "i32.store16"],
  1: ["i32.load8_u", "i32.store8"],
} as const;

/** The instructions that move one element. */
function moveOf(dtype: DType): (typeof moves)[keyof typeof moves] {
  const bytes = bytesOf(dtype);
  return bytes === 4 ? moves[4] : bytes === 2 ? moves[2] : moves[1];
}

/** Emits a loop over rows of the result: `body` does row `unit`, which belongs to the plane of x at `base` and the index number `place`. */
function overRows(
  f: FunctionBuilder,
  x: Local,
  places: Local,
  planeBytes: () => void,
  body: (base: Local, place: Local) => void,
): void {
  const { unit, base, place } = namedLocals(f, "i32", ["unit", "base", "place"]);
  f.get(x).get(kernelBegin).get(places).op("i32.div_u");
  planeBytes();
  f.op("i32.mul", "i32.add").set(base);
  f.get(kernelBegin).get(places).op("i32.rem_u").set(place);
  f.get(kernelBegin).for(
    unit,
    () => f.get(kernelEnd),
    1,
    () => {
      body(base, place);
      f.get(place).i32(1).op("i32.add").tee(place).get(places).op("i32.eq");
      f.if(() => {
        f.i32(0).set(place).get(base);
        planeBytes();
        f.op("i32.add").set(base);
      });
    },
  );
}

/** `for (; address < end; address += step)`. */
function upTo(f: FunctionBuilder, address: Local, end: Local, step: number, body: () => void): void {
  f.block(() =>
    f.loop(() => {
      f.get(address).get(end).op("i32.ge_u").branchIf(1);
      body();
      f.get(address).i32(step).op("i32.add").set(address).branch(0);
    }),
  );
}

/** Argument words: x, indices, result, number of indices, length of the axis, bytes of a row. One unit is one row of the result. */
export function takeKernel(dtype: DType): Kernel {
  return { key: `take ${bytesOf(dtype)} ${dtype}`, emit: (module, name) => emitTake(module, name, dtype) };
}

function emitTake(module: ModuleBuilder, name: string, dtype: DType): void {
  const [load, store] = moveOf(dtype);
  const fill = outsideOf(dtype);
  module.function(name, kernelParameters, [], (f) => {
    const a = namedArguments(f, ["x", "indices", "result", "places", "length", "row"]);
    const v = namedLocals(f, "i32", ["index", "from", "to", "vectors", "end"]);
    f.get(a.result).get(kernelBegin).get(a.row).op("i32.mul", "i32.add").set(v.to);
    overRows(
      f,
      a.x,
      a.places,
      () => f.get(a.length).get(a.row).op("i32.mul"),
      (base, place) => {
        f.get(v.to).get(a.row).op("i32.add").set(v.end);
        f.get(v.to).get(a.row).i32(-16).op("i32.and", "i32.add").set(v.vectors);
        f.get(a.indices).plus(place, 4).memory("i32.load").tee(v.index).get(a.length).op("i32.lt_u");
        f.if(
          () => {
            f.get(base).get(v.index).get(a.row).op("i32.mul", "i32.add").set(v.from);
            upTo(f, v.to, v.vectors, 16, () => {
              f.get(v.to).get(v.from).memory("v128.load").memory("v128.store");
              f.get(v.from).i32(16).op("i32.add").set(v.from);
            });
            upTo(f, v.to, v.end, bytesOf(dtype), () => {
              f.get(v.to).get(v.from).memory(load).memory(store);
              f.get(v.from).i32(bytesOf(dtype)).op("i32.add").set(v.from);
            });
          },
          () => {
            upTo(f, v.to, v.vectors, 16, () => f.get(v.to).v128([fill, fill, fill, fill]).memory("v128.store"));
            upTo(f, v.to, v.end, bytesOf(dtype), () => f.get(v.to).i32(fill).memory(store));
          },
        );
      },
    );
  });
}

/** Argument words: x, indices, result, number of indices in a lane, length of the axis, elements of a row. One unit is one row of the result. */
export function gatherKernel(dtype: DType): Kernel {
  return { key: `gather ${bytesOf(dtype)} ${dtype}`, emit: (module, name) => emitGather(module, name, dtype) };
}

function emitGather(module: ModuleBuilder, name: string, dtype: DType): void {
  const bytes = bytesOf(dtype);
  const [load, store] = moveOf(dtype);
  const fill = outsideOf(dtype);
  module.function(name, kernelParameters, [], (f) => {
    const a = namedArguments(f, ["x", "indices", "result", "places", "length", "row"]);
    const v = namedLocals(f, "i32", ["index", "element", "column", "value"]);
    f.get(kernelBegin).get(a.row).op("i32.mul").set(v.element);
    overRows(
      f,
      a.x,
      a.places,
      () => f.get(a.length).get(a.row).op("i32.mul").i32(bytes).op("i32.mul"),
      (base) => {
        f.i32(0).for(
          v.column,
          () => f.get(a.row),
          1,
          () => {
            f.get(a.indices).plus(v.element, 4).memory("i32.load").tee(v.index).get(a.length).op("i32.lt_u");
            f.if(
              () => {
                f.get(base);
                f.get(v.index).get(a.row).op("i32.mul").get(v.column).op("i32.add");
                f.i32(bytes).op("i32.mul", "i32.add").memory(load).set(v.value);
              },
              () => f.i32(fill).set(v.value),
            );
            f.get(a.result).plus(v.element, bytes).get(v.value).memory(store);
            f.get(v.element).i32(1).op("i32.add").set(v.element);
          },
        );
      },
    );
  });
}
