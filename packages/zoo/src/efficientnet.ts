// EfficientNet (Tan & Le 2019): one network found by a search, and seven larger ones by scaling width, depth and image together.
import type { Tensor } from "@stria/core";
import {
  type BatchNormOptions,
  Dropout,
  GlobalAvgPool,
  type Layer,
  Linear,
  Module,
  Sequential,
  SiLU,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { convNormActivation } from "./conv-norm-activation.ts";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import { InvertedResidual } from "./inverted-residual.ts";
import type { ModelInfo } from "./model-info.ts";
import { nearestMultiple } from "./multiples.ts";
import { SqueezeExcitation } from "./squeeze-excitation.ts";
import { checkStochasticDepth } from "./stochastic-depth.ts";
import { type Step, stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

/** Table 1 of the paper, between the first convolution, of 32 channels, and the last: expansion, window, stride of the first, channels, layers. */
const table: readonly (readonly [
  expansion: number,
  kernel: number,
  stride: number,
  channels: number,
  layers: number,
])[] = [
  [1, 3, 1, 16, 1],
  [6, 3, 2, 24, 2],
  [6, 5, 2, 40, 2],
  [6, 3, 2, 80, 3],
  [6, 5, 1, 112, 3],
  [6, 5, 2, 192, 4],
  [6, 3, 1, 320, 1],
];

interface Row {
  /** Factors on the channels and on the layers of a stage. */
  readonly width: number;
  readonly depth: number;
  /** Height and width of the images that the published weights were tested on. */
  readonly image: number;
  readonly dropout: number;
  readonly batchNorm?: BatchNormOptions;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type EfficientNetName = `efficientnet_b${0 | 1 | 2 | 3 | 4 | 5 | 6 | 7}`;

/** The settings with which the largest three were trained. */
const slowNorm = { epsilon: 0.001, momentum: 0.01 };

// prettier-ignore
const rows: Readonly<Record<EfficientNetName, Row>> = {
  efficientnet_b0: { width: 1, depth: 1, image: 224, dropout: 0.2, parameters: 5_288_548, multiplyAdds: 385_814_752 },
  efficientnet_b1: { width: 1, depth: 1.1, image: 240, dropout: 0.2, parameters: 7_794_184, multiplyAdds: 686_802_832 },
  efficientnet_b2: { width: 1.1, depth: 1.2, image: 288, dropout: 0.3, parameters: 9_109_994, multiplyAdds: 1_087_529_456 },
  efficientnet_b3: { width: 1.2, depth: 1.4, image: 300, dropout: 0.3, parameters: 12_233_232, multiplyAdds: 1_827_141_392 },
  efficientnet_b4: { width: 1.4, depth: 1.8, image: 380, dropout: 0.4, parameters: 19_341_616, multiplyAdds: 4_393_771_024 },
  efficientnet_b5: { width: 1.6, depth: 2.2, image: 456, dropout: 0.4, batchNorm: slowNorm, parameters: 30_389_784, multiplyAdds: 10_266_384_752 },
  efficientnet_b6: { width: 1.8, depth: 2.6, image: 528, dropout: 0.5, batchNorm: slowNorm, parameters: 43_040_704, multiplyAdds: 19_067_593_536 },
  efficientnet_b7: { width: 2, depth: 3.1, image: 600, dropout: 0.5, batchNorm: slowNorm, parameters: 66_347_960, multiplyAdds: 37_745_884_192 },
};

export interface EfficientNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a feature is dropped before the classifier. Default that of the table. */
  readonly dropout?: number;
  /** Probability with which the last block is passed by in training; it rises from 0 at the first. Default 0.2. */
  readonly stochasticDepth?: number;
}

/** See {@link efficientnet}. */
export class EfficientNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly classifier: Sequential;

  constructor(name: EfficientNetName, options: EfficientNetOptions = {}) {
    super();
    const row = rowOf("efficientnet", rows, name);
    const { numClasses = 1000, inChannels = 3, dropout = row.dropout, stochasticDepth = 0.2 } = options;
    checkOptions("efficientnet", options, { numClasses, inChannels, dropout, stochasticDepth });
    checkStochasticDepth("efficientnet", stochasticDepth);
    const { batchNorm = {} } = row;
    const width = (channels: number): number => nearestMultiple(channels * row.width);
    const depth = (layers: number): number => Math.ceil(layers * row.depth);
    const blocks = table.reduce((sum, [, , , , layers]) => sum + depth(layers), 0);
    const unit = { activation: SiLU, batchNorm };
    let before = width(32);
    let block = 0;
    const first = convNormActivation(inChannels, before, { ...unit, kernel: 3, stride: 2 });
    const layers: Layer[] = [first];
    for (const [expansion, kernel, stride, channels, repetitions] of table) {
      const stage: Layer[] = [];
      for (let index = 0; index < depth(repetitions); index++) {
        const [expanded, outChannels] = [before * expansion, width(channels)];
        const excitation = new SqueezeExcitation(expanded, Math.max(1, Math.floor(before / 4)), {
          activation: SiLU,
          biasInitialiser: initialisers.zeros,
        });
        const dropPath = (stochasticDepth * block++) / blocks;
        const shape = { inChannels: before, expanded, outChannels, kernel, stride: index === 0 ? stride : 1 };
        stage.push(new InvertedResidual({ ...shape, ...unit, excitation, dropPath }));
        before = outChannels;
      }
      layers.push(new Sequential(stage));
    }
    layers.push(convNormActivation(before, 4 * before, unit));
    this.inChannels = inChannels;
    this.minimumSize = smallestImage(first);
    this.features = new Sequential(layers);
    const bound = 1 / Math.sqrt(numClasses);
    this.classifier = new Sequential([
      new Dropout(dropout),
      new Linear(4 * before, numClasses, {
        weightInitialiser: initialisers.uniform(-bound, bound),
        biasInitialiser: initialisers.zeros,
      }),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("efficientnet", this, x);
    return this.classifier.forward(this.pool.forward(this.features.forward(x)));
  }
}

/**
 * An EfficientNet: images [N, 3, 224, 224] (B0; to 600x600 for B7), or of any size, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table and a rate that is no probability; `forward` ShapeError for images with other channels.
 */
export function efficientnet(name: EfficientNetName, options: EfficientNetOptions = {}): EfficientNet {
  return new EfficientNet(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
  authors: "Tan, Le",
  year: 2019,
  url: "https://arxiv.org/abs/1905.11946",
};

// prettier-ignore
const published: Readonly<Record<EfficientNetName, readonly Published[]>> = {
  efficientnet_b0: [[1, "efficientnet_b0_rwightman-7f5810bc", 77.692, 256, "bicubic"]],
  efficientnet_b1: [[2, "efficientnet_b1-c27df63c", 79.838, 255], [1, "efficientnet_b1_rwightman-bac287d4", 78.642, 256, "bicubic"]],
  efficientnet_b2: [[1, "efficientnet_b2_rwightman-c35c1473", 80.608, 288, "bicubic"]],
  efficientnet_b3: [[1, "efficientnet_b3_rwightman-b3899882", 82.008, 320, "bicubic"]],
  efficientnet_b4: [[1, "efficientnet_b4_rwightman-23ab8bcd", 83.384, 384, "bicubic"]],
  efficientnet_b5: [[1, "efficientnet_b5_lukemelas-1a07897c", 83.444, 456, "bicubic"]],
  efficientnet_b6: [[1, "efficientnet_b6_lukemelas-24a108a5", 84.008, 528, "bicubic"]],
  efficientnet_b7: [[1, "efficientnet_b7_lukemelas-c5b4e57e", 84.122, 600, "bicubic"]],
};

function* steps({ width }: Row): Generator<Step> {
  yield ["features.0", nearestMultiple(32 * width), 2];
  for (const [index, [, , stride, channels]] of table.entries())
    yield [`features.${index + 1}`, nearestMultiple(channels * width), stride];
  yield ["features.8", 4 * nearestMultiple(320 * width), 1];
}

/** What is known of an {@link efficientnet}. @throws AttributeError for a name that is not in the table. */
export function efficientnetInfo(name: EfficientNetName): ModelInfo {
  const row = rowOf("efficientnet", rows, name);
  const { parameters, multiplyAdds, image } = row;
  return {
    ...family,
    name,
    parameters,
    multiplyAdds,
    inputShape: [3, image, image],
    stages: stagesOf(steps(row)),
    weights: torchvisionWeights(published[name], [3, image, image]),
  };
}
