// SqueezeNet (Iandola et al. 2016), versions 1.0 and 1.1: AlexNet's accuracy with a fiftieth of the parameters.
import { type Tensor, concat, relu } from "@stria/core";
import {
  AdaptiveAvgPool,
  Conv2d,
  type ConvLayerOptions,
  Dropout,
  Flatten,
  type Layer,
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

function convolution(inChannels: number, outChannels: number, kernel: number, options: ConvLayerOptions = {}): Conv2d {
  const weightInitialiser = initialisers.kaimingUniform();
  const biasInitialiser = initialisers.zeros;
  return new Conv2d(inChannels, outChannels, kernel, { weightInitialiser, biasInitialiser, ...options });
}

/** 1x1 to few channels, then 1x1 and 3x3 side by side, as many of each. */
class Fire extends Module {
  readonly squeeze: Conv2d;
  readonly expand1x1: Conv2d;
  readonly expand3x3: Conv2d;

  constructor(inChannels: number, squeezed: number, expanded: number) {
    super();
    this.squeeze = convolution(inChannels, squeezed, 1);
    this.expand1x1 = convolution(squeezed, expanded, 1);
    this.expand3x3 = convolution(squeezed, expanded, 3, { padding: 1 });
  }

  override forward(x: Tensor): Tensor {
    const narrow = relu(this.squeeze.forward(x));
    return concat([relu(this.expand1x1.forward(narrow)), relu(this.expand3x3.forward(narrow))], 1);
  }
}

interface Row {
  /** Filters and kernel of the first convolution. */
  readonly first: readonly [channels: number, kernel: number];
  /** [squeezed, expanded] of fire modules, and "pool" where the maps are halved. Table 1 of the paper. */
  readonly body: readonly ("pool" | readonly [squeezed: number, expanded: number])[];
  /** Least height and width of an image. */
  readonly smallest: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type SqueezeNetName = "squeezenet1_0" | "squeezenet1_1";

const rows: Readonly<Record<SqueezeNetName, Row>> = {
  squeezenet1_0: {
    first: [96, 7],
    body: [
      "pool",
      [16, 64],
      [16, 64],
      [32, 128],
      "pool",
      [32, 128],
      [48, 192],
      [48, 192],
      [64, 256],
      "pool",
      [64, 256],
    ],
    smallest: 21,
    parameters: 1_248_424,
    multiplyAdds: 818_924_576,
  },
  squeezenet1_1: {
    first: [64, 3],
    body: [
      "pool",
      [16, 64],
      [16, 64],
      "pool",
      [32, 128],
      [32, 128],
      "pool",
      [48, 192],
      [48, 192],
      [64, 256],
      [64, 256],
    ],
    smallest: 17,
    parameters: 1_235_496,
    multiplyAdds: 349_151_936,
  },
};

export interface SqueezeNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a feature is dropped before the classifier. Default 0.5. */
  readonly dropout?: number;
}

function featuresOf({ first: [channels, kernel], body }: Row, inChannels: number): Sequential {
  const layers: Layer[] = [convolution(inChannels, channels, kernel, { stride: 2 }), new ReLU()];
  let before = channels;
  for (const entry of body) {
    if (entry === "pool") layers.push(new MaxPool2d(3, { stride: 2, ceilMode: true }));
    else {
      layers.push(new Fire(before, ...entry));
      before = 2 * entry[1];
    }
  }
  return new Sequential(layers);
}

/** See {@link squeezenet}. */
export class SqueezeNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: Sequential;
  readonly classifier: Sequential;
  readonly flatten: Flatten = new Flatten();

  constructor(name: SqueezeNetName, options: SqueezeNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("squeezenet", options, { numClasses, inChannels, dropout });
    this.inChannels = inChannels;
    this.features = featuresOf(rowOf("squeezenet", rows, name), inChannels);
    this.minimumSize = smallestImage(this.features);
    this.classifier = new Sequential([
      new Dropout(dropout),
      convolution(512, numClasses, 1, { weightInitialiser: initialisers.normal(0, 0.01) }),
      new ReLU(),
      new AdaptiveAvgPool(1),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses], none below 0. */
  override forward(x: Tensor): Tensor {
    checkImages("squeezenet", this, x);
    return this.flatten.forward(this.classifier.forward(this.features.forward(x)));
  }
}

/**
 * A SqueezeNet: images [N, 3, 224, 224], or of any size from 21x21 (1.0) or 17x17 (1.1), to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images that are too small or have other channels.
 */
export function squeezenet(name: SqueezeNetName, options: SqueezeNetOptions = {}): SqueezeNet {
  return new SqueezeNet(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
  authors: "Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer",
  year: 2016,
  url: "https://arxiv.org/abs/1602.07360",
};

// prettier-ignore
const published: Readonly<Record<SqueezeNetName, readonly Published[]>> = {
  squeezenet1_0: [[1, "squeezenet1_0-b66bff10", 58.092]],
  squeezenet1_1: [[1, "squeezenet1_1-b8a52dc0", 58.178]],
};

/** What follows the first convolution and its ReLU. */
function* steps({ first, body }: Row): Generator<Step> {
  let [channels] = first;
  yield ["features.1", channels, 2];
  for (const [index, entry] of body.entries()) {
    if (entry !== "pool") channels = 2 * entry[1];
    yield [`features.${index + 2}`, channels, entry === "pool" ? 2 : 1];
  }
}

/** What is known of a {@link squeezenet}. @throws AttributeError for a name that is not in the table. */
export function squeezenetInfo(name: SqueezeNetName): ModelInfo {
  const row = rowOf("squeezenet", rows, name);
  const { parameters, multiplyAdds, smallest } = row;
  return {
    ...family,
    name,
    parameters,
    multiplyAdds,
    minimumInput: [3, smallest, smallest],
    stages: stagesOf(steps(row)),
    weights: torchvisionWeights(published[name]),
  };
}
