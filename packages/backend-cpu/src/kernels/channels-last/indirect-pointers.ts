// Fills in the pointers of tiles of pixels: where each row reads its runs and writes its outputs. What a window sees outside the input is a row of zeros.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { namedArguments, namedLocals } from "../kernel.ts";
import { indirectArguments } from "./indirect-arguments.ts";
import { pointerSlots, type IndirectTile } from "./indirect-tile.ts";

/** In the tables of an axis: outside. Three of them, and one of them and places inside, add up to a number below zero. */
export const outside = -715827882;

/** Entries of the inner table that may be read behind the last. */
export const tableSlack = 8;

/**
 * How pixels are found: one behind the other; by a window that slides over three axes; or by one that has a single element along the inner axis, where it
 * stays inside.
 */
export type PixelSource = "plain" | "window" | "line";

const [pointers, row, endRow] = [1, 2, 3];

/** Emits `(arguments, pointers, row, endRow)`. */
export function emitPointers(module: ModuleBuilder, tile: IndirectTile, source: PixelSource): FunctionBuilder {
  return module.function("", ["i32", "i32", "i32", "i32"], [], (f) => {
    if (source === "plain") plainPointers(f, tile);
    else windowPointers(f, tile, source);
  });
}

/** Pushes four numbers: `first`, and each `step` more than the one before. */
function pushFour(f: FunctionBuilder, first: Local, step: Local, group: number): FunctionBuilder {
  f.get(first).op("i32x4.splat").get(step).op("i32x4.splat");
  return f.v128([group * 4, group * 4 + 1, group * 4 + 2, group * 4 + 3]).op("i32x4.mul", "i32x4.add");
}

/** Rows follow one another in the input and in the output. */
function plainPointers(f: FunctionBuilder, tile: IndirectTile): void {
  const slotBytes = pointerSlots(tile) * 4;
  const x = namedArguments(f, indirectArguments);
  const first = f.local("i32");
  f.loop(() => {
    const streams = [
      [x.x, x.pitchX],
      [x.y, x.pitchY],
      [x.residual, x.pitchResidual],
    ] as const;
    streams.forEach(([base, pitch], slot) => {
      f.get(row).get(pitch).op("i32.mul").get(base).op("i32.add").set(first);
      for (let group = 0; group * 4 < tile.rows; group++) {
        f.get(pointers);
        pushFour(f, first, pitch, group).memory("v128.store", slot * slotBytes + group * 16);
      }
    });
    f.get(pointers)
      .i32(streams.length * slotBytes)
      .op("i32.add")
      .set(pointers);
    f.get(row).i32(tile.rows).op("i32.add").tee(row).get(endRow).op("i32.lt_u").branchIf(0);
  });
}

const windowLocals = [
  "image",
  "outer",
  "middle",
  "inner",
  "inTile",
  "count",
  "step",
  "target",
  "outerEntry",
  "outerEnd",
  "middleEntry",
  "middleEnd",
  "innerEntry",
  "innerEnd",
  "offset",
  "pixel",
  "address",
] as const;

/**
 * An element of the input lies at the sum of an entry of each axis's table, in elements; below zero it is outside. Places along the inner axis are done
 * four at a time: entries of the inner table are ordered [element of the kernel][place], of the others [place][element of the kernel].
 */
function windowPointers(f: FunctionBuilder, tile: IndirectTile, source: "window" | "line"): void {
  const slotBytes = pointerSlots(tile) * 4;
  const x = namedArguments(f, indirectArguments);
  const v = namedLocals(f, "i32", windowLocals);
  const { base, zeros, offset, place } = namedLocals(f, "v128", ["base", "zeros", "offset", "place"]);
  const steps = Array.from({ length: Math.ceil(tile.rows / 4) }, () => f.local("v128"));

  /** Stores rows four by four, as many as `count` says; what is written behind them is overwritten, or room between the slots. */
  const eachFour = (store: (group: number) => void): void => {
    store(0);
    for (let group = 1; group * 4 < tile.rows; group++)
      f.get(v.count)
        .i32(group * 4)
        .op("i32.gt_u")
        .if(() => store(group));
    passSlot();
  };
  const passSlot = (): void => void f.get(v.target).i32(slotBytes).op("i32.add").set(v.target);
  /** Walks over a list of table entries, `step` bytes apart. */
  const eachEntry = (entry: Local, end: Local, step: () => void, body: () => void): void => {
    f.block(() =>
      f.loop(() => {
        f.get(entry).get(end).op("i32.ge_u").branchIf(1);
        body();
        f.get(entry);
        step();
        f.op("i32.add").set(entry).branch(0);
      }),
    );
  };
  const fourBytes = (): void => void f.i32(4);
  /** The entries of one place in the table of an outer axis. */
  const entriesOf = (table: Local, index: Local, taps: Local, entry: Local, end: Local): void => {
    f.get(table).get(index).get(taps).op("i32.mul").i32(4).op("i32.mul", "i32.add").set(entry);
    f.get(entry).plus(taps, 4).set(end);
  };

  /** Stores where the elements along the inner axis lie; `offset` is that of the other axes. */
  const storeWindow = (): void => {
    f.get(v.offset).op("i32x4.splat").set(offset);
    f.get(x.innerTable).plus(v.inner, 4).tee(v.innerEntry);
    f.get(x.innerTaps).get(x.innerTableBytes).op("i32.mul", "i32.add").set(v.innerEnd);
    eachEntry(
      v.innerEntry,
      v.innerEnd,
      () => f.get(x.innerTableBytes),
      () =>
        eachFour((group) => {
          f.get(v.innerEntry);
          f.memory("v128.load", group * 16)
            .get(offset)
            .op("i32x4.add")
            .set(place);
          f.get(v.target).get(zeros).get(place).i32(2).op("i32x4.shl").get(base).op("i32x4.add");
          f.get(place).i32(31).op("i32x4.shr_s", "v128.bitselect");
          f.memory("v128.store", group * 16);
        }),
    );
  };
  const storeLine = (): void => {
    f.get(v.offset).i32(0).op("i32.lt_s");
    f.if(
      () =>
        eachFour((group) =>
          f
            .get(v.target)
            .get(zeros)
            .memory("v128.store", group * 16),
        ),
      () => {
        f.get(v.offset).i32(4).op("i32.mul", "i32x4.splat").get(base).op("i32x4.add").set(offset);
        eachFour((group) => {
          f.get(v.target).get(offset);
          f.get(steps[group] ?? offset)
            .op("i32x4.add")
            .memory("v128.store", group * 16);
        });
      },
    );
  };
  const storeInputs = (): void => {
    entriesOf(x.outerTable, v.outer, x.outerTaps, v.outerEntry, v.outerEnd);
    eachEntry(v.outerEntry, v.outerEnd, fourBytes, () => {
      entriesOf(x.middleTable, v.middle, x.middleTaps, v.middleEntry, v.middleEnd);
      eachEntry(v.middleEntry, v.middleEnd, fourBytes, () => {
        f.get(v.outerEntry).memory("i32.load").get(v.middleEntry).memory("i32.load").op("i32.add").set(v.offset);
        if (source === "line") storeLine();
        else storeWindow();
      });
    });
  };
  const storeOutputs = (): void => {
    f.get(v.image).get(x.imagePixels).op("i32.mul").get(v.outer).get(x.outerPixels).op("i32.mul", "i32.add");
    f.get(v.middle).get(x.middlePixels).op("i32.mul", "i32.add").get(v.inner).get(x.innerPixels);
    f.op("i32.mul", "i32.add").set(v.pixel);
    const storeRows = (start: Local, pitch: Local): void => {
      f.get(v.pixel).get(pitch).op("i32.mul").get(start).op("i32.add").set(v.address);
      f.get(x.innerPixels).get(pitch).op("i32.mul").set(v.step);
      eachFour((group) => {
        f.get(v.target);
        pushFour(f, v.address, v.step, group).memory("v128.store", group * 16);
      });
    };
    storeRows(x.y, x.pitchY);
    f.get(x.residual).if(() => storeRows(x.residual, x.pitchResidual), passSlot);
  };
  const setMinimum = (target: Local, other: () => void): void => {
    f.get(target);
    other();
    f.get(target);
    other();
    f.op("i32.lt_u", "select").set(target);
  };
  /** `rest = places rest + index`, splitting an index into an outer and an inner one. */
  const split = (rest: Local, places: Local, index: Local): void => {
    f.get(rest).get(places).op("i32.rem_u").set(index).get(rest).get(places).op("i32.div_u").set(rest);
  };

  f.get(x.zeros).op("i32x4.splat").set(zeros);
  steps.forEach((vector, group) => {
    f.v128([group * 4, group * 4 + 1, group * 4 + 2, group * 4 + 3]);
    f.get(x.innerStep).op("i32x4.splat", "i32x4.mul").set(vector);
  });
  f.get(row).set(v.image);
  split(v.image, x.innerPlaces, v.inner);
  split(v.image, x.middlePlaces, v.middle);
  split(v.image, x.outerPlaces, v.outer);
  f.loop(() => {
    // As many rows as there are in the tile, in the row of places, and in all.
    f.get(x.innerPlaces).get(v.inner).op("i32.sub").set(v.count);
    setMinimum(v.count, () => f.i32(tile.rows).get(v.inTile).op("i32.sub"));
    setMinimum(v.count, () => f.get(endRow).get(row).op("i32.sub"));
    f.get(x.x).get(v.image).get(x.imageBytes).op("i32.mul", "i32.add");
    if (source === "line") f.get(v.inner).get(x.innerStep).op("i32.mul", "i32.add");
    f.op("i32x4.splat").set(base);
    f.get(pointers).plus(v.inTile, 4).set(v.target);
    storeInputs();
    storeOutputs();
    for (const index of [row, v.inTile, v.inner]) f.get(index).get(v.count).op("i32.add").set(index);
    f.get(v.inTile).i32(tile.rows).op("i32.eq");
    f.if(() => {
      // The target stands behind the tile's last slot, at the row where this run began.
      f.get(v.target).i32(tile.rows).get(v.count).op("i32.sub").i32(4).op("i32.mul", "i32.sub").set(pointers);
      f.i32(0).set(v.inTile);
    });
    const carry = (index: Local, places: Local, next: () => void): void => {
      f.get(index).get(places).op("i32.eq");
      f.if(() => {
        f.i32(0).set(index);
        next();
      });
    };
    const increment = (index: Local): void => void f.get(index).i32(1).op("i32.add").set(index);
    carry(v.inner, x.innerPlaces, () => {
      increment(v.middle);
      carry(v.middle, x.middlePlaces, () => {
        increment(v.outer);
        carry(v.outer, x.outerPlaces, () => increment(v.image));
      });
    });
    f.get(row).get(endRow).op("i32.lt_u").branchIf(0);
  });
}
