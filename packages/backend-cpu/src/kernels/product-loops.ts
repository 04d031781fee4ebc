// The loops around the micro-kernel: blocks along K, packed columns that stay in the second-level cache, tiles in between.
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelScratch, namedArguments, namedLocals } from "./kernel.ts";
import type { Epilogue } from "./micro-kernel.ts";
import { panelsPerRun } from "./pack-runs.ts";
import { tileColumns, type Tile } from "./tile.ts";

/** Argument words of the product kernel. One unit is a block of columns, by a block of rows, of one matrix of the batch. */
const productArguments = [
  "packedA",
  "b",
  "c",
  "bias",
  "columnOffsets",
  "depthOffsets",
  "resultColumns",
  "batches",
  "rows",
  "columns",
  "depth",
  "depthBlock",
  "columnPanelsPerUnit",
  "columnUnits",
  "rowPanelsPerUnit",
  "rowUnits",
  "resultRowStride",
] as const;

/** Words of one entry of the batch table: byte offsets into packed A, B, C and the bias; and into A before packing. */
export const batchWords = 5;

/** Row panels whose packed block stays in the second-level cache while the columns pass by. */
const rowPanelsPerBlock = 16;

/** Bytes at the start of scratch memory for a tile that is not stored straight to C. */
export const tileScratch = 1024;

const localNames = [
  "unit",
  "rest",
  "batch",
  "a",
  "b",
  "c",
  "bias",
  "columnPanels",
  "rowPanels",
  "firstColumn",
  "endColumn",
  "firstRow",
  "endRow",
  "step",
  "length",
  "first",
  "last",
  "column",
  "row",
  "blockStart",
  "blockEnd",
  "across",
  "along",
  "unpacked",
  "panelA",
  "panelB",
  "table",
  "valid",
  "rowsLeft",
  "tileC",
  "tileBias",
  "panelStep",
  "tileStep",
] as const;

/** The functions that the product kernel calls. Micro-kernels: for whole tiles if there are any, then for the rows that are left if any are. */
export interface ProductParts {
  readonly packed: readonly FunctionBuilder[];
  /** For columns that are read where they lie, and which those are; none are where there are many rows. */
  readonly direct: { readonly micro: readonly FunctionBuilder[]; readonly readable: FunctionBuilder } | undefined;
  readonly pack: FunctionBuilder;
  /** For several panels at once, where columns are neighbours in memory. */
  readonly packRun: FunctionBuilder | undefined;
  readonly scatter: FunctionBuilder;
}

/** `target = min(a, b)`, where `a` and `b` push a number. */
function setMinimum(f: FunctionBuilder, target: Local, a: () => void, b: () => void): void {
  for (const push of [a, b, a, b]) push();
  f.op("i32.lt_u", "select").set(target);
}

export function emitProduct(f: FunctionBuilder, tile: Tile, epilogue: Epilogue, parts: ProductParts): void {
  const { direct } = parts;
  const width = tileColumns(tile);
  // Bytes: of a panel's table entries and of one of its steps along K; of one step of a panel of A; of the rows of a tile.
  const columnBytes = width * 4;
  const rowBytes = tile.rows * 4;
  const x = namedArguments(f, productArguments);
  const v = namedLocals(f, "i32", localNames);

  /** Pushes the address of the packed panel of the current column. */
  const pushPanel = (): void => {
    f.get(kernelScratch).i32(tileScratch).op("i32.add");
    f.get(v.column).get(v.firstColumn).op("i32.sub").get(v.length).i32(columnBytes).op("i32.mul", "i32.mul", "i32.add");
  };

  /** Finds the offsets of the current column panel, and whether it is read where it lies. */
  const choosePanel = (): void => {
    f.get(x.columnOffsets).plus(v.column, columnBytes).set(v.across);
    if (direct) f.get(v.across).call(direct.readable).set(v.unpacked);
  };

  /** One way for columns that are read where they lie, another for packed ones. */
  const eitherWay = (unpacked: (micro: readonly FunctionBuilder[]) => void, packed: () => void): void => {
    if (direct) f.get(v.unpacked).if(() => unpacked(direct.micro), packed);
    else packed();
  };

  const packPanel = (): void => {
    choosePanel();
    eitherWay(
      () => {},
      () => {
        f.get(v.b).get(v.across).get(v.along).get(v.length);
        pushPanel();
        f.call(parts.pack);
      },
    );
  };

  /** All columns of the unit: several panels at a time where they are one run of memory. */
  const packPanels = (): void => {
    const { packRun } = parts;
    f.get(v.firstColumn).for(
      v.column,
      () => f.get(v.endColumn),
      1,
      () => {
        if (!packRun) return packPanel();
        f.get(v.endColumn).get(v.column).op("i32.sub").i32(panelsPerRun).op("i32.ge_u");
        f.if(() => {
          f.get(v.b).get(x.columnOffsets).plus(v.column, columnBytes).get(v.along).get(v.length);
          pushPanel();
          f.call(packRun).if(
            () =>
              f
                .get(v.column)
                .i32(panelsPerRun - 1)
                .op("i32.add")
                .set(v.column),
            packPanel,
          );
        }, packPanel);
      },
    );
  };

  /** The tiles of a column panel, from the first row of the block on: stored straight to C, or to scratch memory and from there element by element. */
  const runTiles = (straight: boolean): void => {
    const call = (callee: FunctionBuilder, placed: boolean): void => {
      f.get(v.panelA).get(v.panelB).get(v.length);
      if (straight) f.get(v.tileC).get(x.resultRowStride).get(v.first).get(v.last);
      else f.get(kernelScratch).i32(columnBytes).i32(1).i32(0);
      f.get(v.tileBias);
      if (placed) f.get(v.b).get(v.across);
      f.call(callee);
    };
    /** Calls the variant for the rows that are left. */
    const dispatch = ([first, other]: readonly FunctionBuilder[], placed = false): void => {
      if (!first) return;
      if (!other) return call(first, placed);
      f.get(v.rowsLeft).i32(tile.rows).op("i32.ge_u");
      f.if(
        () => call(first, placed),
        () => call(other, placed),
      );
    };
    f.get(x.rows).get(v.blockStart).i32(tile.rows).op("i32.mul", "i32.sub").set(v.rowsLeft);
    f.get(v.blockStart).get(x.depth).op("i32.mul").get(v.step).op("i32.add").set(v.rest);
    f.get(v.a).plus(v.rest, rowBytes).set(v.panelA);
    f.get(v.blockStart).get(v.tileStep).op("i32.mul").get(v.c).op("i32.add").set(v.tileC);
    if (straight) f.get(v.tileC).get(v.table).memory("i32.load").op("i32.add").set(v.tileC);
    if (epilogue.bias === "row") f.get(v.bias).plus(v.blockStart, rowBytes).set(v.tileBias);
    f.get(v.blockStart).for(
      v.row,
      () => f.get(v.blockEnd),
      1,
      () => {
        eitherWay(
          (micro) => dispatch(micro, true),
          () => dispatch(parts.packed),
        );
        if (!straight) {
          setMinimum(
            f,
            v.rest,
            () => f.get(v.rowsLeft),
            () => f.i32(tile.rows),
          );
          f.get(kernelScratch).get(v.rest).get(v.valid).get(v.table).get(v.tileC).get(x.resultRowStride);
          f.get(v.first).get(v.last).get(v.tileBias).call(parts.scatter);
        }
        f.get(v.rowsLeft).i32(tile.rows).op("i32.sub").set(v.rowsLeft);
        f.get(v.panelA).get(v.panelStep).op("i32.add").set(v.panelA);
        f.get(v.tileC).get(v.tileStep).op("i32.add").set(v.tileC);
        if (epilogue.bias === "row") f.get(v.tileBias).i32(rowBytes).op("i32.add").set(v.tileBias);
      },
    );
  };

  const runColumn = (): void => {
    choosePanel();
    eitherWay(
      () => f.get(v.along).set(v.panelB),
      () => {
        pushPanel();
        f.set(v.panelB);
      },
    );
    f.get(x.resultColumns).plus(v.column, columnBytes).set(v.table);
    const pushLeft = (): void => void f.get(x.columns).get(v.column).i32(width).op("i32.mul", "i32.sub");
    setMinimum(f, v.valid, pushLeft, () => f.i32(width));
    if (epilogue.bias === "column") f.get(v.bias).plus(v.column, columnBytes).set(v.tileBias);
    // The offsets in C only grow, so the first and the last say whether the tile is whole and dense.
    const lastEntry = columnBytes - 4;
    f.get(v.table).memory("i32.load", lastEntry).get(v.table).memory("i32.load").op("i32.sub").i32(lastEntry);
    f.op("i32.eq").get(v.valid).i32(width).op("i32.eq", "i32.and");
    f.if(
      () => runTiles(true),
      () => runTiles(false),
    );
  };

  const runBlock = (): void => {
    setMinimum(
      f,
      v.length,
      () => f.get(x.depth).get(v.step).op("i32.sub"),
      () => f.get(x.depthBlock),
    );
    f.get(v.step).op("i32.eqz").set(v.first);
    f.get(v.step).get(v.length).op("i32.add").get(x.depth).op("i32.ge_u").set(v.last);
    f.get(x.depthOffsets).plus(v.step, 4).set(v.along);
    packPanels();
    f.get(v.firstRow).for(
      v.blockStart,
      () => f.get(v.endRow),
      rowPanelsPerBlock,
      () => {
        setMinimum(
          f,
          v.blockEnd,
          () => f.get(v.blockStart).i32(rowPanelsPerBlock).op("i32.add"),
          () => f.get(v.endRow),
        );
        f.get(v.firstColumn).for(v.column, () => f.get(v.endColumn), 1, runColumn);
      },
    );
    f.get(v.step).get(v.length).op("i32.add").set(v.step);
  };

  /** Which columns, which rows and which matrix of the batch the unit is. */
  const findUnit = (): void => {
    f.get(v.unit).get(x.columnUnits).op("i32.rem_u").get(x.columnPanelsPerUnit).op("i32.mul").set(v.firstColumn);
    f.get(v.unit).get(x.columnUnits).op("i32.div_u").set(v.rest);
    f.get(v.rest).get(x.rowUnits).op("i32.rem_u").get(x.rowPanelsPerUnit).op("i32.mul").set(v.firstRow);
    f.get(v.rest).get(x.rowUnits).op("i32.div_u").set(v.batch);
    setMinimum(
      f,
      v.endColumn,
      () => f.get(v.firstColumn).get(x.columnPanelsPerUnit).op("i32.add"),
      () => f.get(v.columnPanels),
    );
    setMinimum(
      f,
      v.endRow,
      () => f.get(v.firstRow).get(x.rowPanelsPerUnit).op("i32.add"),
      () => f.get(v.rowPanels),
    );
    f.get(x.batches)
      .plus(v.batch, batchWords * 4)
      .set(v.batch);
    const bases = [
      [v.a, x.packedA],
      [v.b, x.b],
      [v.c, x.c],
      [v.bias, x.bias],
    ] as const;
    bases.forEach(([target, base], word) =>
      f
        .get(base)
        .get(v.batch)
        .memory("i32.load", word * 4)
        .op("i32.add")
        .set(target),
    );
  };

  const panels = (count: Local, size: number, target: Local): void => {
    f.get(count)
      .i32(size - 1)
      .op("i32.add")
      .i32(size)
      .op("i32.div_u")
      .set(target);
  };
  panels(x.columns, width, v.columnPanels);
  panels(x.rows, tile.rows, v.rowPanels);
  f.get(x.depth).i32(rowBytes).op("i32.mul").set(v.panelStep);
  f.get(x.resultRowStride).i32(tile.rows).op("i32.mul").set(v.tileStep);
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      findUnit();
      f.i32(0).set(v.step);
      // Once even where K is 0: C is written all the same.
      f.loop(() => {
        runBlock();
        f.get(v.last).op("i32.eqz").branchIf(0);
      });
    },
  );
}
