// DeepLabV3 (Chen, Papandreou, Schroff & Adam 2017): the same maps seen at several dilations and as a whole ("atrous spatial pyramid pooling").
import { type Tensor, concat } from "@stria/core";
import { AdaptiveAvgPool, BatchNorm2d, Conv2d, Dropout, Module, ReLU, Sequential } from "@stria/layers";
import type { ModelInfo } from "./model-info.ts";
import {
  SegmentationNet,
  type SegmentationOptions,
  backboneStages,
  cocoWeights,
  resizedTo,
  segmentation,
} from "./segmentation.ts";

const channels = 256;

/** For maps an eighth as large as the image: twice the paper's, which are for a sixteenth. */
const dilations = [12, 24, 36] as const;

function normalised(inChannels: number, kernel: number, dilation = 1): [Conv2d, BatchNorm2d, ReLU] {
  const padding = ((kernel - 1) / 2) * dilation;
  const convolution = new Conv2d(inChannels, channels, kernel, { padding, dilation, bias: false });
  return [convolution, new BatchNorm2d(channels), new ReLU()];
}

/** The mean of every map, laid out to the maps' size again. */
class ImagePooling extends Sequential {
  constructor(inChannels: number) {
    super([new AdaptiveAvgPool(1), ...normalised(inChannels, 1)]);
  }

  override forward(x: Tensor): Tensor {
    return resizedTo(super.forward(x), x);
  }
}

/** Figure 5 of the paper: a 1x1 convolution, three dilated 3x3 ones and the mean, joined by channels. */
class AtrousPyramid extends Module {
  readonly convs: readonly Sequential[];
  readonly project: Sequential;

  constructor(inChannels: number) {
    super();
    this.convs = [
      new Sequential(normalised(inChannels, 1)),
      ...dilations.map((dilation) => new Sequential(normalised(inChannels, 3, dilation))),
      new ImagePooling(inChannels),
    ];
    this.project = new Sequential([...normalised(channels * this.convs.length, 1), new Dropout(0.5)]);
  }

  override forward(x: Tensor): Tensor {
    return this.project.forward(
      concat(
        this.convs.map((branch) => branch.forward(x)),
        1,
      ),
    );
  }
}

function deepLabHead(inChannels: number, numClasses: number): Sequential {
  return new Sequential([
    new AtrousPyramid(inChannels),
    ...normalised(channels, 3),
    new Conv2d(channels, numClasses, 1),
  ]);
}

/** See {@link deepLabV3ResNet50}. */
export class DeepLabV3 extends SegmentationNet {
  constructor(options: SegmentationOptions = {}) {
    super("deepLabV3ResNet50", deepLabHead, options);
  }
}

/**
 * DeepLabV3 on a ResNet-50: images [N, 3, height, width] of any size to scores of every pixel [N, 21, height, width], 42,004,074 parameters. Keys and
 * first values as in torchvision. `withAuxiliary` gives the scores of the auxiliary head too. In training the mean of every map is normalised over the batch,
 * which wants at least two images.
 * @throws ShapeError from `forward` for images with other channels.
 */
export function deepLabV3ResNet50(options: SegmentationOptions = {}): DeepLabV3 {
  return new DeepLabV3(options);
}

export const deepLabV3ResNet50Info: ModelInfo = {
  ...segmentation,
  name: "deeplabv3_resnet50",
  paper: "Rethinking Atrous Convolution for Semantic Image Segmentation",
  authors: "Chen, Papandreou, Schroff, Adam",
  year: 2017,
  url: "https://arxiv.org/abs/1706.05587",
  parameters: 42_004_074,
  multiplyAdds: 168_731_205_888, // 178.7 G with the auxiliary head
  stages: [
    ...backboneStages,
    { name: "classifier.0", channels: 256, stride: 8 },
    { name: "classifier", channels: 21, stride: 8 },
  ],
  weights: [/* @__PURE__ */ cocoWeights("deeplabv3_resnet50_coco", "cd0a2569", 66.4, 92.4)],
};
