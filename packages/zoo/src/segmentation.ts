// What torchvision's networks for segmentation share: a ResNet-50 that shrinks images eight times, a head, and an auxiliary head.
import { type Tensor, at } from "@stria/core";
import { BatchNorm2d, Conv2d, Dropout, Module, ReLU, Sequential, interpolate, checkOptions } from "@stria/layers";
import { checkImages, imageNet } from "./images.ts";
import type { KnownWeights, ModelInfo } from "./model-info.ts";
import { ResNetBody } from "./resnet.ts";

export interface SegmentationOptions {
  /** Default 21: the 20 of Pascal VOC, and the background, which is 0. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Whether it has the auxiliary head. Default true, as the published weights. */
  readonly auxiliaryHead?: boolean;
}

/** Scores of every pixel [N, numClasses, height, width], and those of the auxiliary head, null where there is none. The loss is that of logits + 0.5 aux. */
export interface SegmentationOutputs {
  readonly logits: Tensor;
  readonly aux: Tensor | null;
}

/** A 3x3 convolution to a quarter of the channels, and a 1x1 to the classes. */
export function fcnHead(inChannels: number, numClasses: number): Sequential {
  const channels = inChannels / 4;
  return new Sequential([
    new Conv2d(inChannels, channels, 3, { padding: 1, bias: false }),
    new BatchNorm2d(channels),
    new ReLU(),
    new Dropout(0.1),
    new Conv2d(channels, numClasses, 1),
  ]);
}

/** ResNet-50 without its classifier. layer3 and layer4 are dilated instead of strided, so that a unit is 8 pixels from the next and not 32. */
class Backbone extends ResNetBody<{ readonly layer3: Tensor; readonly layer4: Tensor }> {
  override forward(x: Tensor): { readonly layer3: Tensor; readonly layer4: Tensor } {
    return this.maps(x);
  }
}

/** `x` as high and wide as `like`. */
export function resizedTo(x: Tensor, like: Tensor): Tensor {
  return interpolate(x, { size: [at(like.shape, 2), at(like.shape, 3)], mode: "linear" });
}

/** A head on the backbone's last maps, whose scores are enlarged to the images' size. */
export class SegmentationNet extends Module {
  readonly model: string;
  readonly backbone: Backbone;
  readonly classifier: Sequential;
  readonly aux_classifier: Sequential | null;

  constructor(model: string, makeHead: typeof fcnHead, options: SegmentationOptions = {}) {
    super();
    const { numClasses = 21, inChannels = 3, auxiliaryHead = true } = options;
    checkOptions(model, options, { numClasses, inChannels, auxiliaryHead });
    this.model = model;
    this.backbone = new Backbone("resnet50", { inChannels, replaceStrideWithDilation: [false, true, true] });
    this.classifier = makeHead(2048, numClasses);
    this.aux_classifier = auxiliaryHead ? fcnHead(1024, numClasses) : null;
  }

  /** x [N, inChannels, height, width] -> scores of every pixel [N, numClasses, height, width]. */
  override forward(x: Tensor): Tensor {
    checkImages(this.model, this.backbone, x);
    return resizedTo(this.classifier.forward(this.backbone.forward(x).layer4), x);
  }

  /** The scores and those of the auxiliary head, for training. @throws as {@link SegmentationNet.forward}. */
  withAuxiliary(x: Tensor): SegmentationOutputs {
    checkImages(this.model, this.backbone, x);
    const { layer3, layer4 } = this.backbone.forward(x);
    const aux = this.aux_classifier?.forward(layer3);
    return { logits: resizedTo(this.classifier.forward(layer4), x), aux: aux ? resizedTo(aux, x) : null };
  }
}

/** What the information of these networks has in common. */
export const segmentation: Pick<ModelInfo, "task" | "inputShape" | "minimumInput" | "numClasses" | "preprocessing"> = {
  task: "segmentation",
  inputShape: [3, 520, 520],
  minimumInput: imageNet.minimumInput,
  numClasses: 21,
  preprocessing: imageNet.preprocessing,
};

/** The stages of the dilated backbone. */
export const backboneStages: ModelInfo["stages"] = [
  { name: "backbone.layer1", channels: 256, stride: 4 },
  { name: "backbone.layer2", channels: 512, stride: 8 },
  { name: "backbone.layer3", channels: 1024, stride: 8 },
  { name: "backbone.layer4", channels: 2048, stride: 8 },
];

/** torchvision's weights: trained on the images of COCO that hold the 20 classes of Pascal VOC. The first digits of the hash are in the file's name. */
export function cocoWeights(file: string, sha256: string, meanIoU: number, pixels: number): KnownWeights {
  return {
    name: "COCO_WITH_VOC_LABELS_V1",
    url: `https://download.pytorch.org/models/${file}-${sha256}.pth`,
    sha256,
    format: "pytorch",
    licence: "BSD-3-Clause",
    accuracy: `mean IoU ${meanIoU}, pixels ${pixels} %, COCO val2017 with the labels of Pascal VOC`,
    numClasses: 21,
  };
}
