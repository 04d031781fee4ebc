// Writing at indices of one axis: rows or single elements are added up, or the last index of a place is noted. A unit owns a block of places, looks at
// every index and takes those that are its own, in order: the same sums for any number of threads, and nothing outside is written.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

/** What is written: sums of rows that have one index, sums of elements that have one each, or numbers of indices. */
export type Written = "rows" | "elements" | "places";

type Names = "updates" | "indices" | "result" | "count" | "length" | "row" | "blocks" | "block";
type Arguments = Readonly<Record<Names, Local>>;

interface Unit {
  /** Address of the unit's first place, and how many places it has. */
  readonly target: Local;
  readonly places: Local;
  /** The first place. */
  readonly first: Local;
  /** Number of the update's first element. */
  readonly element: Local;
}

/** Pushes an index relative to the unit's places, and whether it is one of them. */
function ownIndex(f: FunctionBuilder, { places, first }: Unit, index: Local, load: () => void): void {
  load();
  f.get(first).op("i32.sub").tee(index).get(places).op("i32.lt_u");
}

function addRows(f: FunctionBuilder, a: Arguments, unit: Unit, isFloat: boolean): void {
  const v = namedLocals(f, "i32", ["k", "index", "to", "from", "column", "vectors"]);
  const { k, index, to, from, column, vectors } = v;
  f.get(a.row).i32(-4).op("i32.and").set(vectors);
  const step = (bytes: number): FunctionBuilder =>
    f.get(to).i32(bytes).op("i32.add").set(to).get(from).i32(bytes).op("i32.add").set(from);
  f.i32(0).for(
    k,
    () => f.get(a.count),
    1,
    () => {
      ownIndex(f, unit, index, () => f.get(a.indices).plus(k, 4).memory("i32.load"));
      f.if(() => {
        f.get(unit.target).get(index).get(a.row).op("i32.mul").i32(4).op("i32.mul", "i32.add").set(to);
        f.get(a.updates).plus(unit.element, 4).set(from);
        f.i32(0).for(
          column,
          () => f.get(vectors),
          4,
          () => {
            f.get(to).get(to).memory("v128.load").get(from).memory("v128.load");
            f.op(isFloat ? "f32x4.add" : "i32x4.add").memory("v128.store");
            step(16);
          },
        );
        f.get(vectors).for(
          column,
          () => f.get(a.row),
          1,
          () => {
            addOne(f, to, isFloat, () => f.get(from));
            step(4);
          },
        );
      });
      f.get(unit.element).get(a.row).op("i32.add").set(unit.element);
    },
  );
}

function addOne(f: FunctionBuilder, to: Local, isFloat: boolean, from: () => void): void {
  f.get(to)
    .get(to)
    .memory(isFloat ? "f32.load" : "i32.load");
  from();
  if (isFloat) f.memory("f32.load").op("f32.add").memory("f32.store");
  else f.memory("i32.load").op("i32.add").memory("i32.store");
}

function writeElements(f: FunctionBuilder, a: Arguments, unit: Unit, written: Written, isFloat: boolean): void {
  const { k, index, to, column } = namedLocals(f, "i32", ["k", "index", "to", "column"]);
  f.i32(0).for(
    k,
    () => f.get(a.count),
    1,
    () =>
      f.i32(0).for(
        column,
        () => f.get(a.row),
        1,
        () => {
          ownIndex(f, unit, index, () => f.get(a.indices).plus(unit.element, 4).memory("i32.load"));
          f.if(() => {
            f.get(unit.target);
            f.get(index).get(a.row).op("i32.mul").get(column).op("i32.add");
            f.i32(4).op("i32.mul", "i32.add").set(to);
            if (written === "places") f.get(to).get(k).memory("i32.store");
            else addOne(f, to, isFloat, () => f.get(a.updates).plus(unit.element, 4));
          });
          f.get(unit.element).i32(1).op("i32.add").set(unit.element);
        },
      ),
  );
}

/**
 * Argument words: updates (the indices again, where places are written), indices, result, number of indices in a lane, length of the axis, elements
 * of a row, blocks of places in a plane, places in a block. One unit is one block. All elements take four bytes.
 */
export function writeAtKernel(written: Written, isFloat: boolean): Kernel {
  return {
    key: `writeAt ${written} ${isFloat}`,
    emit: (module, name) => emitWriteAt(module, name, written, isFloat),
  };
}

function emitWriteAt(module: ModuleBuilder, name: string, written: Written, isFloat: boolean): void {
  module.function(name, kernelParameters, [], (f) => {
    const a = namedArguments(f, ["updates", "indices", "result", "count", "length", "row", "blocks", "block"]);
    const unit = namedLocals(f, "i32", ["target", "places", "first", "element"]);
    const { number, plane, to, end } = namedLocals(f, "i32", ["number", "plane", "to", "end"]);
    f.get(kernelBegin).for(
      number,
      () => f.get(kernelEnd),
      1,
      () => {
        f.get(number).get(a.blocks).op("i32.div_u").set(plane);
        f.get(number).get(a.blocks).op("i32.rem_u").get(a.block).op("i32.mul").set(unit.first);
        // The last block is what is left.
        f.get(a.block).get(a.length).get(unit.first).op("i32.sub").tee(unit.places);
        f.get(a.block).get(unit.places).op("i32.lt_u", "select").set(unit.places);
        f.get(a.result);
        f.get(plane).get(a.length).op("i32.mul").get(unit.first).op("i32.add").get(a.row).op("i32.mul");
        f.i32(4).op("i32.mul", "i32.add").tee(unit.target).set(to);
        f.get(to).get(unit.places).get(a.row).op("i32.mul").i32(4).op("i32.mul", "i32.add").set(end);
        f.block(() =>
          f.loop(() => {
            f.get(to).get(end).op("i32.ge_u").branchIf(1);
            f.get(to)
              .i32(written === "places" ? -1 : 0)
              .memory("i32.store");
            f.get(to).i32(4).op("i32.add").set(to).branch(0);
          }),
        );
        f.get(plane).get(a.count).op("i32.mul").get(a.row).op("i32.mul").set(unit.element);
        if (written === "rows") addRows(f, a, unit, isFloat);
        else writeElements(f, a, unit, written, isFloat);
      },
    );
  });
}
