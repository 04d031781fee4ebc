// MobileNetV3 (Howard et al. 2019): MobileNetV2's blocks, found by a search, with squeeze and excitation and a cheap swish.
import { AttributeError, type Tensor } from "@stria/core";
import {
  Dropout,
  GlobalAvgPool,
  HardSigmoid,
  HardSwish,
  type Layer,
  Linear,
  Module,
  ReLU,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { convNormActivation } from "./conv-norm-activation.ts";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import { InvertedResidual } from "./inverted-residual.ts";
import type { ModelInfo } from "./model-info.ts";
import { nearestMultiple } from "./multiples.ts";
import { SqueezeExcitation } from "./squeeze-excitation.ts";
import { type Step, stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

/** One bneck: height and width of the window, channels inside, channels out, whether it is with squeeze and excitation, activation, stride. */
type Block = readonly [kernel: number, expanded: number, out: number, se: boolean, nl: "RE" | "HS", stride: number];

/** Tables 1 and 2 of the paper, between the first convolution, of 16 channels, and the last one. */
const large: readonly Block[] = [
  [3, 16, 16, false, "RE", 1],
  [3, 64, 24, false, "RE", 2],
  [3, 72, 24, false, "RE", 1],
  [5, 72, 40, true, "RE", 2],
  [5, 120, 40, true, "RE", 1],
  [5, 120, 40, true, "RE", 1],
  [3, 240, 80, false, "HS", 2],
  [3, 200, 80, false, "HS", 1],
  [3, 184, 80, false, "HS", 1],
  [3, 184, 80, false, "HS", 1],
  [3, 480, 112, true, "HS", 1],
  [3, 672, 112, true, "HS", 1],
  [5, 672, 160, true, "HS", 2],
  [5, 960, 160, true, "HS", 1],
  [5, 960, 160, true, "HS", 1],
];
const small: readonly Block[] = [
  [3, 16, 16, true, "RE", 2],
  [3, 72, 24, false, "RE", 2],
  [3, 88, 24, false, "RE", 1],
  [5, 96, 40, true, "HS", 2],
  [5, 240, 40, true, "HS", 1],
  [5, 240, 40, true, "HS", 1],
  [5, 120, 48, true, "HS", 1],
  [5, 144, 48, true, "HS", 1],
  [5, 288, 96, true, "HS", 2],
  [5, 576, 96, true, "HS", 1],
  [5, 576, 96, true, "HS", 1],
];

interface Row {
  readonly blocks: readonly Block[];
  /** Features before the classifier. */
  readonly last: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type MobileNetV3Name = "mobilenet_v3_large" | "mobilenet_v3_small";

const rows: Readonly<Record<MobileNetV3Name, Row>> = {
  mobilenet_v3_large: { blocks: large, last: 1280, parameters: 5_483_032, multiplyAdds: 216_589_760 },
  mobilenet_v3_small: { blocks: small, last: 1024, parameters: 2_542_856, multiplyAdds: 56_510_400 },
};

export interface MobileNetV3Options {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Factor on the channels of all layers. Default 1. */
  readonly widthMultiplier?: number;
  /** Whether the last three blocks and what follows have half as many channels, as section 6.3 has it for detection. Default false. */
  readonly reducedTail?: boolean;
  /** Whether the last three blocks see further instead of making the maps smaller, as section 6.4 has it for segmentation. Default false. */
  readonly dilated?: boolean;
  /** Probability with which a feature is dropped before the classifier. Default 0.2. */
  readonly dropout?: number;
}

/** The blocks as the options want them: the last three are those of the smallest maps. */
function blocksOf({ blocks }: Row, { reducedTail = false, dilated = false }: MobileNetV3Options) {
  const tail = blocks.length - 3;
  return blocks.map(([kernel, expanded, outChannels, se, nl, stride], index) => ({
    kernel,
    expanded: reducedTail && index > tail ? expanded / 2 : expanded,
    outChannels: reducedTail && index >= tail ? outChannels / 2 : outChannels,
    se,
    activation: nl === "HS" ? HardSwish : ReLU,
    stride,
    dilation: dilated && index >= tail ? 2 : 1,
  }));
}

const batchNorm = { epsilon: 0.001, momentum: 0.01 };

/** See {@link mobilenetV3}. */
export class MobileNetV3 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly classifier: Sequential;

  constructor(name: MobileNetV3Name, options: MobileNetV3Options = {}) {
    super();
    const row = rowOf("mobilenetV3", rows, name);
    const { numClasses = 1000, inChannels = 3, widthMultiplier = 1, reducedTail = false, dropout = 0.2 } = options;
    checkOptions("mobilenetV3", options, {
      numClasses,
      inChannels,
      widthMultiplier,
      reducedTail,
      dropout,
      dilated: false,
    });
    if (!(widthMultiplier > 0 && Number.isFinite(widthMultiplier)))
      throw new AttributeError("mobilenetV3", `widthMultiplier is ${widthMultiplier}`, "use a number above 0");
    const width = (channels: number): number => nearestMultiple(channels * widthMultiplier);
    const unit = { activation: HardSwish, batchNorm };
    let before = width(16);
    const first = convNormActivation(inChannels, before, { ...unit, kernel: 3, stride: 2 });
    const layers: Layer[] = [first];
    for (const { se, ...block } of blocksOf(row, options)) {
      const [expanded, outChannels] = [width(block.expanded), width(block.outChannels)];
      const excitation = se
        ? new SqueezeExcitation(expanded, nearestMultiple(Math.floor(expanded / 4)), {
            gate: HardSigmoid,
            biasInitialiser: initialisers.zeros,
          })
        : undefined;
      layers.push(new InvertedResidual({ ...block, inChannels: before, expanded, outChannels, excitation, batchNorm }));
      before = outChannels;
    }
    layers.push(convNormActivation(before, 6 * before, unit));
    this.inChannels = inChannels;
    this.minimumSize = smallestImage(first);
    this.features = new Sequential(layers);
    const last = width(reducedTail ? row.last / 2 : row.last);
    const settings = { weightInitialiser: initialisers.normal(0, 0.01), biasInitialiser: initialisers.zeros };
    this.classifier = new Sequential([
      new Linear(6 * before, last, settings),
      new HardSwish(),
      new Dropout(dropout),
      new Linear(last, numClasses, settings),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("mobilenetV3", this, x);
    return this.classifier.forward(this.pool.forward(this.features.forward(x)));
  }
}

/**
 * A MobileNetV3: images [N, 3, 224, 224], or of any size, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table and a width multiplier that is not above 0; `forward` ShapeError for images with other
 * channels.
 */
export function mobilenetV3(name: MobileNetV3Name, options: MobileNetV3Options = {}): MobileNetV3 {
  return new MobileNetV3(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "Searching for MobileNetV3",
  authors: "Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam",
  year: 2019,
  url: "https://arxiv.org/abs/1905.02244",
};

// prettier-ignore
const published: Readonly<Record<MobileNetV3Name, readonly Published[]>> = {
  mobilenet_v3_large: [[2, "mobilenet_v3_large-5c1a4163", 75.274, 232], [1, "mobilenet_v3_large-8738ca79", 74.042]],
  mobilenet_v3_small: [[1, "mobilenet_v3_small-047dcff4", 67.668]],
};

function* steps({ blocks }: Row): Generator<Step> {
  yield ["features.0", 16, 2];
  let last = 16;
  for (const [index, [, , channels, , , stride]] of blocks.entries()) {
    yield [`features.${index + 1}`, channels, stride];
    last = channels;
  }
  yield [`features.${blocks.length + 1}`, 6 * last, 1];
}

/** What is known of a {@link mobilenetV3}. @throws AttributeError for a name that is not in the table. */
export function mobilenetV3Info(name: MobileNetV3Name): ModelInfo {
  const row = rowOf("mobilenetV3", rows, name);
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
