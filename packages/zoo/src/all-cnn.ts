// All-CNN-C (Springenberg, Dosovitskiy, Brox & Riedmiller 2014): convolutions of stride 2 where others pool.
import { type Tensor, relu } from "@stria/core";
import { Conv2d, Dropout, GlobalAvgPool, Module, initialisers, checkOptions } from "@stria/layers";
import { checkImages, cifar10, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";

export interface AllCNNOptions {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a value of the image is dropped. Default 0.2. */
  readonly inputDropout?: number;
  /** Probability with which a value is dropped after a convolution of stride 2. Default 0.5. */
  readonly dropout?: number;
}

/** The paper leaves the first values open; these are He et al.'s (2015) for ReLUs. */
function convolution(inChannels: number, outChannels: number, kernel: number, stride = 1, padding = 0): Conv2d {
  const weightInitialiser = initialisers.kaimingNormal();
  return new Conv2d(inChannels, outChannels, kernel, {
    stride,
    padding,
    weightInitialiser,
    biasInitialiser: initialisers.zeros,
  });
}

/** See {@link allCnnC}. */
export class AllCNNC extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly dropout0: Dropout;
  readonly conv1: Conv2d;
  readonly conv2: Conv2d = convolution(96, 96, 3, 1, 1);
  readonly conv3: Conv2d = convolution(96, 96, 3, 2, 1);
  readonly dropout3: Dropout;
  readonly conv4: Conv2d = convolution(96, 192, 3, 1, 1);
  readonly conv5: Conv2d = convolution(192, 192, 3, 1, 1);
  readonly conv6: Conv2d = convolution(192, 192, 3, 2, 1);
  readonly dropout6: Dropout;
  readonly conv7: Conv2d = convolution(192, 192, 3); // without padding: the paper's 6x6 maps
  readonly conv8: Conv2d = convolution(192, 192, 1);
  readonly conv9: Conv2d;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();

  constructor(options: AllCNNOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 3, inputDropout = 0.2, dropout = 0.5 } = options;
    checkOptions("allCnnC", options, { numClasses, inChannels, inputDropout, dropout });
    this.inChannels = inChannels;
    this.dropout0 = new Dropout(inputDropout);
    this.conv1 = convolution(inChannels, 96, 3, 1, 1);
    this.dropout3 = new Dropout(dropout);
    this.dropout6 = new Dropout(dropout);
    this.conv9 = convolution(192, numClasses, 1);
    this.minimumSize = smallestImage([
      this.conv1,
      this.conv2,
      this.conv3,
      this.conv4,
      this.conv5,
      this.conv6,
      this.conv7,
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses], none below 0. */
  override forward(x: Tensor): Tensor {
    checkImages("allCnnC", this, x);
    const two = relu(this.conv2.forward(relu(this.conv1.forward(this.dropout0.forward(x)))));
    const three = this.dropout3.forward(relu(this.conv3.forward(two)));
    const five = relu(this.conv5.forward(relu(this.conv4.forward(three))));
    const six = this.dropout6.forward(relu(this.conv6.forward(five)));
    const eight = relu(this.conv8.forward(relu(this.conv7.forward(six))));
    return this.pool.forward(relu(this.conv9.forward(eight)));
  }
}

/**
 * All-CNN-C: images [N, 3, 32, 32], or of any size from 9x9, to logits [N, 10].
 * @throws ShapeError from `forward` for images that are too small or have other channels.
 */
export function allCnnC(options: AllCNNOptions = {}): AllCNNC {
  return new AllCNNC(options);
}

export const allCnnCInfo: ModelInfo = {
  ...cifar10,
  name: "all_cnn_c",
  paper: "Striving for Simplicity: The All Convolutional Net",
  authors: "Springenberg, Dosovitskiy, Brox, Riedmiller",
  year: 2014,
  url: "https://arxiv.org/abs/1412.6806",
  minimumInput: [3, 9, 9],
  parameters: 1_369_738,
  multiplyAdds: 270_798_336,
  stages: /* @__PURE__ */ stagesOf([
    ["conv1", 96, 1],
    ["conv2", 96, 1],
    ["conv3", 96, 2],
    ["conv4", 192, 1],
    ["conv5", 192, 1],
    ["conv6", 192, 2],
    ["conv7", 192, 1],
    ["conv8", 192, 1],
    ["conv9", 10, 1],
  ]),
};
