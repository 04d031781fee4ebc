// MobileNetV2 (Sandler et al. 2018): inverted residuals with linear bottlenecks.
import { AttributeError, type Tensor, add } from "@stria/core";
import {
  Dropout,
  GlobalAvgPool,
  type Layer,
  Linear,
  Module,
  ReLU6,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { convNormActivation } from "./conv-norm-activation.ts";
import { checkImages, imageNet, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { nearestMultiple } from "./multiples.ts";
import { type Step, stagesOf } from "./stages.ts";
import { torchvisionWeights } from "./torchvision-weights.ts";

const activation = ReLU6;

/** 1x1 to `expansion` times the channels, 3x3 on each of them, 1x1 to fewer without an activation; around it a shortcut where the shape stays. */
class InvertedResidual extends Module {
  readonly conv: Sequential;
  readonly shortcut: boolean;

  constructor(inChannels: number, outChannels: number, stride: number, expansion: number) {
    super();
    const inner = inChannels * expansion;
    this.shortcut = stride === 1 && inChannels === outChannels;
    this.conv = new Sequential([
      ...(expansion === 1 ? [] : [convNormActivation(inChannels, inner, { activation })]),
      convNormActivation(inner, inner, { kernel: 3, stride, groups: inner, activation }),
      ...convNormActivation(inner, outChannels),
    ]);
  }

  override forward(x: Tensor): Tensor {
    const y = this.conv.forward(x);
    return this.shortcut ? add(x, y) : y;
  }
}

/** Table 2 of the paper: expansion t, channels c, repetitions n, stride s of the first. */
const table: readonly (readonly [t: number, c: number, n: number, s: number])[] = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

export interface MobileNetV2Options {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Factor on the channels of all layers. Default 1. */
  readonly widthMultiplier?: number;
  /** Probability with which a feature is dropped before the classifier. Default 0.2. */
  readonly dropout?: number;
}

/** See {@link mobilenetV2}. */
export class MobileNetV2 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly classifier: Sequential;

  constructor(options: MobileNetV2Options = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, widthMultiplier = 1, dropout = 0.2 } = options;
    checkOptions("mobilenetV2", options, { numClasses, inChannels, widthMultiplier, dropout });
    if (!(widthMultiplier > 0 && Number.isFinite(widthMultiplier)))
      throw new AttributeError("mobilenetV2", `widthMultiplier is ${widthMultiplier}`, "use a number above 0");
    let before = nearestMultiple(32 * widthMultiplier);
    const first = convNormActivation(inChannels, before, { kernel: 3, stride: 2, activation });
    const layers: Layer[] = [first];
    for (const [expansion, channels, repetitions, stride] of table) {
      const after = nearestMultiple(channels * widthMultiplier);
      for (let index = 0; index < repetitions; index++) {
        layers.push(new InvertedResidual(before, after, index === 0 ? stride : 1, expansion));
        before = after;
      }
    }
    const last = nearestMultiple(1280 * Math.max(1, widthMultiplier));
    layers.push(convNormActivation(before, last, { activation }));
    this.inChannels = inChannels;
    this.minimumSize = smallestImage(first);
    this.features = new Sequential(layers);
    const weightInitialiser = initialisers.normal(0, 0.01);
    this.classifier = new Sequential([
      new Dropout(dropout),
      new Linear(last, numClasses, { weightInitialiser, biasInitialiser: initialisers.zeros }),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("mobilenetV2", this, x);
    return this.classifier.forward(this.pool.forward(this.features.forward(x)));
  }
}

/**
 * MobileNetV2: images [N, 3, 224, 224], or of any size, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a width multiplier that is not above 0; `forward` ShapeError for images with other channels.
 */
export function mobilenetV2(options: MobileNetV2Options = {}): MobileNetV2 {
  return new MobileNetV2(options);
}

function* steps(): Generator<Step> {
  yield ["features.0", 32, 2];
  let index = 1;
  for (const [, channels, repetitions, stride] of table)
    for (let block = 0; block < repetitions; block++) yield [`features.${index++}`, channels, block === 0 ? stride : 1];
  yield [`features.${index}`, 1280, 1];
}

export const mobilenetV2Info: ModelInfo = {
  ...imageNet,
  name: "mobilenet_v2",
  paper: "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
  authors: "Sandler, Howard, Zhu, Zhmoginov, Chen",
  year: 2018,
  url: "https://arxiv.org/abs/1801.04381",
  parameters: 3_504_872,
  multiplyAdds: 300_774_272,
  stages: /* @__PURE__ */ stagesOf(steps()),
  weights: /* @__PURE__ */ torchvisionWeights([
    [2, "mobilenet_v2-7ebf99e0", 72.154, 232],
    [1, "mobilenet_v2-b0353104", 71.878],
  ]),
};
