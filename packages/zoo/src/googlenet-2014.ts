// GoogLeNet as published (Szegedy et al. 2014): 5x5 branches, biases, local response normalisation.
import { type Tensor, concat, relu } from "@stria/core";
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  Flatten,
  GlobalAvgPool,
  Linear,
  LocalResponseNorm,
  MaxPool2d,
  Module,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { GoogLeNetEnds, type GoogLeNetMaps, type GoogLeNetOutputs } from "./googlenet-ends.ts";
import { checkImages, imageNet, meanOnly, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";

/** The paper leaves the first values open; these are He et al.'s (2015) for ReLUs. */
const first = {
  weightInitialiser: /* @__PURE__ */ initialisers.kaimingNormal(),
  biasInitialiser: initialisers.zeros,
} as const;

function convolution(inChannels: number, outChannels: number, kernel: number, stride = 1): Conv2d {
  return new Conv2d(inChannels, outChannels, kernel, { stride, padding: (kernel - 1) / 2, ...first });
}

/** A row of table 1: maps of 1x1, of 3x3 [reduced, out], of 5x5 [reduced, out], and of the pooled branch. */
type Branches = readonly [one: number, three: readonly [number, number], five: readonly [number, number], pool: number];

/** Four branches, joined by channels: 1x1; 1x1 then 3x3; 1x1 then 5x5; 3x3 maximum then 1x1. */
class Inception extends Module {
  readonly branch1: Conv2d;
  readonly branch3_reduce: Conv2d;
  readonly branch3: Conv2d;
  readonly branch5_reduce: Conv2d;
  readonly branch5: Conv2d;
  readonly pool: MaxPool2d = new MaxPool2d(3, { stride: 1, padding: 1 });
  readonly pool_project: Conv2d;

  constructor(inChannels: number, [one, three, five, pooled]: Branches) {
    super();
    this.branch1 = convolution(inChannels, one, 1);
    this.branch3_reduce = convolution(inChannels, three[0], 1);
    this.branch3 = convolution(three[0], three[1], 3);
    this.branch5_reduce = convolution(inChannels, five[0], 1);
    this.branch5 = convolution(five[0], five[1], 5);
    this.pool_project = convolution(inChannels, pooled, 1);
  }

  override forward(x: Tensor): Tensor {
    const threes = this.branch3.forward(relu(this.branch3_reduce.forward(x)));
    const fives = this.branch5.forward(relu(this.branch5_reduce.forward(x)));
    const pooled = this.pool_project.forward(this.pool.forward(x));
    return relu(concat([this.branch1.forward(x), threes, fives, pooled], 1));
  }
}

/** A classifier on maps of the middle, which sends gradients into the first half in training. Wants maps of 14x14. */
class AuxiliaryHead extends Module {
  readonly pool: AvgPool2d = new AvgPool2d(5, { stride: 3 });
  readonly conv: Conv2d;
  readonly flatten: Flatten = new Flatten();
  readonly fc1: Linear = new Linear(128 * 4 * 4, 1024, first);
  readonly dropout: Dropout;
  readonly fc2: Linear;

  constructor(inChannels: number, numClasses: number, dropout: number) {
    super();
    this.conv = convolution(inChannels, 128, 1);
    this.dropout = new Dropout(dropout);
    this.fc2 = new Linear(1024, numClasses, first);
  }

  override forward(x: Tensor): Tensor {
    const features = this.flatten.forward(relu(this.conv.forward(this.pool.forward(x))));
    return this.fc2.forward(this.dropout.forward(relu(this.fc1.forward(features))));
  }
}

/** As of the form with batch normalisation: {@link GoogLeNetOutputs}. */
export type GoogLeNet2014Outputs = GoogLeNetOutputs;

export interface GoogLeNet2014Options {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Whether it has the two auxiliary heads. Default true. */
  readonly auxiliaryHeads?: boolean;
  /** Probability with which a feature is dropped before the classifier. Default 0.4. */
  readonly dropout?: number;
  /** The same within the auxiliary heads. Default 0.7. */
  readonly auxiliaryDropout?: number;
}

/** See {@link googlenet2014}. */
export class GoogLeNet2014 extends GoogLeNetEnds {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly conv1: Conv2d;
  readonly conv2_reduce: Conv2d = convolution(64, 64, 1);
  readonly conv2: Conv2d = convolution(64, 192, 3);
  // Table 1 of the paper.
  readonly inception3a: Inception = new Inception(192, [64, [96, 128], [16, 32], 32]);
  readonly inception3b: Inception = new Inception(256, [128, [128, 192], [32, 96], 64]);
  readonly inception4a: Inception = new Inception(480, [192, [96, 208], [16, 48], 64]);
  readonly inception4b: Inception = new Inception(512, [160, [112, 224], [24, 64], 64]);
  readonly inception4c: Inception = new Inception(512, [128, [128, 256], [24, 64], 64]);
  readonly inception4d: Inception = new Inception(512, [112, [144, 288], [32, 64], 64]);
  readonly inception4e: Inception = new Inception(528, [256, [160, 320], [32, 128], 128]);
  readonly inception5a: Inception = new Inception(832, [256, [160, 320], [32, 128], 128]);
  readonly inception5b: Inception = new Inception(832, [384, [192, 384], [48, 128], 128]);
  readonly aux1: AuxiliaryHead | null;
  readonly aux2: AuxiliaryHead | null;
  readonly dropout: Dropout;
  readonly fc: Linear;
  /** Four times. Windows may hang over the edge: how 112 becomes 56 is left open by the paper. */
  readonly pool: MaxPool2d = new MaxPool2d(3, { stride: 2, ceilMode: true });
  /** AlexNet's, whose alpha of 1e-4 is on the sum of five squares; the paper gives no constants. */
  readonly norm: LocalResponseNorm = new LocalResponseNorm(5, { alpha: 5e-4, beta: 0.75, k: 2 });
  readonly average: GlobalAvgPool = new GlobalAvgPool();

  constructor(options: GoogLeNet2014Options = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, auxiliaryHeads = true } = options;
    const { dropout = 0.4, auxiliaryDropout = 0.7 } = options;
    checkOptions("googlenet2014", options, { numClasses, inChannels, auxiliaryHeads, dropout, auxiliaryDropout });
    this.inChannels = inChannels;
    this.conv1 = convolution(inChannels, 64, 7, 2);
    this.minimumSize = smallestImage([this.conv1, this.pool, this.pool, this.pool, this.pool]);
    this.aux1 = auxiliaryHeads ? new AuxiliaryHead(512, numClasses, auxiliaryDropout) : null;
    this.aux2 = auxiliaryHeads ? new AuxiliaryHead(528, numClasses, auxiliaryDropout) : null;
    this.dropout = new Dropout(dropout);
    this.fc = new Linear(1024, numClasses, first);
  }

  /** Maps after 4a and 4d, where the auxiliary heads are, and after 5b. */
  protected override maps(x: Tensor): GoogLeNetMaps {
    checkImages("googlenet2014", this, x);
    const one = this.norm.forward(this.pool.forward(relu(this.conv1.forward(x))));
    const two = this.norm.forward(relu(this.conv2.forward(relu(this.conv2_reduce.forward(one)))));
    const three = this.inception3b.forward(this.inception3a.forward(this.pool.forward(two)));
    const early = this.inception4a.forward(this.pool.forward(three));
    const late = this.inception4d.forward(this.inception4c.forward(this.inception4b.forward(early)));
    const five = this.inception5a.forward(this.pool.forward(this.inception4e.forward(late)));
    return { early, late, last: this.inception5b.forward(five) };
  }
}

/**
 * GoogLeNet as published: images [N, 3, 224, 224], or of other sizes from 31x31, to logits [N, 1000]. `withAuxiliary` gives the logits of the auxiliary
 * heads too, for images whose maps are 14x14 in the middle.
 * @throws ShapeError from `forward` for images that are too small or have other channels.
 */
export function googlenet2014(options: GoogLeNet2014Options = {}): GoogLeNet2014 {
  return new GoogLeNet2014(options);
}

export const googlenet2014Info: ModelInfo = {
  ...imageNet,
  name: "googlenet_2014",
  paper: "Going Deeper with Convolutions",
  authors: "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
  year: 2014,
  url: "https://arxiv.org/abs/1409.4842",
  minimumInput: [3, 31, 31],
  preprocessing: meanOnly,
  parameters: 13_378_280,
  multiplyAdds: 1_582_671_872,
  stages: /* @__PURE__ */ stagesOf([
    ["inception3a", 256, 8],
    ["inception3b", 480, 1],
    ["inception4a", 512, 2],
    ["inception4b", 512, 1],
    ["inception4c", 512, 1],
    ["inception4d", 528, 1],
    ["inception4e", 832, 1],
    ["inception5a", 832, 2],
    ["inception5b", 1024, 1],
  ]),
};
