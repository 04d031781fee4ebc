// AlexNet: as published (Krizhevsky, Sutskever & Hinton 2012), and the one-column form (Krizhevsky 2014) that torchvision has.
import { type Tensor, relu } from "@stria/core";
import {
  AdaptiveAvgPool,
  Conv2d,
  Dropout,
  Flatten,
  Linear,
  type LinearOptions,
  LocalResponseNorm,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { checkImages, imageNet, largestImage, meanOnly, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";
import { torchvisionWeights } from "./torchvision-weights.ts";

export interface AlexNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a hidden unit of the classifier is dropped. Default 0.5. */
  readonly dropout?: number;
}

/** See {@link alexnet}. */
export class AlexNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool = new AdaptiveAvgPool(6);
  readonly flatten: Flatten = new Flatten();
  readonly classifier: Sequential;

  constructor(options: AlexNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("alexnet", options, { numClasses, inChannels, dropout });
    this.inChannels = inChannels;
    this.features = new Sequential([
      new Conv2d(inChannels, 64, 11, { stride: 4, padding: 2 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
      new Conv2d(64, 192, 5, { padding: 2 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
      new Conv2d(192, 384, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(384, 256, 3, { padding: 1 }),
      new ReLU(),
      new Conv2d(256, 256, 3, { padding: 1 }),
      new ReLU(),
      new MaxPool2d(3, { stride: 2 }),
    ]);
    this.minimumSize = smallestImage(this.features);
    this.classifier = new Sequential([
      new Dropout(dropout),
      new Linear(256 * 6 * 6, 4096),
      new ReLU(),
      new Dropout(dropout),
      new Linear(4096, 4096),
      new ReLU(),
      new Linear(4096, numClasses),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("alexnet", this, x);
    return this.classifier.forward(this.flatten.forward(this.avgpool.forward(this.features.forward(x))));
  }
}

/**
 * AlexNet in one column, without normalisation: images [N, 3, 224, 224], or of any size from 63x63, to logits [N, 1000]. Keys as in torchvision.
 * @throws ShapeError from `forward` for images that are too small or have other channels.
 */
export function alexnet(options: AlexNetOptions = {}): AlexNet {
  return new AlexNet(options);
}

export const alexnetInfo: ModelInfo = {
  ...imageNet,
  name: "alexnet",
  paper: "One weird trick for parallelizing convolutional neural networks",
  authors: "Krizhevsky",
  year: 2014,
  url: "https://arxiv.org/abs/1404.5997",
  minimumInput: [3, 63, 63],
  parameters: 61_100_840,
  multiplyAdds: 714_188_480,
  stages: /* @__PURE__ */ stagesOf([
    ["features.2", 64, 8],
    ["features.5", 192, 2],
    ["features.12", 256, 2],
  ]),
  weights: /* @__PURE__ */ torchvisionWeights([[1, "alexnet-owt-7be5be79", 56.522]]),
};

/** Section 5 of the paper: weights of deviation 0.01; biases of 1 where ReLUs are to start in their positive part, else 0. */
const first = (bias: number): Pick<LinearOptions, "weightInitialiser" | "biasInitialiser"> => ({
  weightInitialiser: initialisers.normal(0, 0.01),
  biasInitialiser: initialisers.constant(bias),
});

/** See {@link alexnet2012}. */
export class AlexNet2012 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly maximumSize: number;
  readonly conv1: Conv2d;
  /** The paper's alpha of 1e-4 is on the sum of five squares. */
  readonly norm: LocalResponseNorm = new LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 });
  readonly pool1: MaxPool2d = new MaxPool2d(3, { stride: 2 });
  readonly conv2: Conv2d = new Conv2d(96, 256, 5, { padding: 2, groups: 2, ...first(1) });
  readonly pool2: MaxPool2d = new MaxPool2d(3, { stride: 2 });
  readonly conv3: Conv2d = new Conv2d(256, 384, 3, { padding: 1, ...first(0) });
  readonly conv4: Conv2d = new Conv2d(384, 384, 3, { padding: 1, groups: 2, ...first(1) });
  readonly conv5: Conv2d = new Conv2d(384, 256, 3, { padding: 1, groups: 2, ...first(1) });
  readonly pool5: MaxPool2d = new MaxPool2d(3, { stride: 2 });
  readonly flatten: Flatten = new Flatten();
  readonly fc6: Linear = new Linear(256 * 6 * 6, 4096, first(1));
  readonly dropout6: Dropout;
  readonly fc7: Linear = new Linear(4096, 4096, first(1));
  readonly dropout7: Dropout;
  readonly fc8: Linear;

  constructor(options: AlexNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("alexnet2012", options, { numClasses, inChannels, dropout });
    this.inChannels = inChannels;
    this.conv1 = new Conv2d(inChannels, 96, 11, { stride: 4, ...first(0) });
    const windows = [this.conv1, this.pool1, this.pool2, this.pool5];
    this.minimumSize = smallestImage(windows, 6);
    this.maximumSize = largestImage(windows, 6);
    this.dropout6 = new Dropout(dropout);
    this.dropout7 = new Dropout(dropout);
    this.fc8 = new Linear(4096, numClasses, first(0));
  }

  /** x [N, inChannels, 227, 227] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("alexnet2012", this, x);
    const one = this.pool1.forward(this.norm.forward(relu(this.conv1.forward(x))));
    const two = this.pool2.forward(this.norm.forward(relu(this.conv2.forward(one))));
    const four = relu(this.conv4.forward(relu(this.conv3.forward(two))));
    const five = this.pool5.forward(relu(this.conv5.forward(four)));
    const six = this.dropout6.forward(relu(this.fc6.forward(this.flatten.forward(five))));
    return this.fc8.forward(this.dropout7.forward(relu(this.fc7.forward(six))));
  }
}

/**
 * AlexNet as published: two groups, one for each of the two devices of 2012, in conv2, conv4 and conv5; local response normalisation. Images
 * [N, 3, 227, 227] (the paper says 224, but its maps are those of 227) to logits [N, 1000].
 * @throws ShapeError from `forward` for images whose last maps are not 6x6 (those from 227x227 to 258x258 are), or with other channels.
 */
export function alexnet2012(options: AlexNetOptions = {}): AlexNet2012 {
  return new AlexNet2012(options);
}

export const alexnet2012Info: ModelInfo = {
  ...imageNet,
  name: "alexnet_2012",
  paper: "ImageNet Classification with Deep Convolutional Neural Networks",
  authors: "Krizhevsky, Sutskever, Hinton",
  year: 2012,
  url: "https://doi.org/10.1145/3065386",
  parameters: 60_965_224,
  multiplyAdds: 724_406_816,
  inputShape: [3, 227, 227],
  minimumInput: [3, 227, 227],
  preprocessing: meanOnly,
  stages: /* @__PURE__ */ stagesOf([
    ["conv1", 96, 4],
    ["pool1", 96, 2],
    ["conv2", 256, 1],
    ["pool2", 256, 2],
    ["conv3", 384, 1],
    ["conv4", 384, 1],
    ["conv5", 256, 1],
    ["pool5", 256, 2],
  ]),
};
