// Residual networks for CIFAR-10 (He, Zhang, Ren & Sun 2015, section 4.2), with parameter-free shortcuts (option A).
import { AttributeError, type Tensor, add, pad, relu, slice } from "@stria/core";
import { BatchNorm2d, Conv2d, GlobalAvgPool, Linear, Module, Sequential } from "@stria/layers";
import { cifar10 } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

export interface CifarResNetOptions {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** Two 3x3 convolutions around a shortcut; where the size changes, the shortcut takes every second pixel and adds channels of zeros. */
class BasicBlock extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly stride: number;
  readonly newChannels: number;

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    this.conv1 = new Conv2d(inChannels, outChannels, 3, { stride, padding: 1, bias: false });
    this.bn1 = new BatchNorm2d(outChannels);
    this.conv2 = new Conv2d(outChannels, outChannels, 3, { padding: 1, bias: false });
    this.bn2 = new BatchNorm2d(outChannels);
    this.stride = stride;
    this.newChannels = outChannels - inChannels;
  }

  override forward(x: Tensor): Tensor {
    const inner = relu(this.bn1.forward(this.conv1.forward(x)));
    return relu(add(this.bn2.forward(this.conv2.forward(inner)), this.#shortcut(x)));
  }

  #shortcut(x: Tensor): Tensor {
    if (this.newChannels === 0) return x;
    const { stride, newChannels } = this;
    const size = [...x.shape.slice(0, 2), ...x.shape.slice(2).map((length) => Math.ceil(length / stride))];
    const fewer = slice(x, [0, 0, 0, 0], size, [1, 1, stride, stride]);
    const before = Math.floor(newChannels / 2); // half before, half after: as in the published checkpoints
    return pad(fewer, [
      [0, 0],
      [before, newChannels - before],
      [0, 0],
      [0, 0],
    ]);
  }
}

function stage(inChannels: number, outChannels: number, stride: number, blocks: number): Sequential {
  return new Sequential(
    Array.from({ length: blocks }, (_, index) =>
      index === 0 ? new BasicBlock(inChannels, outChannels, stride) : new BasicBlock(outChannels, outChannels, 1),
    ),
  );
}

/** See {@link cifarResNet}. */
export class CifarResNet extends Module {
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d = new BatchNorm2d(16);
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly linear: Linear;

  constructor(depth: number, { numClasses = 10, inChannels = 3 }: CifarResNetOptions = {}) {
    super();
    const blocks = (depth - 2) / 6;
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > 200)
      throw new AttributeError("cifarResNet", `depth is ${depth}`, "use 6 n + 2: 20, 32, 44, 56, 110, at most 1202");
    this.conv1 = new Conv2d(inChannels, 16, 3, { padding: 1, bias: false });
    this.layer1 = stage(16, 16, 1, blocks);
    this.layer2 = stage(16, 32, 2, blocks);
    this.layer3 = stage(32, 64, 2, blocks);
    this.linear = new Linear(64, numClasses);
  }

  /** x [N, inChannels, 32, 32] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    let y = relu(this.bn1.forward(this.conv1.forward(x)));
    for (const layer of [this.layer1, this.layer2, this.layer3]) y = layer.forward(y);
    return this.linear.forward(this.pool.forward(y));
  }
}

/**
 * A CIFAR ResNet of 6 n + 2 layers: images [N, 3, 32, 32] to logits [N, 10]. Keys as in the published checkpoints (`layer1.0.conv1.weight`).
 * @throws AttributeError for a depth that is not 6 n + 2.
 */
export function cifarResNet(depth: number, options: CifarResNetOptions = {}): CifarResNet {
  return new CifarResNet(depth, options);
}

/** ResNet-20 for CIFAR-10, 269,722 parameters; see {@link cifarResNet}. */
export function resnet20(options: CifarResNetOptions = {}): CifarResNet {
  return cifarResNet(20, options);
}

export const resnet20Info: ModelInfo = {
  ...cifar10,
  name: "resnet20_cifar",
  paper: "Deep Residual Learning for Image Recognition",
  authors: "He, Zhang, Ren, Sun",
  year: 2015,
  url: "https://arxiv.org/abs/1512.03385",
  parameters: 269_722,
  multiplyAdds: 40_551_040,
  preprocessing: { mean: [0.485, 0.456, 0.406], standardDeviation: [0.229, 0.224, 0.225], pad: 0 },
  stages: [
    { name: "layer1", channels: 16, stride: 1 },
    { name: "layer2", channels: 32, stride: 2 },
    { name: "layer3", channels: 64, stride: 4 },
  ],
};
