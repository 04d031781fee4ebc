// Argument words that the Winograd steps share.
import { at } from "@stria/core";
import type { WinogradWord } from "../../kernels/channels-last/winograd-arguments.ts";
import type { WinogradMatrices } from "../../kernels/channels-last/winograd-matrices.ts";
import type { Argument, BufferId } from "../steps.ts";
import type { PixelOperand } from "./pixels.ts";
import { tilesOf, type WinogradShape } from "./winograd-cost.ts";

export type WinogradWords = Partial<Record<WinogradWord, Argument>>;

/** Where images lie, and how far their pixels, rows and images are apart. */
export function imageWords(
  name: "x" | "y" | "residual",
  { buffer, offset, pitch }: PixelOperand,
  sizes: readonly number[],
  channels: number,
): WinogradWords {
  const pixelBytes = (pitch ?? channels) * 4;
  return {
    [name]: { buffer, offset: offset * 4 },
    [`${name}ImageBytes`]: at(sizes, 0) * at(sizes, 1) * pixelBytes,
    [`${name}RowBytes`]: at(sizes, 1) * pixelBytes,
    [`${name}PixelBytes`]: pixelBytes,
  };
}

/** A correlation's input: its size, and how far it is padded before its first pixel. */
interface TiledShape extends WinogradShape {
  readonly input: readonly number[];
  readonly before: readonly number[];
}

/** How images are divided into tiles, and what lies outside of them. */
export function tileWords(shape: TiledShape, matrices: WinogradMatrices, zeros: BufferId): WinogradWords {
  const { places, input, before } = shape;
  return {
    zeros: { buffer: zeros },
    tiles: tilesOf(shape, matrices),
    tileRows: Math.ceil(at(places, 0) / matrices.outputs),
    tileColumns: Math.ceil(at(places, 1) / matrices.outputs),
    height: at(input, 0),
    width: at(input, 1),
    top: -at(before, 0),
    left: -at(before, 1),
    outputHeight: at(places, 0),
    outputWidth: at(places, 1),
    channels: shape.channels,
    outputs: shape.outputs,
  };
}
