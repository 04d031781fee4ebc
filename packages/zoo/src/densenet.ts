// Densely connected networks for ImageNet (Huang, Liu, van der Maaten & Weinberger 2017): every layer sees the maps of all before it.
import { type Tensor, concat, relu } from "@stria/core";
import {
  AvgPool2d,
  BatchNorm2d,
  Conv2d,
  type ConvLayerOptions,
  GlobalAvgPool,
  Linear,
  MaxPool2d,
  Module,
  ReLU,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { NamedLayers } from "./named-layers.ts";
import { type Step, stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

function convolution(inChannels: number, outChannels: number, kernel: number, options: ConvLayerOptions = {}): Conv2d {
  const weightInitialiser = initialisers.kaimingNormal();
  return new Conv2d(inChannels, outChannels, kernel, { ...options, bias: false, weightInitialiser });
}

/** Normalisation, ReLU, 1x1 to four times the growth; again, 3x3 to the growth, which joins the input. */
class DenseLayer extends Module {
  readonly norm1: BatchNorm2d;
  readonly conv1: Conv2d;
  readonly norm2: BatchNorm2d;
  readonly conv2: Conv2d;

  constructor(inChannels: number, growth: number) {
    super();
    this.norm1 = new BatchNorm2d(inChannels);
    this.conv1 = convolution(inChannels, 4 * growth, 1);
    this.norm2 = new BatchNorm2d(4 * growth);
    this.conv2 = convolution(4 * growth, growth, 3, { padding: 1 });
  }

  override forward(x: Tensor): Tensor {
    const narrow = this.conv1.forward(relu(this.norm1.forward(x)));
    return concat([x, this.conv2.forward(relu(this.norm2.forward(narrow)))], 1);
  }
}

function denseBlock(inChannels: number, growth: number, layers: number): NamedLayers {
  const entries = Array.from({ length: layers }, (_, index): [string, Module] => [
    `denselayer${index + 1}`,
    new DenseLayer(inChannels + index * growth, growth),
  ]);
  return new NamedLayers(Object.fromEntries(entries));
}

/** Halves the maps and their number. */
function transition(inChannels: number): NamedLayers {
  const norm = new BatchNorm2d(inChannels);
  const conv = convolution(inChannels, Math.floor(inChannels / 2), 1);
  return new NamedLayers({ norm, relu: new ReLU(), conv, pool: new AvgPool2d(2) });
}

interface Row {
  /** Maps that a layer adds. */
  readonly growth: number;
  /** Layers of the four dense blocks. Table 1 of the paper. */
  readonly blocks: readonly number[];
  /** Maps of the first convolution. */
  readonly first: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type DenseNetName = "densenet121" | "densenet161" | "densenet169" | "densenet201";

const rows: Readonly<Record<DenseNetName, Row>> = {
  densenet121: {
    growth: 32,
    blocks: [6, 12, 24, 16],
    first: 64,
    parameters: 7_978_856,
    multiplyAdds: 2_834_161_664,
  },
  densenet161: {
    growth: 48,
    blocks: [6, 12, 36, 24],
    first: 96,
    parameters: 28_681_000,
    multiplyAdds: 7_727_907_072,
  },
  densenet169: {
    growth: 32,
    blocks: [6, 12, 32, 32],
    first: 64,
    parameters: 14_149_480,
    multiplyAdds: 3_359_843_328,
  },
  densenet201: {
    growth: 32,
    blocks: [6, 12, 48, 32],
    first: 64,
    parameters: 20_013_928,
    multiplyAdds: 4_291_365_888,
  },
};

export interface DenseNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** See {@link densenet}. */
export class DenseNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: NamedLayers;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly classifier: Linear;

  constructor(name: DenseNetName, options: DenseNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3 } = options;
    checkOptions("densenet", options, { numClasses, inChannels });
    const { growth, blocks, first } = rowOf("densenet", rows, name);
    const conv0 = convolution(inChannels, first, 7, { stride: 2, padding: 3 });
    const pool0 = new MaxPool2d(3, { stride: 2, padding: 1 });
    const layers: Record<string, Module> = { conv0, norm0: new BatchNorm2d(first), relu0: new ReLU(), pool0 };
    let channels = first;
    for (const [index, count] of blocks.entries()) {
      layers[`denseblock${index + 1}`] = denseBlock(channels, growth, count);
      channels += count * growth;
      if (index === blocks.length - 1) break;
      layers[`transition${index + 1}`] = transition(channels);
      channels = Math.floor(channels / 2);
    }
    layers["norm5"] = new BatchNorm2d(channels);
    this.features = new NamedLayers(layers);
    this.inChannels = inChannels;
    this.minimumSize = smallestImage([conv0, pool0, ...blocks.slice(1).map(() => new AvgPool2d(2))]);
    this.classifier = new Linear(channels, numClasses, { biasInitialiser: initialisers.zeros });
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("densenet", this, x);
    return this.classifier.forward(this.pool.forward(relu(this.features.forward(x))));
  }
}

/**
 * A DenseNet of the table: images [N, 3, 224, 224], or of any size from 29x29, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images that are too small or have other channels.
 */
export function densenet(name: DenseNetName, options: DenseNetOptions = {}): DenseNet {
  return new DenseNet(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "Densely Connected Convolutional Networks",
  authors: "Huang, Liu, van der Maaten, Weinberger",
  year: 2017,
  url: "https://arxiv.org/abs/1608.06993",
  minimumInput: [3, 29, 29],
};

// prettier-ignore
const published: Readonly<Record<DenseNetName, readonly Published[]>> = {
  densenet121: [[1, "densenet121-a639ec97", 74.434]],
  densenet161: [[1, "densenet161-8d451a50", 77.138]],
  densenet169: [[1, "densenet169-b2777c0a", 75.6]],
  densenet201: [[1, "densenet201-c1103571", 76.896]],
};

function* steps({ growth, blocks, first }: Row): Generator<Step> {
  yield ["features.conv0", first, 2];
  yield ["features.pool0", first, 2];
  let channels = first;
  for (const [index, count] of blocks.entries()) {
    channels += count * growth;
    yield [`features.denseblock${index + 1}`, channels, 1];
    if (index === blocks.length - 1) break;
    channels = Math.floor(channels / 2);
    yield [`features.transition${index + 1}`, channels, 2];
  }
  yield ["features.norm5", channels, 1];
}

/** The published files name layers in the way of older versions: `denselayer1.norm.1.weight`. */
const rename = [["(denselayer\\d+\\.(?:norm|relu|conv))\\.([12])\\.", "$1$2."]] as const;

/** What is known of a {@link densenet}. @throws AttributeError for a name that is not in the table. */
export function densenetInfo(name: DenseNetName): ModelInfo {
  const row = rowOf("densenet", rows, name);
  const { parameters, multiplyAdds } = row;
  return {
    ...family,
    name,
    parameters,
    multiplyAdds,
    stages: stagesOf(steps(row)),
    weights: torchvisionWeights(published[name], imageNet.inputShape, rename),
  };
}
