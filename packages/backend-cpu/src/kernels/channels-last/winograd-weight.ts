// The transform of a convolution's weights, from [outputs][channels][3][3] in memory to planes of panels: [plane][panel][channel][column]. Columns are
// outputs; for the gradient of the input they are channels, and the taps are turned round.
import { at } from "@stria/core";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder } from "../../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, kernelScratch, namedArguments, type Kernel } from "../kernel.ts";
import { tileColumns, type Tile } from "../tile.ts";
import { emitTouch } from "./touch.ts";
import { pushLesser } from "./winograd-arguments.ts";
import type { WinogradMatrices } from "./winograd-matrices.ts";
import { weightRowsPerUnit } from "./winograd-scratch.ts";
import { transformEmitter } from "./winograd-transform.ts";

/**
 * Emits `(weight, target, zeros, column, row, rowEnd, columns, rows, columnBytes, rowBytes, planeBytes, between)`: rows of one panel, whose first column
 * is `column`, in all planes. Columns and rows of the weight are so many bytes apart; rows beyond them are zeros, of which nine are at `zeros`.
 */
export function emitWeightPanel(
  module: ModuleBuilder,
  matrices: WinogradMatrices,
  tile: Tile,
  turned: boolean,
): FunctionBuilder {
  const { taps } = matrices;
  const touch = emitTouch(module);
  return module.function("", Array<"i32">(12).fill("i32"), [], (f) => {
    const [weight, target, zeros, column, row, rowEnd] = [0, 1, 2, 3, 4, 5];
    const [columns, rows, columnBytes, rowBytes, planeBytes, between] = [6, 7, 8, 9, 10, 11];
    const vector = f.local("i32");
    const place = f.local("i32");
    const sources = [0, 1, 2, 3].map(() => f.local("i32"));
    const loaded = f.local("v128");
    const transform = transformEmitter(f, matrices.kernel, tile.fused, between);
    const [touched, touchedEnd, start] = [f.local("i32"), f.local("i32"), f.local("i32")];
    /** Pushes where the panel's last row ends, and where its last column does. */
    const pushRowEnd = (): void =>
      pushLesser(
        f,
        () => f.get(rowEnd),
        () => f.get(rows),
      );
    const pushColumnEnd = (): void =>
      pushLesser(
        f,
        () => f.get(column).i32(tileColumns(tile)).op("i32.add"),
        () => f.get(columns),
      );
    /** Reads what the panel is made of, row by row or column by column, as it lies side by side. (Turned, 256 channels: 0.94 of the time of a gradient.) */
    const touchPanel = (): void => {
      const [outer, outerBytes, pushOuterEnd] = turned
        ? [row, rowBytes, pushRowEnd]
        : [column, columnBytes, pushColumnEnd];
      const [inner, innerBytes, pushInnerEnd] = turned
        ? [column, columnBytes, pushColumnEnd]
        : [row, rowBytes, pushRowEnd];
      pushOuterEnd();
      f.set(touchedEnd)
        .get(outer)
        .for(
          touched,
          () => f.get(touchedEnd),
          1,
          () => {
            f.get(weight).get(touched).get(outerBytes).op("i32.mul", "i32.add").tee(start);
            f.get(inner).get(innerBytes).op("i32.mul", "i32.add").get(start);
            pushInnerEnd();
            f.get(innerBytes).op("i32.mul", "i32.add").get(between).call(touch);
          },
        );
    };
    const oneVector = (): void => {
      sources.forEach((source, lane) => {
        // Columns beyond the last repeat it: what they give is read by nobody.
        f.get(weight).get(row).get(rowBytes).op("i32.mul", "i32.add");
        pushLesser(
          f,
          () => f.get(column).i32(lane).op("i32.add"),
          () => f.get(columns).i32(1).op("i32.sub"),
        );
        f.get(columnBytes).op("i32.mul", "i32.add");
        f.get(zeros).get(row).get(rows).op("i32.lt_u", "select").set(source);
      });
      f.get(target).set(place);
      transform({
        load(i, j) {
          const tap = i * taps + j;
          const offset = (turned ? taps * taps - 1 - tap : tap) * 4;
          f.get(at(sources, 0)).memory("v128.load32_zero", offset).set(loaded);
          for (let lane = 1; lane < 4; lane++)
            f.get(at(sources, lane)).get(loaded).laneMemory("v128.load32_lane", lane, offset).set(loaded);
          f.get(loaded);
        },
        store(_i, _j, push) {
          f.get(place);
          push();
          f.memory("v128.store");
          f.get(place).get(planeBytes).op("i32.add").set(place);
        },
      });
    };
    touchPanel();
    f.get(row).for(
      row,
      () => f.get(rowEnd),
      1,
      () => {
        f.i32(0).for(
          vector,
          () => f.i32(tile.vectors),
          1,
          () => {
            oneVector();
            f.get(target).i32(16).op("i32.add").set(target);
            f.get(column).i32(4).op("i32.add").set(column);
          },
        );
        f.get(column).i32(tileColumns(tile)).op("i32.sub").set(column);
      },
    );
  });
}

const weightArguments = [
  "weight",
  "transformed",
  /** Nine zeros. */
  "zeros",
  "columns",
  "rows",
  /** `rows` rounded up to a multiple of four; what is added is filled with zeros. */
  "paddedRows",
  /** Bytes from one column, and from one row, to the next in the weight. */
  "columnBytes",
  "rowBytes",
  "planeBytes",
  "unitsPerPanel",
] as const;

/** One unit makes `weightRowsPerUnit` rows of a panel, in all planes. */
export function winogradWeightKernel(matrices: WinogradMatrices, tile: Tile, turned: boolean): Kernel {
  const { taps, outputs } = matrices;
  return {
    key: `winograd weight ${outputs} ${taps} ${tile.vectors} ${tile.fused} ${turned}`,
    emit: (module, name) => emitWinogradWeight(module, name, matrices, tile, turned),
  };
}

function emitWinogradWeight(
  module: ModuleBuilder,
  name: string,
  matrices: WinogradMatrices,
  tile: Tile,
  turned: boolean,
): void {
  const panel = emitWeightPanel(module, matrices, tile, turned);
  module.function(name, kernelParameters, [], (f) => {
    const words = namedArguments(f, weightArguments);
    const unit = f.local("i32");
    const row = f.local("i32");
    const columns = tileColumns(tile);
    f.get(kernelBegin).for(
      unit,
      () => f.get(kernelEnd),
      1,
      () => {
        f.get(unit).get(words.unitsPerPanel).op("i32.rem_u").i32(weightRowsPerUnit).op("i32.mul").set(row);
        f.get(words.weight).get(words.transformed).get(unit).get(words.unitsPerPanel).op("i32.div_u");
        f.get(words.paddedRows).op("i32.mul").get(row).op("i32.add");
        f.i32(columns * 4).op("i32.mul", "i32.add");
        f.get(words.zeros).get(unit).get(words.unitsPerPanel).op("i32.div_u").i32(columns).op("i32.mul").get(row);
        pushLesser(
          f,
          () => f.get(row).i32(weightRowsPerUnit).op("i32.add"),
          () => f.get(words.paddedRows),
        );
        f.get(words.columns).get(words.rows).get(words.columnBytes).get(words.rowBytes).get(words.planeBytes);
        f.get(kernelScratch).call(panel);
      },
    );
  });
}
