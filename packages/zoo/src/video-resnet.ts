// Residual networks for video (Tran, Wang, Torresani, Ray, LeCun & Paluri 2018): R3D, MC3 and R(2+1)D, each of 18 layers.
import { type Tensor, add, relu } from "@stria/core";
import {
  AdaptiveAvgPool,
  BatchNorm3d,
  Conv3d,
  Flatten,
  Linear,
  Module,
  ReLU,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { checkClips, clips } from "./clips.ts";
import { rowOf } from "./images.ts";
import type { KnownWeights, ModelInfo } from "./model-info.ts";

const weightInitialiser = /* @__PURE__ */ initialisers.kaimingNormal({ mode: "fanOut", nonlinearity: "relu" });

/** Sizes along frames, height and width. */
type Volume = readonly [frames: number, height: number, width: number];

/** A convolution that keeps the size, but for its stride. */
function convolution(inChannels: number, outChannels: number, kernel: Volume, stride: Volume): Conv3d {
  const padding = kernel.map((length) => (length - 1) / 2);
  return new Conv3d(inChannels, outChannels, [...kernel], {
    stride: [...stride],
    padding,
    bias: false,
    weightInitialiser,
  });
}

/** What takes the place of a 3x3 convolution of an image network: over space and time, over space alone, or over space and then over time. */
interface Kind {
  make(inChannels: number, outChannels: number, stride: number, middle: number): Conv3d | Sequential;
  /** Whether the stride is in time too. */
  readonly inTime: boolean;
}

const spaceTime: Kind = {
  make: (inChannels, outChannels, stride) => convolution(inChannels, outChannels, [3, 3, 3], [stride, stride, stride]),
  inTime: true,
};

const space: Kind = {
  make: (inChannels, outChannels, stride) => convolution(inChannels, outChannels, [1, 3, 3], [1, stride, stride]),
  inTime: false,
};

const spaceThenTime: Kind = {
  make: (inChannels, outChannels, stride, middle) =>
    new Sequential([
      convolution(inChannels, middle, [1, 3, 3], [1, stride, stride]),
      new BatchNorm3d(middle),
      new ReLU(),
      convolution(middle, outChannels, [3, 1, 1], [stride, 1, 1]),
    ]),
  inTime: true,
};

/** Two convolutions around a shortcut. */
class BasicBlock extends Module {
  readonly conv1: Sequential;
  readonly conv2: Sequential;
  readonly downsample: Sequential | null;

  constructor({ make, inTime }: Kind, inChannels: number, channels: number, stride: number) {
    super();
    // As many channels between space and time as give both together the weights of one 3x3x3 convolution.
    const middle = Math.floor((27 * inChannels * channels) / (9 * inChannels + 3 * channels));
    this.conv1 = new Sequential([make(inChannels, channels, stride, middle), new BatchNorm3d(channels), new ReLU()]);
    this.conv2 = new Sequential([make(channels, channels, 1, middle), new BatchNorm3d(channels)]);
    const through: Volume = [inTime ? stride : 1, stride, stride];
    this.downsample =
      stride === 1 && inChannels === channels
        ? null
        : new Sequential([convolution(inChannels, channels, [1, 1, 1], through), new BatchNorm3d(channels)]);
  }

  override forward(x: Tensor): Tensor {
    return relu(add(this.conv2.forward(this.conv1.forward(x)), this.downsample?.forward(x) ?? x));
  }
}

/** The first layers: 3x7x7, or 1x7x7 and then 3x1x1. */
function stemOf(split: boolean, inChannels: number): Sequential {
  if (!split)
    return new Sequential([convolution(inChannels, 64, [3, 7, 7], [1, 2, 2]), new BatchNorm3d(64), new ReLU()]);
  return new Sequential([
    convolution(inChannels, 45, [1, 7, 7], [1, 2, 2]),
    new BatchNorm3d(45),
    new ReLU(),
    convolution(45, 64, [3, 1, 1], [1, 1, 1]),
    new BatchNorm3d(64),
    new ReLU(),
  ]);
}

export type VideoResNetName = "r3d_18" | "mc3_18" | "r2plus1d_18";

interface Row {
  /** Kinds of layer1 to layer4. */
  readonly kinds: readonly [Kind, Kind, Kind, Kind];
  readonly parameters: number;
  readonly multiplyAdds: number;
  /** First digits of the SHA-256 of torchvision's file, which its name has, and the shares of Kinetics-400 that are right at once and among five. */
  readonly published: readonly [sha256: string, first: number, five: number];
}

const rows: Readonly<Record<VideoResNetName, Row>> = {
  r3d_18: {
    kinds: [spaceTime, spaceTime, spaceTime, spaceTime],
    parameters: 33_371_472,
    multiplyAdds: 40_696_553_472,
    published: ["b3b3357e", 63.2, 83.479],
  },
  mc3_18: {
    kinds: [spaceTime, space, space, space],
    parameters: 11_695_440,
    multiplyAdds: 43_342_635_008,
    published: ["a90a0ba3", 63.96, 84.13],
  },
  r2plus1d_18: {
    kinds: [spaceThenTime, spaceThenTime, spaceThenTime, spaceThenTime],
    parameters: 31_505_325,
    multiplyAdds: 40_519_080_960,
    published: ["91a641e6", 67.463, 86.175],
  },
};

export interface VideoResNetOptions {
  /** Default 400, those of Kinetics-400. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** See {@link videoResNet}. */
export class VideoResNet extends Module {
  readonly inChannels: number;
  readonly frames: readonly [number, number] = [1, Infinity];
  readonly sizes: readonly [number, number] = [1, Infinity];
  readonly stem: Sequential;
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;
  readonly avgpool: AdaptiveAvgPool = new AdaptiveAvgPool(1);
  readonly flatten: Flatten = new Flatten();
  readonly fc: Linear;

  constructor(name: VideoResNetName, options: VideoResNetOptions = {}) {
    super();
    const { numClasses = 400, inChannels = 3 } = options;
    checkOptions("videoResNet", options, { numClasses, inChannels });
    const [first, second, third, fourth] = rowOf("videoResNet", rows, name).kinds;
    const stage = (kind: Kind, before: number, channels: number, stride: number): Sequential =>
      new Sequential([new BasicBlock(kind, before, channels, stride), new BasicBlock(kind, channels, channels, 1)]);
    this.inChannels = inChannels;
    this.stem = stemOf(first === spaceThenTime, inChannels);
    this.layer1 = stage(first, 64, 64, 1);
    this.layer2 = stage(second, 64, 128, 2);
    this.layer3 = stage(third, 128, 256, 2);
    this.layer4 = stage(fourth, 256, 512, 2);
    this.fc = new Linear(512, numClasses, {
      weightInitialiser: initialisers.normal(0, 0.01),
      biasInitialiser: initialisers.zeros,
    });
  }

  /** x [N, inChannels, frames, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkClips("videoResNet", this, x);
    let y = this.stem.forward(x);
    for (const layer of [this.layer1, this.layer2, this.layer3, this.layer4]) y = layer.forward(y);
    return this.fc.forward(this.flatten.forward(this.avgpool.forward(y)));
  }
}

/**
 * A residual network for video: clips [N, 3, 16, 112, 112], or of any number of frames and size, to logits [N, 400]. `r3d_18` convolves over space and time
 * everywhere, `mc3_18` in its first stage only and over space from there on, `r2plus1d_18` over space and then over time. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for clips with other channels.
 * @example const model = videoResNet("r3d_18", { numClasses: 101 });
 */
export function videoResNet(name: VideoResNetName, options: VideoResNetOptions = {}): VideoResNet {
  return new VideoResNet(name, options);
}

function weightsOf(name: VideoResNetName, [sha256, first, five]: Row["published"]): KnownWeights {
  return {
    name: "torchvision KINETICS400_V1",
    url: `https://download.pytorch.org/models/${name}-${sha256}.pth`,
    sha256,
    format: "pytorch",
    licence: "BSD-3-Clause",
    accuracy: `Kinetics-400, five clips a video: ${first} % right, ${five} % among the first five`,
    numClasses: 400,
  };
}

/** What is known of a {@link videoResNet}. @throws AttributeError for a name that is not in the table. */
export function videoResNetInfo(name: VideoResNetName): ModelInfo {
  const { parameters, multiplyAdds, published } = rowOf("videoResNet", rows, name);
  return {
    ...clips,
    name,
    paper: "A Closer Look at Spatiotemporal Convolutions for Action Recognition",
    authors: "Tran, Wang, Torresani, Ray, LeCun, Paluri",
    year: 2018,
    url: "https://arxiv.org/abs/1711.11248",
    parameters,
    multiplyAdds,
    minimumInput: [3, 1, 1, 1],
    numClasses: 400,
    stages: [
      { name: "stem", channels: 64, stride: 2 },
      { name: "layer1", channels: 64, stride: 2 },
      { name: "layer2", channels: 128, stride: 4 },
      { name: "layer3", channels: 256, stride: 8 },
      { name: "layer4", channels: 512, stride: 16 },
    ],
    weights: [weightsOf(name, published)],
  };
}
