// What is known of a model of the zoo besides its code.
import type { Shape } from "@stria/core";

/** How pictures become inputs. */
export interface Preprocessing {
  /** Subtracted from each channel of pixels in [0, 1]. */
  readonly mean: readonly number[];
  /** By which each channel is divided afterwards. */
  readonly standardDeviation: readonly number[];
  /** Pixels of 0 that are put on every side after that. */
  readonly pad: number;
}

/** The figures are those of the model with default options. */
export interface ModelInfo {
  readonly name: string;
  readonly paper: string;
  readonly authors: string;
  readonly year: number;
  readonly url: string;
  /** Trainable numbers. */
  readonly parameters: number;
  /** Multiply-adds of convolutions and dense layers for one input, without biases. */
  readonly multiplyAdds: number;
  /** Shape of one input, without the batch axis. */
  readonly inputShape: Shape;
  readonly numClasses: number;
  readonly preprocessing: Preprocessing;
}
