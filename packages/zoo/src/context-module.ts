// The context module (Yu & Koltun 2016): convolutions whose dilation doubles see 67x67 places of a map of class scores, and the map keeps its size.
import { type Initialiser, type Tensor, at, fillNormal, relu, sizeOf } from "@stria/core";
import { Conv2d, Module, initialisers, checkOptions } from "@stria/layers";
import { checkImages, rowOf } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

/** Dilations of the 3x3 convolutions, and their channels in multiples of C. A 1x1 convolution to C follows. Table 1 of the paper. */
const dilations = [1, 1, 2, 4, 8, 16, 1] as const;

export type ContextName = "context_basic" | "context_large";

interface Row {
  readonly factors: readonly number[];
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly inputShape: readonly [channels: number, height: number, width: number];
}

const rows: Readonly<Record<ContextName, Row>> = {
  context_basic: {
    factors: [1, 1, 1, 1, 1, 1, 1],
    parameters: 28_392,
    multiplyAdds: 54_190_080,
    inputShape: [21, 48, 40],
  },
  context_large: {
    factors: [2, 2, 4, 8, 16, 32, 32],
    parameters: 6_803_139,
    multiplyAdds: 3_264_528_960,
    inputShape: [21, 24, 20],
  },
};

export interface ContextOptions {
  /** C, the channels of the maps that come and of those that go: the number of classes. Default 21. */
  readonly channels?: number;
  /** Deviation of the noise by which copies of a map differ at first, as a share of the weights. Default 0.01; the basic module has none. */
  readonly noise?: number;
}

/**
 * First values with which maps pass unchanged, where they are not negative: every output copies the inputs that stand for the same one of the `channels`
 * maps, and the copies add up to it (equations 4 and 5).
 */
function identity(channels: number, noise: number): Initialiser {
  return (shape, key) => {
    const [outputs, inputs, places] = [at(shape, 0), at(shape, 1), sizeOf(shape.slice(2))];
    const copied = channels / outputs;
    const weights = new Float32Array(outputs * inputs * places);
    if (outputs !== channels || inputs !== channels) fillNormal(key, 0, weights);
    const middle = (places - 1) / 2;
    return weights.map((drawn, index) => {
      const [plane, place] = [Math.floor(index / places), index % places];
      const [output, input] = [Math.floor(plane / inputs), plane % inputs];
      const same = Math.floor((input * channels) / inputs) === Math.floor((output * channels) / outputs);
      return same && place === middle ? copied : noise * copied * drawn;
    });
  };
}

/** See {@link contextModule}. */
export class ContextModule extends Module {
  readonly inChannels: number;
  readonly minimumSize: number = 1;
  readonly convs: readonly Conv2d[];
  readonly final: Conv2d;

  constructor(name: ContextName, options: ContextOptions = {}) {
    super();
    const { channels = 21, noise = 0.01 } = options;
    checkOptions("contextModule", options, { channels, noise });
    const { factors } = rowOf("contextModule", rows, name);
    const widths = [channels, ...factors.map((factor) => factor * channels)];
    const first = { weightInitialiser: identity(channels, noise), biasInitialiser: initialisers.zeros };
    this.inChannels = channels;
    this.convs = dilations.map(
      (dilation, index) =>
        new Conv2d(at(widths, index), at(widths, index + 1), 3, { padding: dilation, dilation, ...first }),
    );
    this.final = new Conv2d(at(widths, dilations.length), channels, 1, first);
  }

  /** x [N, channels, height, width] -> the same shape. */
  override forward(x: Tensor): Tensor {
    checkImages("contextModule", this, x);
    return this.final.forward(this.convs.reduce((y, layer) => relu(layer.forward(y)), x));
  }
}

/**
 * The context module, which a network for segmentation puts after its scores: maps [N, C, height, width] to maps of the same shape, each place of which sees
 * 67x67. "context_basic" has C channels throughout, "context_large" up to 32 C. It starts as the identity, on which training builds. Zeros around the maps keep
 * their size, as in the authors' code.
 *
 * Source: Yu and Koltun (2016), Multi-Scale Context Aggregation by Dilated Convolutions.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for maps with other channels.
 */
export function contextModule(name: ContextName, options: ContextOptions = {}): ContextModule {
  return new ContextModule(name, options);
}

/** What is known of a {@link contextModule}. @throws AttributeError for a name that is not in the table. */
export function contextModuleInfo(name: ContextName): ModelInfo {
  const { factors, ...figures } = rowOf("contextModule", rows, name);
  return {
    ...figures,
    name,
    task: "segmentation",
    paper: "Multi-Scale Context Aggregation by Dilated Convolutions",
    authors: "Yu, Koltun",
    year: 2016,
    url: "https://arxiv.org/abs/1511.07122",
    minimumInput: [21, 1, 1],
    numClasses: null,
    preprocessing: null,
    stages: factors.map((factor, index) => ({ name: `convs.${index}`, channels: 21 * factor, stride: 1 })),
    weights: [],
  };
}
