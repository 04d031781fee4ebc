// GoogLeNet as torchvision has it: Szegedy et al. 2014 with batch normalisation, and 3x3 where the paper has 5x5.
import { type Tensor, concat, relu } from "@stria/core";
import {
  AdaptiveAvgPool,
  Dropout,
  Flatten,
  GlobalAvgPool,
  Linear,
  MaxPool2d,
  Module,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { BasicConv } from "./basic-conv.ts";
import { GoogLeNetEnds, type GoogLeNetMaps } from "./googlenet-ends.ts";
import { checkImages, imageNet, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";
import { torchvisionWeights } from "./torchvision-weights.ts";

const weightInitialiser = /* @__PURE__ */ initialisers.truncatedNormal(0, 0.01);

function convolution(inChannels: number, outChannels: number, kernel: number, stride = 1): BasicConv {
  return new BasicConv(inChannels, outChannels, kernel, { stride, padding: (kernel - 1) / 2, deviation: 0.01 });
}

/** Maps of the 1x1 branch, of the two 3x3 branches [reduced, out], and of the pooled branch. */
type Branches = readonly [one: number, two: readonly [number, number], three: readonly [number, number], four: number];

/** Four branches, joined by channels: 1x1; 1x1 then 3x3; the same (5x5 in the paper); 3x3 maximum then 1x1. */
class Inception extends Module {
  readonly branch1: BasicConv;
  readonly branch2: Sequential;
  readonly branch3: Sequential;
  readonly branch4: Sequential;

  constructor(inChannels: number, [one, two, three, four]: Branches) {
    super();
    this.branch1 = convolution(inChannels, one, 1);
    this.branch2 = new Sequential([convolution(inChannels, two[0], 1), convolution(two[0], two[1], 3)]);
    this.branch3 = new Sequential([convolution(inChannels, three[0], 1), convolution(three[0], three[1], 3)]);
    const pool = new MaxPool2d(3, { stride: 1, padding: 1, ceilMode: true });
    this.branch4 = new Sequential([pool, convolution(inChannels, four, 1)]);
  }

  override forward(x: Tensor): Tensor {
    return concat(
      [this.branch1, this.branch2, this.branch3, this.branch4].map((branch) => branch.forward(x)),
      1,
    );
  }
}

/** A classifier on maps of the middle, which sends gradients into the first half in training. */
class AuxiliaryHead extends Module {
  readonly pool: AdaptiveAvgPool = new AdaptiveAvgPool(4);
  readonly conv: BasicConv;
  readonly flatten: Flatten = new Flatten();
  readonly fc1: Linear = new Linear(2048, 1024, { weightInitialiser });
  readonly dropout: Dropout;
  readonly fc2: Linear;

  constructor(inChannels: number, numClasses: number, dropout: number) {
    super();
    this.conv = convolution(inChannels, 128, 1);
    this.dropout = new Dropout(dropout);
    this.fc2 = new Linear(1024, numClasses, { weightInitialiser });
  }

  override forward(x: Tensor): Tensor {
    const features = this.flatten.forward(this.conv.forward(this.pool.forward(x)));
    return this.fc2.forward(this.dropout.forward(relu(this.fc1.forward(features))));
  }
}

export type { GoogLeNetOutputs } from "./googlenet-ends.ts";

export interface GoogLeNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Whether it has the two auxiliary heads. Default true. */
  readonly auxiliaryHeads?: boolean;
  /** Probability with which a feature is dropped before the classifier. Default 0.2. */
  readonly dropout?: number;
  /** The same within the auxiliary heads. Default 0.7. */
  readonly auxiliaryDropout?: number;
}

/** See {@link googlenet}. */
export class GoogLeNet extends GoogLeNetEnds {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly conv1: BasicConv;
  readonly maxpool1: MaxPool2d = new MaxPool2d(3, { stride: 2, ceilMode: true });
  readonly conv2: BasicConv = convolution(64, 64, 1);
  readonly conv3: BasicConv = convolution(64, 192, 3);
  readonly maxpool2: MaxPool2d = new MaxPool2d(3, { stride: 2, ceilMode: true });
  // Table 1 of the paper.
  readonly inception3a: Inception = new Inception(192, [64, [96, 128], [16, 32], 32]);
  readonly inception3b: Inception = new Inception(256, [128, [128, 192], [32, 96], 64]);
  readonly maxpool3: MaxPool2d = new MaxPool2d(3, { stride: 2, ceilMode: true });
  readonly inception4a: Inception = new Inception(480, [192, [96, 208], [16, 48], 64]);
  readonly inception4b: Inception = new Inception(512, [160, [112, 224], [24, 64], 64]);
  readonly inception4c: Inception = new Inception(512, [128, [128, 256], [24, 64], 64]);
  readonly inception4d: Inception = new Inception(512, [112, [144, 288], [32, 64], 64]);
  readonly inception4e: Inception = new Inception(528, [256, [160, 320], [32, 128], 128]);
  readonly maxpool4: MaxPool2d = new MaxPool2d(2, { stride: 2, ceilMode: true });
  readonly inception5a: Inception = new Inception(832, [256, [160, 320], [32, 128], 128]);
  readonly inception5b: Inception = new Inception(832, [384, [192, 384], [48, 128], 128]);
  readonly aux1: AuxiliaryHead | null;
  readonly aux2: AuxiliaryHead | null;
  readonly average: GlobalAvgPool = new GlobalAvgPool();
  readonly dropout: Dropout;
  readonly fc: Linear;

  constructor(options: GoogLeNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, auxiliaryHeads = true } = options;
    const { dropout = 0.2, auxiliaryDropout = 0.7 } = options;
    checkOptions("googlenet", options, { numClasses, inChannels, auxiliaryHeads, dropout, auxiliaryDropout });
    this.inChannels = inChannels;
    this.conv1 = convolution(inChannels, 64, 7, 2);
    this.minimumSize = smallestImage([this.conv1.conv, this.maxpool1, this.maxpool2, this.maxpool3, this.maxpool4]);
    this.aux1 = auxiliaryHeads ? new AuxiliaryHead(512, numClasses, auxiliaryDropout) : null;
    this.aux2 = auxiliaryHeads ? new AuxiliaryHead(528, numClasses, auxiliaryDropout) : null;
    this.dropout = new Dropout(dropout);
    this.fc = new Linear(1024, numClasses, { weightInitialiser });
  }

  /** Maps after 4a and 4d, where the auxiliary heads are, and after 5b. */
  protected override maps(x: Tensor): GoogLeNetMaps {
    checkImages("googlenet", this, x);
    const three = this.conv3.forward(this.conv2.forward(this.maxpool1.forward(this.conv1.forward(x))));
    const four = this.inception3b.forward(this.inception3a.forward(this.maxpool2.forward(three)));
    const early = this.inception4a.forward(this.maxpool3.forward(four));
    const late = this.inception4d.forward(this.inception4c.forward(this.inception4b.forward(early)));
    const five = this.inception5a.forward(this.maxpool4.forward(this.inception4e.forward(late)));
    return { early, late, last: this.inception5b.forward(five) };
  }
}

/**
 * GoogLeNet with batch normalisation: images [N, 3, 224, 224], or of any size from 15x15, to logits [N, 1000]. Keys and first values as in torchvision;
 * `withAuxiliary` gives the logits of the auxiliary heads too.
 * @throws ShapeError from `forward` for images that are too small or have other channels.
 */
export function googlenet(options: GoogLeNetOptions = {}): GoogLeNet {
  return new GoogLeNet(options);
}

const half = [0.5, 0.5, 0.5];

export const googlenetInfo: ModelInfo = {
  ...imageNet,
  name: "googlenet",
  paper: "Going Deeper with Convolutions",
  authors: "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
  year: 2014,
  url: "https://arxiv.org/abs/1409.4842",
  minimumInput: [3, 15, 15],
  preprocessing: { mean: half, standardDeviation: half, pad: 0 },
  parameters: 13_004_888,
  multiplyAdds: 1_498_376_192,
  stages: /* @__PURE__ */ stagesOf([
    ["conv1", 64, 2],
    ["maxpool1", 64, 2],
    ["conv2", 64, 1],
    ["conv3", 192, 1],
    ["maxpool2", 192, 2],
    ["inception3a", 256, 1],
    ["inception3b", 480, 1],
    ["inception4a", 512, 2],
    ["inception4b", 512, 1],
    ["inception4c", 512, 1],
    ["inception4d", 528, 1],
    ["inception4e", 832, 1],
    ["inception5a", 832, 2],
    ["inception5b", 1024, 1],
  ]),
  weights: /* @__PURE__ */ torchvisionWeights([[1, "googlenet-1378be20", 69.778]]),
};
