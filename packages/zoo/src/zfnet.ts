// ZFNet (Zeiler & Fergus 2014, figure 3): AlexNet with smaller first windows, found by looking at what its units see.
import { type Tensor, relu } from "@stria/core";
import {
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  LocalResponseNorm,
  MaxPool2d,
  Module,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { checkImages, imageNet, largestImage, meanOnly, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";

export interface ZFNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a hidden unit of the classifier is dropped. Default 0.5. */
  readonly dropout?: number;
}

/** The paper says that all weights begin at 0.01, biases at 0; read as a deviation. */
const first = {
  weightInitialiser: /* @__PURE__ */ initialisers.normal(0, 0.01),
  biasInitialiser: initialisers.zeros,
} as const;

/** See {@link zfnet}. */
export class ZFNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly maximumSize: number;
  readonly conv1: Conv2d;
  readonly pool1: MaxPool2d = new MaxPool2d(3, { stride: 2, padding: 1 });
  /** AlexNet's, whose alpha of 1e-4 is on the sum of five squares. */
  readonly norm: LocalResponseNorm = new LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 });
  readonly conv2: Conv2d = new Conv2d(96, 256, 5, { stride: 2, ...first });
  readonly pool2: MaxPool2d = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly conv3: Conv2d = new Conv2d(256, 384, 3, { padding: 1, ...first });
  readonly conv4: Conv2d = new Conv2d(384, 384, 3, { padding: 1, ...first });
  readonly conv5: Conv2d = new Conv2d(384, 256, 3, { padding: 1, ...first });
  readonly pool5: MaxPool2d = new MaxPool2d(3, { stride: 2 });
  readonly flatten: Flatten = new Flatten();
  readonly fc6: Linear = new Linear(256 * 6 * 6, 4096, first);
  readonly dropout6: Dropout;
  readonly fc7: Linear = new Linear(4096, 4096, first);
  readonly dropout7: Dropout;
  readonly fc8: Linear;

  constructor(options: ZFNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("zfnet", options, { numClasses, inChannels, dropout });
    this.inChannels = inChannels;
    this.conv1 = new Conv2d(inChannels, 96, 7, { stride: 2, padding: 1, ...first });
    const windows = [this.conv1, this.pool1, this.conv2, this.pool2, this.pool5];
    this.minimumSize = smallestImage(windows, 6);
    this.maximumSize = largestImage(windows, 6);
    this.dropout6 = new Dropout(dropout);
    this.dropout7 = new Dropout(dropout);
    this.fc8 = new Linear(4096, numClasses, first);
  }

  /** x [N, inChannels, 224, 224] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("zfnet", this, x);
    const one = this.norm.forward(this.pool1.forward(relu(this.conv1.forward(x))));
    const two = this.norm.forward(this.pool2.forward(relu(this.conv2.forward(one))));
    const four = relu(this.conv4.forward(relu(this.conv3.forward(two))));
    const five = this.pool5.forward(relu(this.conv5.forward(four)));
    const six = this.dropout6.forward(relu(this.fc6.forward(this.flatten.forward(five))));
    return this.fc8.forward(this.dropout7.forward(relu(this.fc7.forward(six))));
  }
}

/**
 * ZFNet: images [N, 3, 224, 224] to logits [N, 1000]. Maps are normalised after they are pooled, unlike AlexNet's. The paddings, which the paper leaves
 * open, are those that give its maps of 110, 55, 26, 13 and 6.
 * @throws ShapeError from `forward` for images whose last maps are not 6x6 (those from 213x213 to 244x244 are), or with other channels.
 */
export function zfnet(options: ZFNetOptions = {}): ZFNet {
  return new ZFNet(options);
}

export const zfnetInfo: ModelInfo = {
  ...imageNet,
  name: "zfnet",
  paper: "Visualizing and Understanding Convolutional Networks",
  authors: "Zeiler, Fergus",
  year: 2014,
  url: "https://arxiv.org/abs/1311.2901",
  minimumInput: [3, 213, 213],
  preprocessing: meanOnly,
  parameters: 62_357_608,
  multiplyAdds: 1_168_032_896,
  stages: /* @__PURE__ */ stagesOf([
    ["conv1", 96, 2],
    ["pool1", 96, 2],
    ["conv2", 256, 2],
    ["pool2", 256, 2],
    ["conv3", 384, 1],
    ["conv4", 384, 1],
    ["conv5", 256, 1],
    ["pool5", 256, 2],
  ]),
};
