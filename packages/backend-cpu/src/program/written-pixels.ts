// Which pixels each unit of a step writes: what goes over a block of pixels can so be done right behind the step that has written it.
import type { PixelOperand } from "./channels-last/pixels.ts";

/** Pixels one behind the other. */
export interface PixelRun {
  readonly pixel: number;
  readonly pixels: number;
}

/** The pixels of an array, divided by its shape alone. */
export interface PixelParts {
  /** All of them. */
  readonly pixels: number;
  readonly count: number;
  /** Equal keys mean equal parts. */
  readonly key: string;
  runs(part: number): readonly PixelRun[];
}

export interface WrittenPixels {
  readonly target: PixelOperand;
  readonly channels: number;
  readonly parts: PixelParts;
  /** Whether each unit writes the part of its number, and all channels of it. */
  readonly byUnit: boolean;
}

/** Parts of so many neighbouring pixels. */
export function evenParts(pixels: number, inPart: number): PixelParts {
  return {
    pixels,
    count: Math.ceil(pixels / inPart),
    key: `${pixels} by ${inPart}`,
    runs: (part) => [{ pixel: part * inPart, pixels: Math.min(inPart, pixels - part * inPart) }],
  };
}
