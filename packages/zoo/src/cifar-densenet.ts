// Densely connected networks for CIFAR (Huang, Liu, van der Maaten & Weinberger 2017): DenseNet-40 and its relatives, plain or BC.
import { AttributeError, type Tensor, concat, relu } from "@stria/core";
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  GlobalAvgPool,
  Linear,
  Module,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type FamilyInfo, checkImages, cifar10, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";

function convolution(inChannels: number, outChannels: number, kernel: number): Conv2d {
  const weightInitialiser = initialisers.kaimingNormal();
  return new Conv2d(inChannels, outChannels, kernel, { padding: (kernel - 1) / 2, bias: false, weightInitialiser });
}

/** Normalisation, ReLU, 3x3 to the growth, which joins the input; with a bottleneck, the same with 1x1 to four times the growth before it. */
class DenseLayer extends Module {
  readonly norm1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly norm2: BatchNorm2d | null;
  readonly conv2: Conv2d | null;

  constructor(inChannels: number, growth: number, bottleneck: boolean) {
    super();
    this.norm1 = new BatchNorm2d(inChannels);
    this.conv1 = bottleneck ? convolution(inChannels, 4 * growth, 1) : convolution(inChannels, growth, 3);
    this.norm2 = bottleneck ? new BatchNorm2d(4 * growth) : null;
    this.conv2 = bottleneck ? convolution(4 * growth, growth, 3) : null;
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv1.forward(relu(this.norm1.forward(x)));
    return concat([x, this.norm2 && this.conv2 ? this.conv2.forward(relu(this.norm2.forward(y))) : y], 1);
  }
}

/** Halves the maps; in BC their number too. */
class Transition extends Module {
  readonly norm: BatchNorm2d;
  readonly conv: Conv2d;
  readonly pool: AvgPool2d = new AvgPool2d(2);

  constructor(inChannels: number, outChannels: number) {
    super();
    this.norm = new BatchNorm2d(inChannels);
    this.conv = convolution(inChannels, outChannels, 1);
  }

  override forward(x: Tensor): Tensor {
    return this.pool.forward(this.conv.forward(relu(this.norm.forward(x))));
  }
}

export interface CifarDenseNetOptions {
  /** Layers with weights: 3 n + 4, in BC 6 n + 4. Default 40. */
  readonly depth?: number;
  /** Maps that a layer adds. Default 12. */
  readonly growth?: number;
  /** Bottlenecks in the layers, and transitions that halve the number of maps. Default false. */
  readonly bc?: boolean;
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** See {@link cifarDenseNet}. */
export class CifarDenseNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly conv0: Conv2d;
  readonly block1: Sequential;
  readonly transition1: Transition;
  readonly block2: Sequential;
  readonly transition2: Transition;
  readonly block3: Sequential;
  readonly norm: BatchNorm2d;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly linear: Linear;

  constructor(options: CifarDenseNetOptions = {}) {
    super();
    const { depth = 40, growth = 12, bc = false, numClasses = 10, inChannels = 3 } = options;
    checkOptions("cifarDenseNet", options, { depth, growth, bc, numClasses, inChannels });
    const layers = (depth - 4) / (bc ? 6 : 3);
    if (!Number.isInteger(layers) || layers < 1 || layers > 200)
      throw new AttributeError("cifarDenseNet", `depth is ${depth}`, `use ${bc ? 6 : 3} n + 4, such as 40 or 100`);
    const block = (channels: number): Sequential =>
      new Sequential(
        Array.from({ length: layers }, (_, index) => new DenseLayer(channels + index * growth, growth, bc)),
      );
    const added = layers * growth;
    const kept = (channels: number): number => (bc ? Math.floor(channels / 2) : channels);
    const first = bc ? 2 * growth : 16;
    const second = kept(first + added);
    const third = kept(second + added);
    this.inChannels = inChannels;
    this.conv0 = convolution(inChannels, first, 3);
    this.block1 = block(first);
    this.transition1 = new Transition(first + added, second);
    this.block2 = block(second);
    this.transition2 = new Transition(second + added, third);
    this.block3 = block(third);
    this.norm = new BatchNorm2d(third + added);
    this.linear = new Linear(third + added, numClasses, { biasInitialiser: initialisers.zeros });
    this.minimumSize = smallestImage([this.conv0, this.transition1.pool, this.transition2.pool]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("cifarDenseNet", this, x);
    let y = this.conv0.forward(x);
    for (const layer of [this.block1, this.transition1, this.block2, this.transition2, this.block3])
      y = layer.forward(y);
    return this.linear.forward(this.pool.forward(relu(this.norm.forward(y))));
  }
}

/**
 * A DenseNet for CIFAR: images [N, 3, 32, 32], or of any size from 4x4, to logits [N, 10]. The paper's dropout, used without augmentation, is left out.
 * @throws AttributeError for a depth that does not fit; `forward` ShapeError for images that are too small or have other channels.
 */
export function cifarDenseNet(options: CifarDenseNetOptions = {}): CifarDenseNet {
  return new CifarDenseNet(options);
}

export type CifarDenseNetName = "densenet40_cifar" | "densenet_bc100_cifar";

interface Row extends CifarDenseNetOptions {
  /** Of conv0, block1, transition1, block2, transition2 and block3. */
  readonly channels: readonly [number, number, number, number, number, number];
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** Of table 2 of the paper. */
const rows: Readonly<Record<CifarDenseNetName, Row>> = {
  densenet40_cifar: {
    depth: 40,
    growth: 12,
    bc: false,
    channels: [16, 160, 160, 304, 304, 448],
    parameters: 1_019_722,
    multiplyAdds: 264_812_928,
  },
  densenet_bc100_cifar: {
    depth: 100,
    growth: 12,
    bc: true,
    channels: [24, 216, 108, 300, 150, 342],
    parameters: 769_162,
    multiplyAdds: 287_929_692,
  },
};

/** A {@link cifarDenseNet} of the paper's table 2 by its name. @throws AttributeError for a name that is not in it. */
export function cifarDenseNetByName(name: CifarDenseNetName, options: CifarDenseNetOptions = {}): CifarDenseNet {
  const { depth = 40, growth = 12, bc = false } = rowOf("cifarDenseNet", rows, name);
  return new CifarDenseNet({ depth, growth, bc, ...options });
}

const family: FamilyInfo = {
  ...cifar10,
  paper: "Densely Connected Convolutional Networks",
  authors: "Huang, Liu, van der Maaten, Weinberger",
  year: 2017,
  url: "https://arxiv.org/abs/1608.06993",
  minimumInput: [3, 4, 4],
};

/** What is known of a {@link cifarDenseNetByName}. @throws AttributeError for a name that is not in the table. */
export function cifarDenseNetInfo(name: CifarDenseNetName): ModelInfo {
  const { parameters, multiplyAdds, channels } = rowOf("cifarDenseNet", rows, name);
  const stages = stagesOf([
    ["conv0", channels[0], 1],
    ["block1", channels[1], 1],
    ["transition1", channels[2], 2],
    ["block2", channels[3], 1],
    ["transition2", channels[4], 2],
    ["block3", channels[5], 1],
    ["norm", channels[5], 1],
  ]);
  return { ...family, name, parameters, multiplyAdds, stages };
}
