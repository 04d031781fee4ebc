// Fully convolutional networks (Long, Shelhamer & Darrell 2015): VGG-16 whose dense layers slide over the image, and scores that come back to its size.
import { type Initialiser, type Tensor, add, at, relu, slice } from "@stria/core";
import { Conv2d, ConvTranspose2d, Dropout, MaxPool2d, Module, initialisers, checkOptions } from "@stria/layers";
import { checkImages, imageNet, meanOnly, rowOf } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

export type FCNName = "fcn32s" | "fcn16s" | "fcn8s";

interface Row {
  /** Pixels of the image from one of the finest scores to the next, before they are enlarged. */
  readonly stride: 32 | 16 | 8;
  /** Where the result is cut out of the enlarged scores: the border that the padding of 100 makes. */
  readonly offset: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

const rows: Readonly<Record<FCNName, Row>> = {
  fcn32s: { stride: 32, offset: 19, parameters: 136_152_917, multiplyAdds: 181_365_854_976 },
  fcn16s: { stride: 16, offset: 27, parameters: 134_815_994, multiplyAdds: 181_448_086_272 },
  fcn8s: { stride: 8, offset: 31, parameters: 134_489_759, multiplyAdds: 181_529_034_048 },
};

export interface FCNOptions {
  /** Default 21: the 20 of Pascal VOC, and the background. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a value is dropped after fc6 and fc7. Default 0.5. */
  readonly dropout?: number;
}

const first = {
  weightInitialiser: /* @__PURE__ */ initialisers.kaimingNormal(),
  biasInitialiser: initialisers.zeros,
} as const;

function convolution(inChannels: number, outChannels: number, padding = 1): Conv2d {
  return new Conv2d(inChannels, outChannels, 3, { padding, ...first });
}

/** A layer of class scores starts from 0, as in the paper. */
function score(inChannels: number, numClasses: number): Conv2d {
  const { zeros } = initialisers;
  return new Conv2d(inChannels, numClasses, 1, { weightInitialiser: zeros, biasInitialiser: zeros });
}

/** First values that make a transposed convolution [channels, channels, size, size] interpolate each channel linearly. */
const bilinear: Initialiser = (shape) => {
  const [channels, size] = [at(shape, 0), at(shape, 2)];
  const [factor, middle] = [size / 2, (size - 1) / 2];
  const along = (place: number): number => 1 - Math.abs(place - middle) / factor;
  return Float32Array.from({ length: channels ** 2 * size ** 2 }, (_, index) => {
    const [plane, place] = [Math.floor(index / size ** 2), index % size ** 2];
    const same = Math.floor(plane / channels) === plane % channels;
    return same ? along(Math.floor(place / size)) * along(place % size) : 0;
  });
};

/** Scores that are `factor` times as dense. */
function enlarge(numClasses: number, factor: number): ConvTranspose2d {
  const options = { stride: factor, bias: false, weightInitialiser: bilinear };
  return new ConvTranspose2d(numClasses, numClasses, 2 * factor, options);
}

/** What is as high and wide as `like`, from `offset` on along both axes. */
function cropTo(x: Tensor, offset: number, like: Tensor): Tensor {
  const [n, channels] = x.shape;
  return slice(x, [0, 0, offset, offset], [n ?? 0, channels ?? 0, at(like.shape, 2), at(like.shape, 3)]);
}

/** See {@link fcn}. */
export class FCN extends Module {
  readonly inChannels: number;
  readonly minimumSize: number = 1;
  readonly offset: number;
  readonly conv1_1: Conv2d;
  readonly conv1_2: Conv2d = convolution(64, 64);
  readonly conv2_1: Conv2d = convolution(64, 128);
  readonly conv2_2: Conv2d = convolution(128, 128);
  readonly conv3_1: Conv2d = convolution(128, 256);
  readonly conv3_2: Conv2d = convolution(256, 256);
  readonly conv3_3: Conv2d = convolution(256, 256);
  readonly conv4_1: Conv2d = convolution(256, 512);
  readonly conv4_2: Conv2d = convolution(512, 512);
  readonly conv4_3: Conv2d = convolution(512, 512);
  readonly conv5_1: Conv2d = convolution(512, 512);
  readonly conv5_2: Conv2d = convolution(512, 512);
  readonly conv5_3: Conv2d = convolution(512, 512);
  /** VGG's first dense layer, as a convolution over all of its 7x7 maps. */
  readonly fc6: Conv2d = new Conv2d(512, 4096, 7, first);
  readonly dropout6: Dropout;
  readonly fc7: Conv2d = new Conv2d(4096, 4096, 1, first);
  readonly dropout7: Dropout;
  readonly score_fr: Conv2d;
  readonly upscore2: ConvTranspose2d | null;
  readonly score_pool4: Conv2d | null;
  readonly upscore_pool4: ConvTranspose2d | null;
  readonly score_pool3: Conv2d | null;
  readonly upscore: ConvTranspose2d;
  /** Five times. Windows may hang over the edge. */
  readonly pool: MaxPool2d = new MaxPool2d(2, { ceilMode: true });

  constructor(name: FCNName, options: FCNOptions = {}) {
    super();
    const { numClasses = 21, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("fcn", options, { numClasses, inChannels, dropout });
    const { stride, offset } = rowOf("fcn", rows, name);
    this.inChannels = inChannels;
    this.offset = offset;
    this.conv1_1 = convolution(inChannels, 64, 100);
    this.dropout6 = new Dropout(dropout);
    this.dropout7 = new Dropout(dropout);
    this.score_fr = score(4096, numClasses);
    this.upscore2 = stride <= 16 ? enlarge(numClasses, 2) : null;
    this.score_pool4 = stride <= 16 ? score(512, numClasses) : null;
    this.upscore_pool4 = stride === 8 ? enlarge(numClasses, 2) : null;
    this.score_pool3 = stride === 8 ? score(256, numClasses) : null;
    this.upscore = enlarge(numClasses, stride);
  }

  /** Convolutions with ReLU, and the pool that ends them. */
  #block(x: Tensor, ...convolutions: readonly Conv2d[]): Tensor {
    return this.pool.forward(convolutions.reduce((y, layer) => relu(layer.forward(y)), x));
  }

  /** x [N, inChannels, height, width] -> scores of every pixel [N, numClasses, height, width]. */
  override forward(x: Tensor): Tensor {
    checkImages("fcn", this, x);
    const pool1 = this.#block(x, this.conv1_1, this.conv1_2);
    const pool2 = this.#block(pool1, this.conv2_1, this.conv2_2);
    const pool3 = this.#block(pool2, this.conv3_1, this.conv3_2, this.conv3_3);
    const pool4 = this.#block(pool3, this.conv4_1, this.conv4_2, this.conv4_3);
    const pool5 = this.#block(pool4, this.conv5_1, this.conv5_2, this.conv5_3);
    const six = this.dropout6.forward(relu(this.fc6.forward(pool5)));
    const seven = this.dropout7.forward(relu(this.fc7.forward(six)));
    let scores = this.score_fr.forward(seven);
    if (this.upscore2 && this.score_pool4) {
      scores = this.upscore2.forward(scores);
      scores = add(scores, cropTo(this.score_pool4.forward(pool4), 5, scores));
    }
    if (this.upscore_pool4 && this.score_pool3) {
      scores = this.upscore_pool4.forward(scores);
      scores = add(scores, cropTo(this.score_pool3.forward(pool3), 9, scores));
    }
    return cropTo(this.upscore.forward(scores), this.offset, x);
  }
}

/**
 * A fully convolutional network: images [N, 3, height, width] of any size to scores of every pixel [N, 21, height, width]. "fcn32s" enlarges the scores of
 * VGG-16 32 times, "fcn16s" and "fcn8s" add scores of finer maps on the way (figure 3). As in the authors' files the image is padded by 100, and the
 * enlarged scores are cropped. What enlarges is linear interpolation at first, which they keep in the last layer: `freeze(model, "upscore")`.
 *
 * Source: Long, Shelhamer and Darrell (2015), Fully Convolutional Networks for Semantic Segmentation.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images with other channels.
 */
export function fcn(name: FCNName, options: FCNOptions = {}): FCN {
  return new FCN(name, options);
}

/** What is known of an {@link fcn}. @throws AttributeError for a name that is not in the table. */
export function fcnInfo(name: FCNName): ModelInfo {
  const { parameters, multiplyAdds } = rowOf("fcn", rows, name);
  return {
    ...imageNet,
    name,
    task: "segmentation",
    paper: "Fully Convolutional Networks for Semantic Segmentation",
    authors: "Long, Shelhamer, Darrell",
    year: 2015,
    url: "https://arxiv.org/abs/1411.4038",
    parameters,
    multiplyAdds,
    inputShape: [3, 500, 500],
    numClasses: 21,
    preprocessing: meanOnly,
    stages: [
      { name: "conv1_2", channels: 64, stride: 1 },
      { name: "conv2_2", channels: 128, stride: 2 },
      { name: "conv3_3", channels: 256, stride: 4 },
      { name: "conv4_3", channels: 512, stride: 8 },
      { name: "conv5_3", channels: 512, stride: 16 },
      { name: "fc7", channels: 4096, stride: 32 },
      { name: "score_fr", channels: 21, stride: 32 },
    ],
  };
}
