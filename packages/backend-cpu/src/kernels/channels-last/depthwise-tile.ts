// The tiles of depthwise convolution, as data and as code: neighbouring pixels of a row, whose pairs with the other side's pixels are known.
import type { FunctionBuilder, Local } from "../../wasm/function.ts";

/** Output pixel and input pixel along one axis that element `tap` of the kernel joins. */
export interface Joint {
  readonly output: number;
  readonly tap: number;
  readonly input: number;
}

/** The code of a tile: joints counted from the tile's first output pixel and the first input pixel that it reads. */
export interface TileCode {
  readonly outputs: number;
  readonly joints: readonly Joint[];
}

/** Words of a tile's place in a row: code, its first pixel of the output, bytes to its first pixel of the input. */
export const tileWords = 3;

/** Words of a joint of rows: bytes to the row of the input, bytes to the row of the kernel. */
export const jointWords = 2;

/** All numbers that `of` gives for a tile's joints, in order. */
export function distinct(tile: TileCode, of: (joint: Joint) => number): number[] {
  return [...new Set(tile.joints.map(of))].toSorted((a, b) => a - b);
}

/** Calls the code whose number is in `number`, with what `push` pushes. */
export function callTile(f: FunctionBuilder, number: Local, tiles: readonly FunctionBuilder[], push: () => void): void {
  const choose = (index: number): void => {
    const tile = tiles[index];
    if (!tile) return;
    const call = (): void => {
      push();
      f.call(tile);
    };
    if (index === tiles.length - 1) return call();
    f.get(number).i32(index).op("i32.eq");
    f.if(call, () => choose(index + 1));
  };
  choose(0);
}

/** sum += a * b */
export function multiplyAdd(f: FunctionBuilder, fused: boolean, a: Local, b: Local, sum: Local): void {
  if (fused) f.get(a).get(b).get(sum).op("f32x4.relaxed_madd").set(sum);
  else f.get(sum).get(a).get(b).op("f32x4.mul", "f32x4.add").set(sum);
}
