// What channels-last steps read and write: pixels one behind the other, each with its channels side by side.
import type { Operand } from "../product.ts";
import type { BufferId } from "../steps.ts";

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

/** What a convolution over pixels reads and writes. */
export interface ForwardOperands<Weight = Operand> {
  readonly x: PixelOperand;
  readonly weight: Weight;
  readonly y: PixelOperand;
  readonly bias: Operand | undefined;
}

/** The same of its gradient by the input. */
export interface InputGradientOperands<Weight = Operand> {
  readonly dy: PixelOperand;
  readonly weight: Weight;
  readonly dx: PixelOperand;
  readonly bias: Operand | undefined;
}

/** The same of its gradient by the weight. */
export interface WeightGradientOperands<Gradient = BufferId> {
  readonly x: PixelOperand;
  readonly dy: PixelOperand;
  readonly dw: Gradient;
}
