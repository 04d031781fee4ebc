// Argument words that the Winograd steps share.
import { at } from "@stria/core";
import type { WinogradWord } from "../../kernels/channels-last/winograd-arguments.ts";
import type { Argument } from "../steps.ts";
import type { PixelOperand } from "./pixels.ts";

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
