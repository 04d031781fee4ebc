// Pre-activation residual networks for CIFAR-10 (He, Zhang, Ren & Sun 2016): normalisation and ReLU before each convolution, nothing on the shortcut.
import { AttributeError, type Tensor, add, relu } from "@stria/core";
import {
  BatchNorm2d,
  Conv2d,
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

/** 1x1 to `width` channels, 3x3 there, 1x1 to four times as many. Where the shape changes, the shortcut is a 1x1 convolution of the activated input. */
class PreActivationBottleneck extends Module {
  readonly bn1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly shortcut: Conv2d | null;

  constructor(inChannels: number, width: number, stride: number) {
    super();
    this.bn1 = new BatchNorm2d(inChannels);
    this.conv1 = convolution(inChannels, width, 1);
    this.bn2 = new BatchNorm2d(width);
    this.conv2 = convolution(width, width, 3, stride);
    this.bn3 = new BatchNorm2d(width);
    this.conv3 = convolution(width, 4 * width, 1);
    this.shortcut = inChannels === 4 * width && stride === 1 ? null : convolution(inChannels, 4 * width, 1, stride);
  }

  override forward(x: Tensor): Tensor {
    const activated = relu(this.bn1.forward(x));
    const narrow = relu(this.bn2.forward(this.conv1.forward(activated)));
    const inner = relu(this.bn3.forward(this.conv2.forward(narrow)));
    return add(this.conv3.forward(inner), this.shortcut?.forward(activated) ?? x);
  }
}

function stage(inChannels: number, width: number, stride: number, blocks: number): Sequential {
  return new Sequential(
    Array.from({ length: blocks }, (_, index) =>
      index === 0
        ? new PreActivationBottleneck(inChannels, width, stride)
        : new PreActivationBottleneck(4 * width, width, 1),
    ),
  );
}

export interface PreActResNetOptions {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** See {@link preActResNet}. */
export class PreActResNet extends Module {
  readonly inChannels: number;
  readonly minimumSize = 1;
  readonly conv1: Conv2d;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly bn: BatchNorm2d = new BatchNorm2d(256);
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly linear: Linear;

  constructor(depth: number, options: PreActResNetOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 3 } = options;
    checkOptions("preActResNet", options, { numClasses, inChannels });
    const blocks = (depth - 2) / 9;
    if (!Number.isInteger(blocks) || blocks < 1 || blocks > 200)
      throw new AttributeError(
        "preActResNet",
        `depth is ${depth}`,
        "use 9 n + 2: 11, 20, ..., 164, 1001, at most 1802",
      );
    this.inChannels = inChannels;
    this.conv1 = convolution(inChannels, 16, 3);
    this.layer1 = stage(16, 16, 1, blocks);
    this.layer2 = stage(64, 32, 2, blocks);
    this.layer3 = stage(128, 64, 2, blocks);
    this.linear = new Linear(256, numClasses);
  }

  /** x [N, inChannels, 32, 32], or images of any size -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("preActResNet", this, x);
    let y = this.conv1.forward(x);
    for (const layer of [this.layer1, this.layer2, this.layer3]) y = layer.forward(y);
    return this.linear.forward(this.pool.forward(relu(this.bn.forward(y))));
  }
}

/**
 * A pre-activation residual network of 9 n + 2 layers with bottlenecks: images [N, 3, 32, 32] to logits [N, 10]; 164 layers have 1,703,258 parameters, 1001
 * have 10,327,706. The paper leaves open the shortcut where the size changes; here it is a 1x1 convolution of what is activated, as the authors have it.
 * @throws AttributeError for a depth that is not 9 n + 2; `forward` ShapeError for images with other channels.
 */
export function preActResNet(depth: number, options: PreActResNetOptions = {}): PreActResNet {
  return new PreActResNet(depth, options);
}

/** ResNet-164 for CIFAR-10; see {@link preActResNet}. */
export function preActResNet164(options: PreActResNetOptions = {}): PreActResNet {
  return preActResNet(164, options);
}

export const preActResNet164Info: ModelInfo = {
  ...cifar10,
  name: "preact_resnet164_cifar",
  paper: "Identity Mappings in Deep Residual Networks",
  authors: "He, Zhang, Ren, Sun",
  year: 2016,
  url: "https://arxiv.org/abs/1603.05027",
  parameters: 1_703_258,
  multiplyAdds: 247_646_720,
  stages: [
    { name: "layer1", channels: 64, stride: 1 },
    { name: "layer2", channels: 128, stride: 2 },
    { name: "layer3", channels: 256, stride: 4 },
  ],
};
