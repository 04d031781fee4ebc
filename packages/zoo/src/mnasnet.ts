// MnasNet (Tan et al. 2018): a network found by a search that weighs accuracy against the time on a phone; the kind without squeezing (B1).
import { type Tensor, add } from "@stria/core";
import {
  Dropout,
  GlobalAvgPool,
  type Layer,
  Linear,
  Module,
  ReLU,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type ConvNormOptions, convNormActivation } from "./conv-norm-activation.ts";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { nearestMultiple } from "./multiples.ts";
import { type Step, stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

/** Convolution, normalisation and, unless it is linear, ReLU, as a list: the keys are those of one long chain. */
function unit(inChannels: number, outChannels: number, options: ConvNormOptions = {}): Layer[] {
  return [...convNormActivation(inChannels, outChannels, { ...options, batchNorm: { momentum: 1 - 0.9997 } })];
}

const activation = ReLU;

/** 1x1 to `expansion` times the channels, a window on each of them, 1x1 to fewer without an activation; around it a shortcut where the shape stays. */
class InvertedResidual extends Module {
  readonly layers: Sequential;
  readonly shortcut: boolean;

  constructor(inChannels: number, outChannels: number, kernel: number, stride: number, expansion: number) {
    super();
    const inner = inChannels * expansion;
    this.shortcut = stride === 1 && inChannels === outChannels;
    this.layers = new Sequential([
      ...unit(inChannels, inner, { activation }),
      ...unit(inner, inner, { kernel, stride, groups: inner, activation }),
      ...unit(inner, outChannels),
    ]);
  }

  override forward(x: Tensor): Tensor {
    const y = this.layers.forward(x);
    return this.shortcut ? add(y, x) : y;
  }
}

/** Figure 7 of the paper, after the first two convolutions: channels, expansion, window, stride of the first, repetitions. */
const stacks: readonly (readonly [c: number, t: number, kernel: number, s: number, n: number])[] = [
  [24, 3, 3, 2, 3],
  [40, 3, 5, 2, 3],
  [80, 6, 5, 2, 3],
  [96, 6, 3, 1, 2],
  [192, 6, 5, 2, 4],
  [320, 6, 3, 1, 1],
];

interface Row {
  /** Factor on the channels of all layers but the last convolution. */
  readonly width: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type MnasNetName = "mnasnet0_5" | "mnasnet0_75" | "mnasnet1_0" | "mnasnet1_3";

const rows: Readonly<Record<MnasNetName, Row>> = {
  mnasnet0_5: { width: 0.5, parameters: 2_218_512, multiplyAdds: 104_455_968 },
  mnasnet0_75: { width: 0.75, parameters: 3_170_208, multiplyAdds: 215_493_104 },
  mnasnet1_0: { width: 1, parameters: 4_383_312, multiplyAdds: 314_415_872 },
  mnasnet1_3: { width: 1.3, parameters: 6_282_256, multiplyAdds: 526_362_432 },
};

export interface MnasNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a feature is dropped before the classifier. Default 0.2. */
  readonly dropout?: number;
}

/** See {@link mnasnet}. */
export class MnasNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly layers: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly classifier: Sequential;

  constructor(name: MnasNetName, options: MnasNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, dropout = 0.2 } = options;
    checkOptions("mnasnet", options, { numClasses, inChannels, dropout });
    const { width } = rowOf("mnasnet", rows, name);
    const [stem, separable] = [nearestMultiple(32 * width), nearestMultiple(16 * width)];
    const first = unit(inChannels, stem, { kernel: 3, stride: 2, activation });
    const layers = [...first, ...unit(stem, stem, { kernel: 3, groups: stem, activation }), ...unit(stem, separable)];
    let before = separable;
    for (const [channels, expansion, kernel, stride, repetitions] of stacks) {
      const after = nearestMultiple(channels * width);
      const blocks = Array.from({ length: repetitions }, (_, index) =>
        index === 0
          ? new InvertedResidual(before, after, kernel, stride, expansion)
          : new InvertedResidual(after, after, kernel, 1, expansion),
      );
      layers.push(new Sequential(blocks));
      before = after;
    }
    layers.push(...unit(before, 1280, { activation }));
    this.inChannels = inChannels;
    this.minimumSize = smallestImage(first);
    this.layers = new Sequential(layers);
    const weightInitialiser = initialisers.kaimingUniform({ mode: "fanOut", nonlinearity: "sigmoid" });
    this.classifier = new Sequential([
      new Dropout(dropout),
      new Linear(1280, numClasses, { weightInitialiser, biasInitialiser: initialisers.zeros }),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("mnasnet", this, x);
    return this.classifier.forward(this.pool.forward(this.layers.forward(x)));
  }
}

/**
 * A MnasNet: images [N, 3, 224, 224], or of any size, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images with other channels.
 */
export function mnasnet(name: MnasNetName, options: MnasNetOptions = {}): MnasNet {
  return new MnasNet(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "MnasNet: Platform-Aware Neural Architecture Search for Mobile",
  authors: "Tan, Chen, Pang, Vasudevan, Sandler, Howard, Le",
  year: 2018,
  url: "https://arxiv.org/abs/1807.11626",
};

// prettier-ignore
const published: Readonly<Record<MnasNetName, readonly Published[]>> = {
  mnasnet0_5: [[1, "mnasnet0.5_top1_67.823-3ffadce67e", 67.734]],
  mnasnet0_75: [[1, "mnasnet0_75-7090bc5f", 71.18, 232]],
  mnasnet1_0: [[1, "mnasnet1.0_top1_73.512-f206786ef8", 73.456]],
  mnasnet1_3: [[1, "mnasnet1_3-a4c69d6f", 76.506, 232]],
};

/** The first two convolutions are layers 0 to 7. */
function* steps({ width }: Row): Generator<Step> {
  yield ["layers.2", nearestMultiple(32 * width), 2];
  yield ["layers.7", nearestMultiple(16 * width), 1];
  for (const [index, [channels, , , stride]] of stacks.entries())
    yield [`layers.${8 + index}`, nearestMultiple(channels * width), stride];
  yield ["layers.16", 1280, 1];
}

/** What is known of a {@link mnasnet}. @throws AttributeError for a name that is not in the table. */
export function mnasnetInfo(name: MnasNetName): ModelInfo {
  const row = rowOf("mnasnet", rows, name);
  const { parameters, multiplyAdds } = row;
  return {
    ...family,
    name,
    parameters,
    multiplyAdds,
    stages: stagesOf(steps(row)),
    weights: torchvisionWeights(published[name]),
  };
}
