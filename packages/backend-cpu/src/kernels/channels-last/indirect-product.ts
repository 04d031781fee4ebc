// The channels-last product: pixels by output channels, summed over the runs of the input that a window sees. Forward convolution and its gradient by
// the input are this kernel with other tables and other panels.
import { kernelArguments, kernelBegin, kernelEnd, kernelParameters, kernelScratch } from "../kernel.ts";
import { namedArguments, namedLocals, type Kernel } from "../kernel.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { indirectArguments } from "./indirect-arguments.ts";
import { emitPanel } from "./indirect-panel.ts";
import { emitPointers, type PixelSource } from "./indirect-pointers.ts";
import { emitTouch } from "./touch.ts";
import { panelWidth, pointerSlots, type IndirectTile } from "./indirect-tile.ts";

export interface IndirectKernelOptions {
  readonly tile: IndirectTile;
  readonly source: PixelSource;
  /** Whether there are several groups of channels. */
  readonly grouped: boolean;
  /** Pixels, and output channels of a group. There is code for the tiles that these have, and no other. */
  readonly rows: number;
  readonly columns: number;
}

/** Bytes at the start of scratch memory that are for touched memory. */
const touchedBytes = 16;

/** Bytes of pointers of one tile: of each segment, of the outputs, and of the residual. */
export function pointerBytes(tile: IndirectTile, segments: number): number {
  return (segments + 2) * pointerSlots(tile) * 4;
}

/** Bytes of scratch memory that a thread needs for units of so many tiles. */
export function indirectScratchBytes(tile: IndirectTile, segments: number, tiles: number): number {
  return touchedBytes + tiles * pointerBytes(tile, segments) + 64;
}

/** One unit is a block of pixels by a range of panels, whose pointers are found once. */
export function indirectKernel(options: IndirectKernelOptions): Kernel {
  const { tile, source, grouped, columns } = options;
  const width = panelWidth(tile);
  // A number of columns with the same whole and partial panels.
  const alike = columns < width ? columns : width + (columns % width);
  const left = options.rows % tile.rows;
  return {
    key: `indirect ${Object.values(tile).join()} ${source} ${grouped ? "grouped" : "whole"} ${alike} ${left} ${options.rows > left}`,
    emit(module, name) {
      const panelOf = (rows: number): FunctionBuilder =>
        emitPanel(module, { tile, rows, columns: alike, shifted: grouped });
      const whole = options.rows > left ? panelOf(tile.rows) : undefined;
      const parts = [4, 2, 1].filter((rows) => (left & rows) > 0).map((rows) => ({ rows, panel: panelOf(rows) }));
      const find = emitPointers(module, tile, source);
      const touch = emitTouch(module);
      module.function(name, kernelParameters, [], (f) => emitUnits(f, options, { whole, parts, find, touch }));
    },
  };
}

const unitLocals = [
  "unit",
  "row",
  "endRow",
  "panel",
  "endPanel",
  "pointers",
  "inGroup",
  "wholeEnd",
  "lastRows",
  "end",
  "rowsLeft",
  "columns",
  "channel",
  "shift",
  "weights",
] as const;

/** The functions that the kernel calls. */
interface Parts {
  /** Panels of whole tiles; and of so many rows, powers of two, of which the rows of the last tile are the sum. */
  readonly whole: FunctionBuilder | undefined;
  readonly parts: readonly { readonly rows: number; readonly panel: FunctionBuilder }[];
  readonly find: FunctionBuilder;
  readonly touch: FunctionBuilder;
}

function emitUnits(f: FunctionBuilder, { tile, source }: IndirectKernelOptions, functions: Parts): void {
  const { whole, parts, find, touch } = functions;
  const x = namedArguments(f, indirectArguments);
  const v = namedLocals(f, "i32", unitLocals);
  const width = panelWidth(tile);
  const setSmaller = (target: number, a: () => void, b: () => void): void => {
    for (const push of [a, b, a, b]) push();
    f.op("i32.lt_u", "select").set(target);
  };
  const callPanel = (callee: FunctionBuilder, start: number, end: number): void => {
    f.get(start).get(end).get(v.weights).get(x.segments).get(x.runBytes).get(v.channel).get(v.columns);
    f.get(x.residual).get(x.least).get(x.most).get(v.shift).call(callee);
  };
  /** The rows that are left: their pointers lie one behind the other. */
  const lastTile = (): void => {
    f.get(v.wholeEnd).set(v.lastRows);
    for (const { rows, panel } of parts) {
      f.get(v.rowsLeft).i32(rows).op("i32.and");
      f.if(() => {
        callPanel(panel, v.lastRows, v.end);
        f.get(v.lastRows)
          .i32(rows * 4)
          .op("i32.add")
          .set(v.lastRows);
      });
    }
  };
  const runPanel = (): void => {
    f.get(v.panel).get(x.panelsPerGroup).op("i32.rem_u").set(v.inGroup);
    f.get(x.groupColumns).get(v.inGroup).i32(width).op("i32.mul", "i32.sub").set(v.columns);
    f.get(v.panel).get(x.panelsPerGroup).op("i32.div_u").tee(v.shift).get(x.groupColumns).op("i32.mul");
    f.get(v.inGroup).i32(width).op("i32.mul", "i32.add").i32(4).op("i32.mul").set(v.channel);
    f.get(v.shift).get(x.groupBytes).op("i32.mul").set(v.shift);
    f.get(x.packed).get(v.panel).get(x.panelBytes).op("i32.mul", "i32.add").set(v.weights);
    f.get(v.weights).get(v.weights).get(x.panelBytes).op("i32.add").get(kernelScratch).call(touch);
    if (whole) {
      f.get(v.pointers).get(v.wholeEnd).op("i32.ne");
      f.if(() => callPanel(whole, v.pointers, v.wholeEnd));
    }
    if (parts.length > 0) f.get(v.rowsLeft).if(lastTile);
  };

  f.get(kernelScratch).i32(touchedBytes).op("i32.add").set(v.pointers);
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(v.unit).get(x.rowUnits).op("i32.rem_u").get(x.rowsPerUnit).op("i32.mul").set(v.row);
      setSmaller(
        v.endRow,
        () => f.get(v.row).get(x.rowsPerUnit).op("i32.add"),
        () => f.get(x.rows),
      );
      f.get(v.unit).get(x.rowUnits).op("i32.div_u").get(x.panelsPerUnit).op("i32.mul").set(v.panel);
      setSmaller(
        v.endPanel,
        () => f.get(v.panel).get(x.panelsPerUnit).op("i32.add"),
        () => f.get(x.panels),
      );
      if (source === "plain") {
        for (const row of [v.row, v.endRow]) f.get(x.x).get(row).get(x.pitchX).op("i32.mul", "i32.add");
        f.get(kernelScratch).call(touch);
      }
      f.get(kernelArguments).get(v.pointers).get(v.row).get(v.endRow).call(find);
      f.get(v.endRow).get(v.row).op("i32.sub").tee(v.rowsLeft).i32(tile.rows).op("i32.div_u").set(v.wholeEnd);
      f.get(v.rowsLeft).i32(tile.rows).op("i32.rem_u").set(v.rowsLeft);
      // Pointers of a tile: the segments', the outputs' and the residual's.
      f.get(x.segments)
        .i32(2)
        .op("i32.add")
        .i32(pointerSlots(tile) * 4)
        .op("i32.mul")
        .set(v.end);
      f.get(v.pointers).get(v.wholeEnd).get(v.end).op("i32.mul", "i32.add").tee(v.wholeEnd);
      f.get(v.end).op("i32.add").set(v.end);
      f.get(v.panel).for(v.panel, () => f.get(v.endPanel), 1, runPanel);
    },
  );
}
