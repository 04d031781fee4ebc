// FCN-ResNet50: the fully convolutional network (Long, Shelhamer & Darrell 2015) as torchvision has it, on a dilated ResNet-50.
import type { ModelInfo } from "./model-info.ts";
import {
  SegmentationNet,
  type SegmentationOptions,
  backboneStages,
  cocoWeights,
  fcnHead,
  segmentation,
} from "./segmentation.ts";

/** See {@link fcnResNet50}. */
export class FCNResNet extends SegmentationNet {
  constructor(options: SegmentationOptions = {}) {
    super("fcnResNet50", fcnHead, options);
  }
}

/**
 * FCN-ResNet50: images [N, 3, height, width] of any size to scores of every pixel [N, 21, height, width], 35,322,218 parameters. There are no fused scores of
 * earlier layers: a ResNet-50 keeps an eighth of the size, a head of two convolutions follows. Keys and first values as in torchvision.
 * `withAuxiliary` gives the scores of the auxiliary head too.
 * @throws ShapeError from `forward` for images with other channels.
 */
export function fcnResNet50(options: SegmentationOptions = {}): FCNResNet {
  return new FCNResNet(options);
}

export const fcnResNet50Info: ModelInfo = {
  ...segmentation,
  name: "fcn_resnet50",
  paper: "Fully Convolutional Networks for Semantic Segmentation",
  authors: "Long, Shelhamer, Darrell",
  year: 2015,
  url: "https://arxiv.org/abs/1411.4038",
  parameters: 35_322_218,
  multiplyAdds: 142_725_772_800, // 152.7 G with the auxiliary head
  stages: [...backboneStages, { name: "classifier", channels: 21, stride: 8 }],
  weights: [/* @__PURE__ */ cocoWeights("fcn_resnet50_coco", "1167a1af", 60.5, 91.4)],
};
