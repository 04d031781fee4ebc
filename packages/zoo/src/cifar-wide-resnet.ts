// Wide residual networks for CIFAR-10 (Zagoruyko & Komodakis 2016): fewer layers, more channels.
import { AttributeError, type Tensor, add, relu } from "@stria/core";
import {
  BatchNorm2d,
  Conv2d,
  Dropout,
  GlobalAvgPool,
  Linear,
  Module,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { checkImages, cifar10 } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

const weightInitialiser = /* @__PURE__ */ initialisers.kaimingNormal({ mode: "fanOut", nonlinearity: "relu" });

/** A convolution without bias that keeps the size, but for its stride. */
function convolution(inChannels: number, outChannels: number, kernel: number, stride = 1): Conv2d {
  return new Conv2d(inChannels, outChannels, kernel, {
    stride,
    padding: (kernel - 1) / 2,
    bias: false,
    weightInitialiser,
  });
}

/** The block B(3,3): two 3x3 convolutions, each after normalisation and ReLU, with dropout between them. */
class WideBlock extends Module {
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly dropout: Dropout;
  readonly conv2: Conv2d;
  readonly shortcut: Conv2d | null;

  constructor(inChannels: number, outChannels: number, stride: number, dropout: number) {
    super();
    this.bn1 = new BatchNorm2d(inChannels);
    this.conv1 = convolution(inChannels, outChannels, 3, stride);
    this.bn2 = new BatchNorm2d(outChannels);
    this.dropout = new Dropout(dropout);
    this.conv2 = convolution(outChannels, outChannels, 3);
    this.shortcut = inChannels === outChannels ? null : convolution(inChannels, outChannels, 1, stride);
  }

  override forward(x: Tensor): Tensor {
    const activated = relu(this.bn1.forward(x));
    const inner = relu(this.bn2.forward(this.conv1.forward(activated)));
    return add(this.conv2.forward(this.dropout.forward(inner)), this.shortcut?.forward(activated) ?? x);
  }
}

export interface CifarWideResNetOptions {
  /** Number of layers, 6 n + 4. Default 28. */
  readonly depth?: number;
  /** By how much wider each layer is than in a thin ResNet, k of WRN-n-k. Default 10. */
  readonly widen?: number;
  /** Probability with which a number between the convolutions of a block is dropped. Default 0.3. */
  readonly dropout?: number;
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** See {@link cifarWideResNet}. */
export class CifarWideResNet extends Module {
  readonly inChannels: number;
  readonly minimumSize = 1;
  readonly conv1: Conv2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly bn: BatchNorm2d;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly linear: Linear;

  constructor(options: CifarWideResNetOptions = {}) {
    super();
    const { depth = 28, widen = 10, dropout = 0.3, numClasses = 10, inChannels = 3 } = options;
    checkOptions("cifarWideResNet", options, { depth, widen, dropout, numClasses, inChannels });
    const blocks = (depth - 4) / 6;
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > 200)
      throw new AttributeError("cifarWideResNet", `depth is ${depth}`, "use 6 n + 4: 10, 16, 22, 28, 40, at most 1204");
    if (!Number.isSafeInteger(widen) || widen < 1)
      throw new AttributeError("cifarWideResNet", `widen is ${widen}`, "use a whole number >= 1");
    const [first, second, third] = [16 * widen, 32 * widen, 64 * widen];
    const stage = (before: number, channels: number, stride: number): Sequential =>
      new Sequential(
        Array.from({ length: blocks }, (_, index) =>
          index === 0
            ? new WideBlock(before, channels, stride, dropout)
            : new WideBlock(channels, channels, 1, dropout),
        ),
      );
    this.inChannels = inChannels;
    this.conv1 = convolution(inChannels, 16, 3);
    this.layer1 = stage(16, first, 1);
    this.layer2 = stage(first, second, 2);
    this.layer3 = stage(second, third, 2);
    this.bn = new BatchNorm2d(third);
    this.linear = new Linear(third, numClasses);
  }

  /** x [N, inChannels, 32, 32], or images of any size -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("cifarWideResNet", this, x);
    let y = this.conv1.forward(x);
    for (const layer of [this.layer1, this.layer2, this.layer3]) y = layer.forward(y);
    return this.linear.forward(this.pool.forward(relu(this.bn.forward(y))));
  }
}

/**
 * A wide residual network for CIFAR: images [N, 3, 32, 32] to logits [N, 10]; WRN-28-10, the default, has 36,479,194 parameters.
 * @throws AttributeError for a depth that is not 6 n + 4, and for other numbers out of range; `forward` ShapeError for images with other channels.
 * @example const model = cifarWideResNet({ depth: 16, widen: 8, dropout: 0 });
 */
export function cifarWideResNet(options: CifarWideResNetOptions = {}): CifarWideResNet {
  return new CifarWideResNet(options);
}

export const wrn28x10Info: ModelInfo = {
  ...cifar10,
  name: "wrn28_10",
  paper: "Wide Residual Networks",
  authors: "Zagoruyko, Komodakis",
  year: 2016,
  url: "https://arxiv.org/abs/1605.07146",
  parameters: 36_479_194,
  multiplyAdds: 5_243_328_768,
  stages: [
    { name: "layer1", channels: 160, stride: 1 },
    { name: "layer2", channels: 320, stride: 2 },
    { name: "layer3", channels: 640, stride: 4 },
  ],
};
