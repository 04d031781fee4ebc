// Depthwise convolution of planes: images that lie channel by channel are computed as they lie. Some rows of the output at a time have their sums in
// registers, and the weights too; with stride 2 even and odd columns are shuffled apart. Where windows reach into padding the code says which numbers are 0.
import { at, sizeOf } from "@stria/core";
import { storeVector } from "../loops/access.ts";
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { repeat } from "./by-fours.ts";
import { multiplyAdd } from "./channels-last/depthwise-tile.ts";
import { rowsTogether, tilesAlong, type PlaneWindows } from "./depthwise-plane-windows.ts";
import { type Kernel, kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals } from "./kernel.ts";

interface DepthwisePlanesCode {
  readonly windows: PlaneWindows;
  /** Outputs for each channel. */
  readonly times: number;
  readonly bias: boolean;
  readonly relu: boolean;
  /** The largest result. */
  readonly most: number | undefined;
  readonly fused: boolean;
}

/** Argument words. One unit is the plane of one output of one image. */
export const depthwisePlanesArguments = ["input", "weight", "output", "bias", "outputs"] as const;

export function depthwisePlanesKernel(code: DepthwisePlanesCode): Kernel {
  return {
    key: `depthwisePlanes ${JSON.stringify(code)}`,
    emit(module, name) {
      const plane = emitPlane(module, code);
      module.function(name, kernelParameters, [], (f) => emitUnits(f, code, plane));
    },
  };
}

function emitUnits(f: FunctionBuilder, { windows, times, bias }: DepthwisePlanesCode, plane: FunctionBuilder): void {
  const x = namedArguments(f, depthwisePlanesArguments);
  const v = namedLocals(f, "i32", ["unit", "number"]);
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(x.input).get(v.unit);
      if (times > 1) f.i32(times).op("i32.div_u");
      f.i32(sizeOf(windows.input) * 4).op("i32.mul", "i32.add");
      f.get(v.unit).get(x.outputs).op("i32.rem_u").set(v.number);
      f.get(x.weight).plus(v.number, sizeOf(windows.kernel) * 4);
      f.get(x.output).plus(v.unit, sizeOf(windows.output) * 4);
      f.get(x.bias);
      if (bias) f.plus(v.number, 4);
      f.call(plane);
    },
  );
}

/** Emits `(plane, weight, output, bias)`: all windows of one plane. */
function emitPlane(module: ModuleBuilder, code: DepthwisePlanesCode): FunctionBuilder {
  const { input, output, kernel, stride, before } = code.windows;
  return module.function("", Array<"i32">(4).fill("i32"), [], (f) => {
    const [plane, weight, target, bias] = [0, 1, 2, 3];
    const v = namedLocals(f, "i32", ["from", "to", "columnsFrom", "columnsTo"]);
    const weights = Array.from({ length: sizeOf(kernel) }, (_, tap) => {
      const local = f.local("v128");
      f.get(weight)
        .memory("v128.load32_splat", tap * 4)
        .set(local);
      return local;
    });
    const initial = f.local("v128");
    if (code.bias) f.get(bias).memory("v128.load32_splat").set(initial);
    const together = rowsTogether(code.windows);
    const rows = tilesAlong(code.windows, 0, together);
    const columns = tilesAlong(code.windows, 1, 4);
    const shift = (local: Local, elements: number): void =>
      void f
        .get(local)
        .i32(elements * 4)
        .op("i32.add");
    const pitches = [input[1], output[1]] as const;

    /** Some rows of the output; `from` and `to` point to the first rows that they see and are. `seen`: which rows of the input, counted from that, there are. */
    const emitRows = (firstSeen: number, isSeen: (read: number) => boolean): void => {
      const tile = { weights, initial, together, firstSeen, isSeen };
      const border = (column: number): void =>
        emitTile(f, code, { ...tile, from: v.from, to: v.to, column, place: column });
      for (const column of columns.early) border(column);
      if (columns.count > 0) {
        shift(v.from, columns.first * stride[1] - before[1]);
        f.set(v.columnsFrom);
        shift(v.to, columns.first);
        f.set(v.columnsTo);
        repeat(f, columns.count, () => {
          emitTile(f, code, { ...tile, from: v.columnsFrom, to: v.columnsTo, column: undefined, place: 0 });
          shift(v.columnsFrom, 4 * stride[1]);
          f.set(v.columnsFrom);
          shift(v.columnsTo, 4);
          f.set(v.columnsTo);
        });
      }
      for (const column of columns.late) border(column);
    };
    const border = (row: number): void => {
      const first = row * stride[0] - before[0];
      const seen = Math.max(0, first);
      shift(plane, seen * pitches[0]);
      f.set(v.from);
      shift(target, row * pitches[1]);
      f.set(v.to);
      emitRows(seen - first, (read) => first + read >= 0 && first + read < input[0]);
    };
    for (const row of rows.early) border(row);
    if (rows.count > 0) {
      shift(plane, (rows.first * stride[0] - before[0]) * pitches[0]);
      f.set(v.from);
      shift(target, rows.first * pitches[1]);
      f.set(v.to);
      repeat(f, rows.count, () => {
        emitRows(0, () => true);
        shift(v.from, together * stride[0] * pitches[0]);
        f.set(v.from);
        shift(v.to, together * pitches[1]);
        f.set(v.to);
      });
    }
    for (const row of rows.late) border(row);
  });
}

interface TilePlace {
  readonly from: Local;
  readonly to: Local;
  readonly weights: readonly Local[];
  readonly initial: Local;
  readonly together: number;
  /** The row that `from` points to, and which there are, counted from the first that a window would see. */
  readonly firstSeen: number;
  readonly isSeen: (read: number) => boolean;
  /** The first column of the output, where `from` and `to` point to the beginnings of rows; else they point to what is computed. */
  readonly column: number | undefined;
  readonly place: number;
}

/** Four places of some rows. */
function emitTile(f: FunctionBuilder, { windows, relu, most, fused }: DepthwisePlanesCode, tile: TilePlace): void {
  const { input, output, kernel, stride, dilation, before } = windows;
  const { from, to, weights, initial, together, column } = tile;
  const [tapRows, taps] = kernel;
  const width = input[1];
  const sums = Array.from({ length: together }, () => {
    const sum = f.local("v128");
    f.get(initial).set(sum);
    return sum;
  });
  const [value, left, right] = [f.local("v128"), f.local("v128"), f.local("v128")];
  /** Pushes four elements of a row from column `offset` of the window on. */
  const pushFour = (read: number, offset: number): void => {
    const row = (read - tile.firstSeen) * width;
    const load = (place: number): void => void f.get(from).memory("v128.load", (row + place) * 4);
    if (column === undefined) return load(offset);
    const start = column * stride[1] - before[1] + offset;
    if (start >= 0 && start + 4 <= width) return load(start);
    if (start <= -4 || start >= width) return void f.v128([0, 0, 0, 0]);
    // The nearest four of the row, and zeros in the place of what is outside.
    const nearest = Math.min(Math.max(start, 0), width - 4);
    load(nearest);
    f.v128([0, 0, 0, 0]);
    const lane = (index: number): number => {
      const found = start + index - nearest;
      return found >= 0 && found < 4 ? found : 4;
    };
    f.shuffle(lane(0), lane(1), lane(2), lane(3));
  };
  const reads = (together - 1) * stride[0] + (tapRows - 1) * dilation[0] + 1;
  for (let read = 0; read < reads; read++) {
    const users = sums.flatMap((sum, row) => {
      const tapRow = (read - row * stride[0]) / dilation[0];
      return Number.isInteger(tapRow) && tapRow >= 0 && tapRow < tapRows ? [{ sum, tapRow }] : [];
    });
    if (users.length === 0 || !tile.isSeen(read)) continue;
    for (let tap = 0; tap < taps; tap++) {
      const offset = tap * dilation[1];
      if (stride[1] === 1) pushFour(read, offset);
      else if (tap % 2 === 1 && dilation[1] === 1) f.get(left).get(right).shuffle(1, 3, 5, 7);
      else {
        pushFour(read, offset);
        f.tee(left);
        pushFour(read, offset + 4);
        f.tee(right).shuffle(0, 2, 4, 6);
      }
      f.set(value);
      for (const { sum, tapRow } of users) multiplyAdd(f, fused, value, at(weights, tapRow * taps + tap), sum);
    }
  }
  // Both keep NaN, which is in their first operand.
  if (relu) f.v128([0, 0, 0, 0]).set(value);
  if (most !== undefined) f.f32(most).op("f32x4.splat").set(left);
  sums.forEach((sum, row) => {
    if (relu) f.get(sum).get(value).op("f32x4.pmax").set(sum);
    if (most !== undefined) f.get(sum).get(left).op("f32x4.pmin").set(sum);
    storeVector(f, "float32", to, 1, 4, () => f.get(sum), (row * output[1] + tile.place) * 4);
  });
}
