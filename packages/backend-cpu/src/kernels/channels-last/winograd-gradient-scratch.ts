// What the kernel of a Winograd weight gradient is built for, and how it divides its thread's scratch memory.
import type { Tile } from "../tile.ts";
import { f3x4 } from "./winograd-matrices.ts";
import { listSlack, planeRoom, planeStride, tapScratchBytes, together } from "./winograd-scratch.ts";

export interface WeightGradientOptions {
  readonly tile: Tile;
  /** Tiles that are transformed before they are multiplied. */
  readonly tilesPerBlock: number;
  /** Channels and outputs of a unit, at most: multiples of four, and of the product's columns. */
  readonly channels: number;
  readonly outputs: number;
}

/** Products of a tile: as many planes are there. */
export const planes: number = f3x4.products ** 2;

/** The scratch memory of a thread, by offsets. */
export interface GradientScratch {
  readonly pixels: number;
  readonly patch: number;
  readonly channels: number;
  readonly outputs: number;
  readonly sums: number;
  readonly bytes: number;
}

/** Room in the planes of each kind. */
export function roomsOf({
  tilesPerBlock,
  channels,
  outputs,
}: WeightGradientOptions): Record<"channels" | "outputs" | "sums", number> {
  return {
    channels: planeRoom(tilesPerBlock, channels * 4),
    outputs: planeRoom(tilesPerBlock, outputs * 4),
    sums: planeRoom(channels, outputs * 4),
  };
}

export function scratchOf(options: WeightGradientOptions): GradientScratch {
  const rooms = roomsOf(options);
  let end = Math.ceil(tapScratchBytes / 64) * 64;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 64) * 64;
    return start;
  };
  return {
    pixels: take(together * planes * 4 + listSlack),
    patch: take(together * planes * 16),
    channels: take(planes * planeStride(rooms.channels)),
    outputs: take(planes * planeStride(rooms.outputs)),
    sums: take(planes * planeStride(rooms.sums)),
    bytes: end,
  };
}

export function weightGradientScratchBytes(options: WeightGradientOptions): number {
  return scratchOf(options).bytes;
}
