// VGG (Simonyan & Zisserman 2014): nothing but 3x3 convolutions and 2x2 pools, with and without batch normalisation.
import type { Tensor } from "@stria/core";
import {
  AdaptiveAvgPool,
  BatchNorm2d,
  Conv2d,
  Dropout,
  Flatten,
  type Layer,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { type Step, stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

/** Channels of the convolutions of each stage; a pool ends every stage. Table 1 of the paper. */
const configurations = {
  A: [[64], [128], [256, 256], [512, 512], [512, 512]],
  B: [
    [64, 64],
    [128, 128],
    [256, 256],
    [512, 512],
    [512, 512],
  ],
  D: [
    [64, 64],
    [128, 128],
    [256, 256, 256],
    [512, 512, 512],
    [512, 512, 512],
  ],
  E: [
    [64, 64],
    [128, 128],
    [256, 256, 256, 256],
    [512, 512, 512, 512],
    [512, 512, 512, 512],
  ],
} as const;

interface Row {
  readonly configuration: keyof typeof configurations;
  readonly normalised: boolean;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type VGGName = "vgg11" | "vgg13" | "vgg16" | "vgg19" | "vgg11_bn" | "vgg13_bn" | "vgg16_bn" | "vgg19_bn";

const rows: Readonly<Record<VGGName, Row>> = {
  vgg11: { configuration: "A", normalised: false, parameters: 132_863_336, multiplyAdds: 7_609_090_048 },
  vgg13: { configuration: "B", normalised: false, parameters: 133_047_848, multiplyAdds: 11_308_466_176 },
  vgg16: { configuration: "D", normalised: false, parameters: 138_357_544, multiplyAdds: 15_470_264_320 },
  vgg19: { configuration: "E", normalised: false, parameters: 143_667_240, multiplyAdds: 19_632_062_464 },
  vgg11_bn: { configuration: "A", normalised: true, parameters: 132_868_840, multiplyAdds: 7_609_090_048 },
  vgg13_bn: { configuration: "B", normalised: true, parameters: 133_053_736, multiplyAdds: 11_308_466_176 },
  vgg16_bn: { configuration: "D", normalised: true, parameters: 138_365_992, multiplyAdds: 15_470_264_320 },
  vgg19_bn: { configuration: "E", normalised: true, parameters: 143_678_248, multiplyAdds: 19_632_062_464 },
};

export interface VGGOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a hidden unit of the classifier is dropped. Default 0.5. */
  readonly dropout?: number;
}

function convolution(inChannels: number, outChannels: number): Conv2d {
  const weightInitialiser = initialisers.kaimingNormal({ mode: "fanOut", nonlinearity: "relu" });
  return new Conv2d(inChannels, outChannels, 3, { padding: 1, weightInitialiser, biasInitialiser: initialisers.zeros });
}

function dense(inFeatures: number, outFeatures: number): Linear {
  const weightInitialiser = initialisers.normal(0, 0.01);
  return new Linear(inFeatures, outFeatures, { weightInitialiser, biasInitialiser: initialisers.zeros });
}

function featuresOf({ configuration, normalised }: Row, inChannels: number): Sequential {
  const layers: Layer[] = [];
  let before = inChannels;
  for (const stage of configurations[configuration]) {
    for (const channels of stage) {
      layers.push(convolution(before, channels));
      if (normalised) layers.push(new BatchNorm2d(channels));
      layers.push(new ReLU());
      before = channels;
    }
    layers.push(new MaxPool2d(2));
  }
  return new Sequential(layers);
}

/** See {@link vgg}. */
export class VGG extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool = new AdaptiveAvgPool(7);
  readonly flatten: Flatten = new Flatten();
  readonly classifier: Sequential;

  constructor(name: VGGName, options: VGGOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("vgg", options, { numClasses, inChannels, dropout });
    this.inChannels = inChannels;
    this.features = featuresOf(rowOf("vgg", rows, name), inChannels);
    this.minimumSize = smallestImage(this.features);
    this.classifier = new Sequential([
      dense(512 * 7 * 7, 4096),
      new ReLU(),
      new Dropout(dropout),
      dense(4096, 4096),
      new ReLU(),
      new Dropout(dropout),
      dense(4096, numClasses),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("vgg", this, x);
    return this.classifier.forward(this.flatten.forward(this.avgpool.forward(this.features.forward(x))));
  }
}

/**
 * A VGG of the table: images [N, 3, 224, 224], or of any size from 32x32, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images that are too small or have other channels.
 */
export function vgg(name: VGGName, options: VGGOptions = {}): VGG {
  return new VGG(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "Very Deep Convolutional Networks for Large-Scale Image Recognition",
  authors: "Simonyan, Zisserman",
  year: 2014,
  url: "https://arxiv.org/abs/1409.1556",
  minimumInput: [3, 32, 32],
};

// prettier-ignore
const published: Readonly<Record<VGGName, readonly Published[]>> = {
  vgg11: [[1, "vgg11-8a719046", 69.02]],
  vgg13: [[1, "vgg13-19584684", 69.928]],
  vgg16: [[1, "vgg16-397923af", 71.592]],
  vgg19: [[1, "vgg19-dcbb9e9d", 72.376]],
  vgg11_bn: [[1, "vgg11_bn-6002323d", 70.37]],
  vgg13_bn: [[1, "vgg13_bn-abd245e5", 71.586]],
  vgg16_bn: [[1, "vgg16_bn-6c64b313", 73.36]],
  vgg19_bn: [[1, "vgg19_bn-c79401a0", 74.218]],
};

/** The pools, counted as {@link featuresOf} lays them. */
function* steps({ configuration, normalised }: Row): Generator<Step> {
  let layer = 0;
  for (const stage of configurations[configuration]) {
    layer += stage.length * (normalised ? 3 : 2);
    yield [`features.${layer++}`, stage[0], 2];
  }
}

/** What is known of a {@link vgg}. @throws AttributeError for a name that is not in the table. */
export function vggInfo(name: VGGName): ModelInfo {
  const row = rowOf("vgg", rows, name);
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
