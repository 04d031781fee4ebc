// What channels-last steps read and write: pixels one behind the other, each with its channels side by side.
import type { Operand } from "../product.ts";

/** An array [n, ...spatial, c] in memory; `offset` is that of its first channel. */
export interface PixelOperand extends Operand {
  /** Elements from one pixel to the next, where they are more than the channels: a slice of the channels of a wider array. */
  readonly pitch?: number;
}

/** What is done to an output before it is stored: the bias is added, then the residual, then it is rectified, and held below a bound. */
export interface PixelEpilogue {
  readonly relu: boolean;
  /** The largest result; no bound where it is left out. */
  readonly most?: number | undefined;
  /** An array of the output's shape. */
  readonly residual?: PixelOperand;
}
