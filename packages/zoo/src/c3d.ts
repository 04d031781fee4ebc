// C3D (Tran, Bourdev, Fergus, Torresani & Paluri 2015, figure 3): VGG for video, with 3x3x3 kernels throughout.
import { type Tensor, relu } from "@stria/core";
import { Conv3d, Dropout, Flatten, Linear, MaxPool3d, Module, initialisers, checkOptions } from "@stria/layers";
import { checkClips, clips } from "./clips.ts";
import type { ModelInfo } from "./model-info.ts";

export interface C3DOptions {
  /** Default 487, the sports of Sports-1M. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a hidden unit of the classifier is dropped. Default 0.5. */
  readonly dropout?: number;
}

/** The paper does not say how the weights begin. */
const weightInitialiser = /* @__PURE__ */ initialisers.kaimingNormal({ nonlinearity: "relu" });

function convolution(inChannels: number, outChannels: number): Conv3d {
  return new Conv3d(inChannels, outChannels, 3, { padding: 1, weightInitialiser });
}

/** See {@link c3d}. */
export class C3D extends Module {
  readonly inChannels: number;
  readonly frames: readonly [number, number] = [1, 16];
  readonly sizes: readonly [number, number] = [97, 128];
  readonly conv1: Conv3d;
  readonly conv2: Conv3d = convolution(64, 128);
  readonly conv3a: Conv3d = convolution(128, 256);
  readonly conv3b: Conv3d = convolution(256, 256);
  readonly conv4a: Conv3d = convolution(256, 512);
  readonly conv4b: Conv3d = convolution(512, 512);
  readonly conv5a: Conv3d = convolution(512, 512);
  readonly conv5b: Conv3d = convolution(512, 512);
  /** The first pool leaves the frames as they are, so as not to merge them early. */
  readonly pool1: MaxPool3d = new MaxPool3d([1, 2, 2], { ceilMode: true });
  readonly pool: MaxPool3d = new MaxPool3d(2, { ceilMode: true });
  readonly flatten: Flatten = new Flatten();
  readonly fc6: Linear = new Linear(512 * 1 * 4 * 4, 4096, { weightInitialiser });
  readonly dropout6: Dropout;
  readonly fc7: Linear = new Linear(4096, 4096, { weightInitialiser });
  readonly dropout7: Dropout;
  readonly fc8: Linear;

  constructor(options: C3DOptions = {}) {
    super();
    const { numClasses = 487, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("c3d", options, { numClasses, inChannels, dropout });
    this.inChannels = inChannels;
    this.conv1 = convolution(inChannels, 64);
    this.dropout6 = new Dropout(dropout);
    this.dropout7 = new Dropout(dropout);
    this.fc8 = new Linear(4096, numClasses);
  }

  /** x [N, inChannels, 16, 112, 112] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkClips("c3d", this, x);
    const one = this.pool1.forward(relu(this.conv1.forward(x)));
    const two = this.pool.forward(relu(this.conv2.forward(one)));
    const three = this.pool.forward(relu(this.conv3b.forward(relu(this.conv3a.forward(two)))));
    const four = this.pool.forward(relu(this.conv4b.forward(relu(this.conv4a.forward(three)))));
    const five = this.pool.forward(relu(this.conv5b.forward(relu(this.conv5a.forward(four)))));
    const six = this.dropout6.forward(relu(this.fc6.forward(this.flatten.forward(five))));
    return this.fc8.forward(this.dropout7.forward(relu(this.fc7.forward(six))));
  }
}

/**
 * C3D: clips [N, 3, 16, 112, 112] to logits [N, 487], 79,991,015 parameters. The paper leaves open how pool5 makes 4x4 of 7x7; here its windows may hang over
 * the edge at the end.
 * @throws ShapeError from `forward` for clips of more than 16 frames, of sizes other than 97x97 to 128x128, or with other channels.
 */
export function c3d(options: C3DOptions = {}): C3D {
  return new C3D(options);
}

export const c3dInfo: ModelInfo = {
  ...clips,
  name: "c3d",
  paper: "Learning Spatiotemporal Features with 3D Convolutional Networks",
  authors: "Tran, Bourdev, Fergus, Torresani, Paluri",
  year: 2015,
  url: "https://arxiv.org/abs/1412.0767",
  parameters: 79_991_015,
  multiplyAdds: 38_548_959_232,
  minimumInput: [3, 1, 97, 97],
  numClasses: 487,
  stages: [
    { name: "conv1", channels: 64, stride: 1 },
    { name: "conv2", channels: 128, stride: 2 },
    { name: "conv3b", channels: 256, stride: 4 },
    { name: "conv4b", channels: 512, stride: 8 },
    { name: "conv5b", channels: 512, stride: 16 },
  ],
  weights: [],
};
