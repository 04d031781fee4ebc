// Residual networks for CIFAR-10 (He, Zhang, Ren & Sun 2015, section 4.2), with parameter-free shortcuts (option A).
import { AttributeError, type Tensor, add, pad, relu, slice } from "@stria/core";
import { BatchNorm2d, Conv2d, GlobalAvgPool, Linear, Module, Sequential, checkOptions } from "@stria/layers";
import { checkImages, cifar10, imageNet, rowOf } from "./images.ts";
import type { KnownWeights, ModelInfo } from "./model-info.ts";

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
  readonly inChannels: number;
  readonly minimumSize = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d = new BatchNorm2d(16);
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly linear: Linear;

  constructor(depth: number, options: CifarResNetOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 3 } = options;
    checkOptions("cifarResNet", options, { numClasses, inChannels });
    const blocks = (depth - 2) / 6;
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > 200)
      throw new AttributeError("cifarResNet", `depth is ${depth}`, "use 6 n + 2: 20, 32, 44, 56, 110, at most 1202");
    this.inChannels = inChannels;
    this.conv1 = new Conv2d(inChannels, 16, 3, { padding: 1, bias: false });
    this.layer1 = stage(16, 16, 1, blocks);
    this.layer2 = stage(16, 32, 2, blocks);
    this.layer3 = stage(32, 64, 2, blocks);
    this.linear = new Linear(64, numClasses);
  }

  /** x [N, inChannels, 32, 32], or images of any size -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("cifarResNet", this, x);
    let y = relu(this.bn1.forward(this.conv1.forward(x)));
    for (const layer of [this.layer1, this.layer2, this.layer3]) y = layer.forward(y);
    return this.linear.forward(this.pool.forward(y));
  }
}

/**
 * A CIFAR ResNet of 6 n + 2 layers: images [N, 3, 32, 32] to logits [N, 10]. Keys as in the published checkpoints (`layer1.0.conv1.weight`).
 * @throws AttributeError for a depth that is not 6 n + 2; `forward` ShapeError for images with other channels.
 */
export function cifarResNet(depth: number, options: CifarResNetOptions = {}): CifarResNet {
  return new CifarResNet(depth, options);
}

/** ResNet-20 for CIFAR-10, 269,722 parameters; see {@link cifarResNet}. */
export function resnet20(options: CifarResNetOptions = {}): CifarResNet {
  return cifarResNet(20, options);
}

export type CifarResNetName =
  | "resnet20_cifar"
  | "resnet32_cifar"
  | "resnet44_cifar"
  | "resnet56_cifar"
  | "resnet110_cifar";

interface Row {
  readonly depth: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** SHA-256 of Idelbayev's file, or its first digits, and what is said of it. */
  readonly published: readonly [sha256: string, accuracy: string];
}

/** Table 6 of the paper, and the weights that Yerlan Idelbayev trained anew. */
const rows: Readonly<Record<CifarResNetName, Row>> = {
  resnet20_cifar: {
    depth: 20,
    parameters: 269_722,
    multiplyAdds: 40_551_040,
    published: ["12fca82f0bebc4135bf1f32f6e3710e61d5108578464b84fd6d7f5c1b04036c8", "91.78 %, as the file says"],
  },
  resnet32_cifar: {
    depth: 32,
    parameters: 464_154,
    multiplyAdds: 68_862_592,
    published: ["d509ac1820d7f25398913559d7e81a13229b1e7adc5648e3bfa5e22dc137f850", "92.78 %, as the file says"],
  },
  resnet44_cifar: {
    depth: 44,
    parameters: 658_586,
    multiplyAdds: 97_174_144,
    published: ["014dd654", "93.10 %"],
  },
  resnet56_cifar: {
    depth: 56,
    parameters: 853_018,
    multiplyAdds: 125_485_696,
    published: ["4bfd9763", "93.39 %"],
  },
  resnet110_cifar: {
    depth: 110,
    parameters: 1_727_962,
    multiplyAdds: 252_887_680,
    published: ["1d1ed7c2", "93.68 %"],
  },
};

/** A CIFAR ResNet by its name, such as "resnet56_cifar"; see {@link cifarResNet}. @throws AttributeError for a name that is not in the table. */
export function cifarResNetByName(name: CifarResNetName, options: CifarResNetOptions = {}): CifarResNet {
  return cifarResNet(rowOf("cifarResNet", rows, name).depth, options);
}

function weightsOf(depth: number, [sha256, accuracy]: Row["published"]): KnownWeights {
  const file = `resnet${depth}-${sha256.slice(0, 8)}.th`;
  return {
    name: "pytorch_resnet_cifar10",
    url: `https://github.com/akamaster/pytorch_resnet_cifar10/raw/master/pretrained_models/${file}`,
    sha256,
    format: "pytorch",
    licence: "BSD-2-Clause",
    accuracy: `CIFAR-10, test images: ${accuracy}`,
    numClasses: 10,
    rename: [["^module\\.", ""]], // the prefix of PyTorch's DataParallel
  };
}

/** What is known of a CIFAR ResNet. @throws AttributeError for a name that is not in the table. */
export function cifarResNetInfo(name: CifarResNetName): ModelInfo {
  const { depth, parameters, multiplyAdds, published } = rowOf("cifarResNet", rows, name);
  return {
    ...cifar10,
    name,
    paper: "Deep Residual Learning for Image Recognition",
    authors: "He, Zhang, Ren, Sun",
    year: 2015,
    url: "https://arxiv.org/abs/1512.03385",
    parameters,
    multiplyAdds,
    preprocessing: imageNet.preprocessing, // which the published weights were trained with
    stages: [
      { name: "layer1", channels: 16, stride: 1 },
      { name: "layer2", channels: 32, stride: 2 },
      { name: "layer3", channels: 64, stride: 4 },
    ],
    weights: [weightsOf(depth, published)],
  };
}

/** What is known of {@link resnet20}. */
export const resnet20Info: ModelInfo = /* @__PURE__ */ cifarResNetInfo("resnet20_cifar");
