// The time-delay neural network (Waibel, Hanazawa, Hinton, Shikano & Lang 1989): convolutions over time, before they were called so.
import { type Tensor, sigmoid } from "@stria/core";
import { Conv1d, Module } from "@stria/layers";

export interface TdnnOptions {
  /** Default 3: /b/, /d/, /g/. */
  readonly numClasses?: number;
  /** Coefficients of a frame. Default 16. */
  readonly inChannels?: number;
  /** Units of the first hidden layer. Default 8. */
  readonly hidden?: number;
}

/** See {@link tdnn}. */
export class TDNN extends Module {
  readonly hidden1: Conv1d;
  readonly hidden2: Conv1d;

  constructor({ numClasses = 3, inChannels = 16, hidden = 8 }: TdnnOptions = {}) {
    super();
    this.hidden1 = new Conv1d(inChannels, hidden, 3);
    this.hidden2 = new Conv1d(hidden, numClasses, 5);
  }

  /** x [N, inChannels, frames], 7 frames or more -> [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    return sigmoid(this.hidden2.forward(sigmoid(this.hidden1.forward(x)))).mean(2);
  }
}

/**
 * A time-delay neural network: frames of coefficients [N, 16, frames] to scores of classes [N, 3], 515 parameters. Its first hidden layer looks at 3 frames, its second at 5 of
 * those; a class is what its unit of the second layer says on average over time, so that it does not matter when a sound begins.
 *
 * Source: Waibel, Hanazawa, Hinton, Shikano and Lang (1989), Phoneme Recognition Using Time-Delay Neural Networks.
 */
export function tdnn(options: TdnnOptions = {}): TDNN {
  return new TDNN(options);
}
