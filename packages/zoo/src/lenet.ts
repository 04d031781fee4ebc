// LeNet-5 (LeCun, Bottou, Bengio & Haffner 1998), as it is taught today.
import { type Tensor, tanh } from "@stria/core";
import { AvgPool2d, Conv2d, Flatten, Linear, Module, checkOptions } from "@stria/layers";
import { digitImages } from "./digit-images.ts";
import { largestImage, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

export interface LeNet5Options {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 1. */
  readonly inChannels?: number;
}

/** See {@link lenet5}. */
export class LeNet5 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly maximumSize: number;
  readonly conv1: Conv2d;
  readonly pool1: AvgPool2d = new AvgPool2d(2);
  readonly conv2: Conv2d = new Conv2d(6, 16, 5);
  readonly pool2: AvgPool2d = new AvgPool2d(2);
  readonly flatten: Flatten = new Flatten();
  readonly fc1: Linear = new Linear(16 * 5 * 5, 120);
  readonly fc2: Linear = new Linear(120, 84);
  readonly fc3: Linear;

  constructor(options: LeNet5Options = {}) {
    super();
    const { numClasses = 10, inChannels = 1 } = options;
    checkOptions("lenet5", options, { numClasses, inChannels });
    this.conv1 = new Conv2d(inChannels, 6, 5);
    this.fc3 = new Linear(84, numClasses);
    this.inChannels = inChannels;
    const windows = [this.conv1, this.pool1, this.conv2, this.pool2];
    this.minimumSize = smallestImage(windows, 5);
    this.maximumSize = largestImage(windows, 5);
  }

  /** x [N, inChannels, 32, 32] -> logits [N, numClasses]. MNIST's own 28x28 is given its border of 2 here, zeros on every side. */
  override forward(x: Tensor): Tensor {
    const { inChannels, minimumSize, maximumSize } = this;
    const image = digitImages("lenet5", { inChannels, minimumSize, maximumSize }, x, 0);
    const first = this.pool1.forward(tanh(this.conv1.forward(image)));
    const second = this.pool2.forward(tanh(this.conv2.forward(first)));
    const hidden = tanh(this.fc1.forward(this.flatten.forward(second)));
    return this.fc3.forward(tanh(this.fc2.forward(hidden)));
  }
}

/**
 * LeNet-5 in its modern form: images [N, 1, 32, 32] (or 28x28, which get a border) to logits [N, 10], 61,706 parameters. Against the paper: C3 sees all maps, subsampling is plain
 * averaging, tanh is not scaled, and the output is a dense layer instead of distances to codes.
 * @throws ShapeError from `forward` for images on which the last maps are not 5x5, or with other channels.
 */
export function lenet5(options: LeNet5Options = {}): LeNet5 {
  return new LeNet5(options);
}

export const lenet5Info: ModelInfo = {
  name: "lenet5",
  task: "classification",
  paper: "Gradient-Based Learning Applied to Document Recognition",
  authors: "LeCun, Bottou, Bengio, Haffner",
  year: 1998,
  url: "https://doi.org/10.1109/5.726791",
  parameters: 61_706,
  multiplyAdds: 416_520,
  inputShape: [1, 32, 32],
  minimumInput: [1, 28, 28],
  numClasses: 10,
  preprocessing: { mean: [0.1307], standardDeviation: [0.3081], pad: 2 },
  stages: [
    { name: "conv1", channels: 6, stride: 1 },
    { name: "pool1", channels: 6, stride: 2 },
    { name: "conv2", channels: 16, stride: 2 },
    { name: "pool2", channels: 16, stride: 4 },
  ],
  weights: [],
};
