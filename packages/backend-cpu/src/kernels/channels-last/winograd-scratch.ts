// What a Winograd kernel is built for, and how it divides its thread's scratch memory: what those know who ask for one.
import type { Tile } from "../tile.ts";
import type { WinogradMatrices } from "./winograd-matrices.ts";

/** Vectors of four channels that go through the columns and rows together, at most: a pixel's cache line. */
export const vectorsTogether = 4;

/** The largest image is 6 x 6. */
export const largestImage: number = 36 * 16;

/** Bytes between the passes, which is all that the transform of weights needs. */
export const betweenBytes: number = largestImage * vectorsTogether;

/** Bytes of scratch memory: between the passes, the taps of four outputs, and a place for outputs that do not exist. */
export const tapScratchBytes: number = betweenBytes + 9 * 16 + 48;

/** Rows of a panel that one unit makes. */
export const weightRowsPerUnit = 32;

/** Bytes of a tile in a group of transformed channels: sixteen of them. */
export const tileBytes = 64;

/** Panels of outputs in a group: as many as fill a cache line, or else one. */
export function panelsPerGroup(tile: Tile): number {
  return Math.max(1, Math.floor(4 / tile.vectors));
}

/** Vectors of outputs in a group. */
export function outputGroup(tile: Tile): number {
  return panelsPerGroup(tile) * tile.vectors;
}

/** Tiles whose pixels are listed at a time. */
export const together = 4;

/** Bytes behind a list of pixels that are written to as well. */
export const listSlack = 16;

/** Planes begin so many bytes apart beyond their size: streams 4 KiB apart would drive each other out of the cache. */
const planePadding = 192;

/** Room in a plane, in powers of two: it is part of the code. */
export function planeRoom(tiles: number, bytes: number): number {
  return 2 ** Math.max(10, Math.ceil(Math.log2(tiles * bytes)));
}

/** Bytes from one plane to the next. */
export function planeStride(room: number): number {
  return room + planePadding;
}

export interface WinogradEpilogue {
  readonly bias: boolean;
  readonly residual: boolean;
  readonly relu: boolean;
  /** The largest result. */
  readonly most: number | undefined;
}

export interface WinogradKernelOptions {
  readonly matrices: WinogradMatrices;
  readonly tile: Tile;
  readonly epilogue: WinogradEpilogue;
  /** Bytes in a plane of transformed tiles, and in one of products. */
  readonly inputRoom: number;
  readonly outputRoom: number;
  /** Room for the output channels of one unit. */
  readonly unitChannels: number;
  /** Whether the weights were transformed in a step before, or each panel is when it is needed, as the weight lies there or with its taps turned round. */
  readonly weights: "transformed" | "plain" | "turned";
}

/** The scratch memory of a thread, by offsets. */
export interface WinogradScratch {
  /** Addresses of the pixels that are read, written and added. */
  readonly pixels: number;
  readonly targets: number;
  readonly residuals: number;
  /** Vectors in place of the last channels of a pixel, where their number is no multiple of four. */
  readonly patch: number;
  readonly residualPatch: number;
  readonly bias: number;
  /** Where pixels outside of the result are written. */
  readonly nowhere: number;
  readonly planes: number;
  readonly products: number;
  readonly bytes: number;
}

export function scratchOf({ matrices, inputRoom, outputRoom, unitChannels }: WinogradKernelOptions): WinogradScratch {
  let end = betweenBytes;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / 64) * 64;
    return start;
  };
  const [read, written] = [matrices.products ** 2, matrices.outputs ** 2];
  return {
    pixels: take(together * read * 4 + listSlack),
    targets: take(together * written * 4 + listSlack),
    residuals: take(together * written * 4 + listSlack),
    patch: take(together * read * 16),
    residualPatch: take(together * written * 16),
    bias: take(unitChannels * 4),
    nowhere: take(unitChannels * 4),
    planes: take(read * planeStride(inputRoom)),
    products: take(read * planeStride(outputRoom)),
    bytes: end,
  };
}

/** `planeBytes` is the size of a plane of a unit's weights, where they are not transformed beforehand. */
export function winogradScratchBytes(options: WinogradKernelOptions, planeBytes: number): number {
  const { bytes } = scratchOf(options);
  return options.weights === "transformed" ? bytes : bytes + options.matrices.products ** 2 * planeBytes;
}
