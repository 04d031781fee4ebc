// ShuffleNetV2 (Ma et al. 2018): half of the channels pass each block by, and a shuffle mixes the halves.
import { type Tensor, at, concat, slice } from "@stria/core";
import {
  GlobalAvgPool,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  channelShuffle,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type ConvNormOptions, convNormActivation } from "./conv-norm-activation.ts";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

const activation = ReLU;

function unit(inChannels: number, outChannels: number, options: ConvNormOptions = {}): Sequential {
  return convNormActivation(inChannels, outChannels, { weightInitialiser: initialisers.defaultWeight, ...options });
}

/** 3x3 on each channel, without an activation. */
function depthwise(channels: number, stride: number): Sequential {
  return unit(channels, channels, { kernel: 3, stride, groups: channels });
}

/** `count` channels of x from the channel `first` on. */
function channelsOf(x: Tensor, first: number, count: number): Tensor {
  return slice(x, [0, first, 0, 0], x.shape.toSpliced(1, 1, count));
}

/** Figure 3 of the paper. At stride 1 one half of the channels goes through, at stride 2 all of them do, on two ways that double them. */
class ShuffleBlock extends Module {
  readonly branch1: Sequential;
  readonly branch2: Sequential;
  readonly stride: number;

  constructor(inChannels: number, outChannels: number, stride: number) {
    super();
    const half = outChannels / 2;
    this.stride = stride;
    this.branch1 = new Sequential(
      stride === 1 ? [] : [...depthwise(inChannels, stride), ...unit(inChannels, half, { activation })],
    );
    this.branch2 = new Sequential([
      ...unit(stride === 1 ? half : inChannels, half, { activation }),
      ...depthwise(half, stride),
      ...unit(half, half, { activation }),
    ]);
  }

  override forward(x: Tensor): Tensor {
    const half = at(x.shape, 1) / 2;
    const [left, right] = this.stride === 1 ? [channelsOf(x, 0, half), channelsOf(x, half, half)] : [x, x];
    return channelShuffle(concat([this.branch1.forward(left), this.branch2.forward(right)], 1), 2);
  }
}

interface Row {
  /** Channels of stages 2, 3 and 4 and of conv5. Table 5 of the paper. */
  readonly channels: readonly [stage2: number, stage3: number, stage4: number, conv5: number];
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type ShuffleNetV2Name =
  | "shufflenet_v2_x0_5"
  | "shufflenet_v2_x1_0"
  | "shufflenet_v2_x1_5"
  | "shufflenet_v2_x2_0";

const rows: Readonly<Record<ShuffleNetV2Name, Row>> = {
  shufflenet_v2_x0_5: { channels: [48, 96, 192, 1024], parameters: 1_366_792, multiplyAdds: 40_476_448 },
  shufflenet_v2_x1_0: { channels: [116, 232, 464, 1024], parameters: 2_278_604, multiplyAdds: 144_907_992 },
  shufflenet_v2_x1_5: { channels: [176, 352, 704, 1024], parameters: 3_503_624, multiplyAdds: 295_759_392 },
  shufflenet_v2_x2_0: { channels: [244, 488, 976, 2048], parameters: 7_393_996, multiplyAdds: 583_253_464 },
};

export interface ShuffleNetV2Options {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** A block that halves the maps and `repetitions` - 1 that keep them. */
function stage(inChannels: number, outChannels: number, repetitions: number): Sequential {
  return new Sequential(
    Array.from({ length: repetitions }, (_, index) =>
      index === 0 ? new ShuffleBlock(inChannels, outChannels, 2) : new ShuffleBlock(outChannels, outChannels, 1),
    ),
  );
}

/** See {@link shufflenetV2}. */
export class ShuffleNetV2 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly conv1: Sequential;
  readonly maxpool: MaxPool2d = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly stage2: Sequential;
  readonly stage3: Sequential;
  readonly stage4: Sequential;
  readonly conv5: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly fc: Linear;

  constructor(name: ShuffleNetV2Name, options: ShuffleNetV2Options = {}) {
    super();
    const { numClasses = 1000, inChannels = 3 } = options;
    checkOptions("shufflenetV2", options, { numClasses, inChannels });
    const [second, third, fourth, last] = rowOf("shufflenetV2", rows, name).channels;
    this.inChannels = inChannels;
    this.conv1 = unit(inChannels, 24, { kernel: 3, stride: 2, activation });
    this.minimumSize = smallestImage([this.conv1, this.maxpool]);
    this.stage2 = stage(24, second, 4);
    this.stage3 = stage(second, third, 8);
    this.stage4 = stage(third, fourth, 4);
    this.conv5 = unit(fourth, last, { activation });
    this.fc = new Linear(last, numClasses);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("shufflenetV2", this, x);
    let y = this.maxpool.forward(this.conv1.forward(x));
    for (const layer of [this.stage2, this.stage3, this.stage4, this.conv5]) y = layer.forward(y);
    return this.fc.forward(this.pool.forward(y));
  }
}

/**
 * A ShuffleNetV2: images [N, 3, 224, 224], or of any size, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images with other channels.
 */
export function shufflenetV2(name: ShuffleNetV2Name, options: ShuffleNetV2Options = {}): ShuffleNetV2 {
  return new ShuffleNetV2(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
  authors: "Ma, Zhang, Zheng, Sun",
  year: 2018,
  url: "https://arxiv.org/abs/1807.11164",
};

// prettier-ignore
const published: Readonly<Record<ShuffleNetV2Name, readonly Published[]>> = {
  shufflenet_v2_x0_5: [[1, "shufflenetv2_x0.5-f707e7126e", 60.552]],
  shufflenet_v2_x1_0: [[1, "shufflenetv2_x1-5666bf0f80", 69.362]],
  shufflenet_v2_x1_5: [[1, "shufflenetv2_x1_5-3c479a10", 72.996, 232]],
  shufflenet_v2_x2_0: [[1, "shufflenetv2_x2_0-8be3c8ee", 76.23, 232]],
};

/** What is known of a {@link shufflenetV2}. @throws AttributeError for a name that is not in the table. */
export function shufflenetV2Info(name: ShuffleNetV2Name): ModelInfo {
  const row = rowOf("shufflenetV2", rows, name);
  const { parameters, multiplyAdds } = row;
  return {
    ...family,
    name,
    parameters,
    multiplyAdds,
    stages: stagesOf([
      ["conv1", 24, 2],
      ["maxpool", 24, 2],
      ["stage2", row.channels[0], 2],
      ["stage3", row.channels[1], 2],
      ["stage4", row.channels[2], 2],
      ["conv5", row.channels[3], 1],
    ]),
    weights: torchvisionWeights(published[name]),
  };
}
