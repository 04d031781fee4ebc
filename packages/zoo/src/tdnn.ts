// The time-delay neural network (Waibel, Hanazawa, Hinton, Shikano & Lang 1989): convolutions over time, before they were called so.
import { ShapeError, type Tensor, showShape, sigmoid } from "@stria/core";
import { Conv1d, Module, checkOptions } from "@stria/layers";
import type { ModelInfo } from "./model-info.ts";

export interface TdnnOptions {
  /** Default 3: /b/, /d/, /g/. */
  readonly numClasses?: number;
  /** Coefficients of a frame. Default 16. */
  readonly inChannels?: number;
  /** Units of the first hidden layer. Default 8. */
  readonly hidden?: number;
}

/** 3 for the first layer, and 4 more for 5 of its outputs. */
const leastFrames = 7;

/** See {@link tdnn}. */
export class TDNN extends Module {
  readonly inChannels: number;
  readonly hidden1: Conv1d;
  readonly hidden2: Conv1d;

  constructor(options: TdnnOptions = {}) {
    super();
    const { numClasses = 3, inChannels = 16, hidden = 8 } = options;
    checkOptions("tdnn", options, { numClasses, inChannels, hidden });
    this.inChannels = inChannels;
    this.hidden1 = new Conv1d(inChannels, hidden, 3);
    this.hidden2 = new Conv1d(hidden, numClasses, 5);
  }

  /** x [N, inChannels, frames], 7 frames or more -> [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    const [, channels, frames = 0] = x.shape;
    if (x.rank !== 3 || channels !== this.inChannels || frames < leastFrames)
      throw new ShapeError(
        "tdnn",
        `the input is ${showShape(x.shape)}`,
        `give frames [N, ${this.inChannels}, time], at least ${leastFrames} of them`,
      );
    return sigmoid(this.hidden2.forward(sigmoid(this.hidden1.forward(x)))).mean(2);
  }
}

/**
 * A time-delay neural network: frames of coefficients [N, 16, frames] to scores of classes [N, 3], 515 parameters. Its first hidden layer looks at 3 frames, its second at 5 of
 * those; a class is what its unit of the second layer says on average over time, so that it does not matter when a sound begins.
 *
 * Source: Waibel, Hanazawa, Hinton, Shikano and Lang (1989), Phoneme Recognition Using Time-Delay Neural Networks.
 * @throws ShapeError from `forward` for fewer than 7 frames and other channels.
 */
export function tdnn(options: TdnnOptions = {}): TDNN {
  return new TDNN(options);
}

export const tdnnInfo: ModelInfo = {
  name: "tdnn",
  task: "sound",
  paper: "Phoneme Recognition Using Time-Delay Neural Networks",
  authors: "Waibel, Hanazawa, Hinton, Shikano, Lang",
  year: 1989,
  url: "https://doi.org/10.1109/29.21701",
  parameters: 515,
  multiplyAdds: 6_072,
  inputShape: [16, 15],
  minimumInput: [16, leastFrames],
  numClasses: 3,
  preprocessing: null,
  stages: [
    { name: "hidden1", channels: 8, stride: 1 },
    { name: "hidden2", channels: 3, stride: 1 },
  ],
  weights: [],
};
