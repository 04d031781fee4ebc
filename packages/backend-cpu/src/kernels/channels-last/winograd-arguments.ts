// Argument words of the Winograd kernels, read by name where they are needed.
import type { FunctionBuilder, Local } from "../../wasm/function.ts";

/** Sizes are in pixels, channels or tiles where their names do not say bytes. */
export const winogradArguments = [
  "x",
  "y",
  "transformed",
  /** The weight, and bytes from one output and one channel to the next, where it was not transformed beforehand. */
  "weight",
  "columnBytes",
  "weightRowBytes",
  "bias",
  "residual",
  /** As many zeros as an input pixel has channels, and no fewer than nine. */
  "zeros",
  "tiles",
  "tilesPerBlock",
  "tileRows",
  "tileColumns",
  "height",
  "width",
  "xImageBytes",
  "xRowBytes",
  "xPixelBytes",
  /** The input's pixel that the first tile begins at. */
  "top",
  "left",
  "outputHeight",
  "outputWidth",
  "yImageBytes",
  "yRowBytes",
  "yPixelBytes",
  "residualImageBytes",
  "residualRowBytes",
  "residualPixelBytes",
  "channels",
  "outputs",
  "panels",
  "groups",
  "panelsPerGroup",
  "planeBytes",
  /** Of the weight gradient, where y is the output's gradient. */
  "gradient",
  "outputBlocks",
  "channelsPerBlock",
  "outputsPerBlock",
] as const;

export type WinogradWord = (typeof winogradArguments)[number];

/** What pushes an argument word, where `words` holds their address. */
export function wordReader(f: FunctionBuilder, words: Local): (name: WinogradWord) => FunctionBuilder {
  return (name) => f.get(words).memory("i32.load", winogradArguments.indexOf(name) * 4);
}

/** Pushes the lesser of two numbers. */
export function pushLesser(f: FunctionBuilder, a: () => void, b: () => void): void {
  a();
  b();
  a();
  b();
  f.op("i32.lt_u", "select");
}
