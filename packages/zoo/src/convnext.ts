// ConvNeXt (Liu et al. 2022): a residual network with the proportions of a transformer.
import { Parameter, type Tensor, add, mul, transpose } from "@stria/core";
import {
  Conv2d,
  type ConvLayerOptions,
  DropPath,
  Flatten,
  GELU,
  AdaptiveAvgPool,
  type Layer,
  LayerNorm,
  Linear,
  Module,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { checkStochasticDepth } from "./stochastic-depth.ts";
import { type Step, stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

const settings = {
  weightInitialiser: /* @__PURE__ */ initialisers.truncatedNormal(0, 0.02),
  biasInitialiser: initialisers.zeros,
};

function convolution(inChannels: number, outChannels: number, kernel: number, options: ConvLayerOptions): Conv2d {
  return new Conv2d(inChannels, outChannels, kernel, { ...settings, ...options });
}

const epsilon = 1e-6;

/** [N, C, H, W] -> [N, H, W, C]: dense layers and normalisation act on the last axis. */
class ChannelsLast extends Module {
  override forward(x: Tensor): Tensor {
    return transpose(x, [0, 2, 3, 1]);
  }
}

/** [N, H, W, C] -> [N, C, H, W]. */
class ChannelsFirst extends Module {
  override forward(x: Tensor): Tensor {
    return transpose(x, [0, 3, 1, 2]);
  }
}

/** Layer normalisation of each place of [N, C, H, W] over its channels. */
class ChannelNorm extends LayerNorm {
  constructor(channels: number) {
    super(channels, { epsilon });
  }

  override forward(x: Tensor): Tensor {
    return transpose(super.forward(transpose(x, [0, 2, 3, 1])), [0, 3, 1, 2]);
  }
}

/** Figure 4 of the paper: 7x7 on each channel, then, at each place, to four times the channels and back; scaled, beside a shortcut. */
class Block extends Module {
  readonly layer_scale: Parameter; // a key of published state dicts, so it keeps its spelling
  readonly block: Sequential;
  readonly stochasticDepth: DropPath;

  constructor(channels: number, scale: number, dropPath: number) {
    super();
    this.layer_scale = new Parameter([channels, 1, 1], initialisers.constant(scale));
    this.block = new Sequential([
      convolution(channels, channels, 7, { padding: 3, groups: channels }),
      new ChannelsLast(),
      new LayerNorm(channels, { epsilon }),
      new Linear(channels, 4 * channels, settings),
      new GELU(),
      new Linear(4 * channels, channels, settings),
      new ChannelsFirst(),
    ]);
    this.stochasticDepth = new DropPath(dropPath);
  }

  override forward(x: Tensor): Tensor {
    return add(this.stochasticDepth.forward(mul(this.layer_scale, this.block.forward(x))), x);
  }
}

interface Row {
  /** Channels and blocks of the four stages. Section 3 of the paper. */
  readonly channels: readonly [number, number, number, number];
  readonly blocks: readonly [number, number, number, number];
  readonly stochasticDepth: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type ConvNeXtName = "convnext_tiny" | "convnext_small" | "convnext_base" | "convnext_large";

const rows: Readonly<Record<ConvNeXtName, Row>> = {
  convnext_tiny: {
    channels: [96, 192, 384, 768],
    blocks: [3, 3, 9, 3],
    stochasticDepth: 0.1,
    parameters: 28_589_128,
    multiplyAdds: 4_455_531_264,
  },
  convnext_small: {
    channels: [96, 192, 384, 768],
    blocks: [3, 3, 27, 3],
    stochasticDepth: 0.4,
    parameters: 50_223_688,
    multiplyAdds: 8_683_712_256,
  },
  convnext_base: {
    channels: [128, 256, 512, 1024],
    blocks: [3, 3, 27, 3],
    stochasticDepth: 0.5,
    parameters: 88_591_464,
    multiplyAdds: 15_354_729_472,
  },
  convnext_large: {
    channels: [192, 384, 768, 1536],
    blocks: [3, 3, 27, 3],
    stochasticDepth: 0.5,
    parameters: 197_767_336,
    multiplyAdds: 34_361_433_600,
  },
};

export interface ConvNeXtOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which the last block is passed by in training; it rises from 0 at the first. Default that of the table. */
  readonly stochasticDepth?: number;
  /** First value of the factors on what a block adds. Default 1e-6. */
  readonly layerScale?: number;
}

/** See {@link convnext}. */
export class ConvNeXt extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly features: Sequential;
  readonly avgpool: AdaptiveAvgPool = new AdaptiveAvgPool(1);
  readonly classifier: Sequential;

  constructor(name: ConvNeXtName, options: ConvNeXtOptions = {}) {
    super();
    const row = rowOf("convnext", rows, name);
    const { numClasses = 1000, inChannels = 3, stochasticDepth = row.stochasticDepth, layerScale = 1e-6 } = options;
    checkOptions("convnext", options, { numClasses, inChannels, stochasticDepth, layerScale });
    checkStochasticDepth("convnext", stochasticDepth);
    const last = row.blocks.reduce((sum, count) => sum + count, -1);
    const [stem, , , channels] = row.channels;
    const layers: Layer[] = [];
    const halvings: Sequential[] = [];
    let [before, block] = [stem, 0];
    for (const [index, width] of row.channels.entries()) {
      const halving =
        index === 0
          ? new Sequential([convolution(inChannels, stem, 4, { stride: 4 }), new ChannelNorm(stem)])
          : new Sequential([new ChannelNorm(before), convolution(before, width, 2, { stride: 2 })]);
      const blocks = Array.from(
        { length: row.blocks[index] ?? 0 },
        () => new Block(width, layerScale, (stochasticDepth * block++) / last),
      );
      layers.push(halving, new Sequential(blocks));
      halvings.push(halving);
      before = width;
    }
    this.inChannels = inChannels;
    this.minimumSize = smallestImage(halvings);
    this.features = new Sequential(layers);
    this.classifier = new Sequential([
      new ChannelNorm(channels),
      new Flatten(),
      new Linear(channels, numClasses, settings),
    ]);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("convnext", this, x);
    return this.classifier.forward(this.avgpool.forward(this.features.forward(x)));
  }
}

/**
 * A ConvNeXt: images [N, 3, 224, 224], or of any size from 32x32, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table and a rate that is no probability; `forward` ShapeError for images that are too small or have other channels.
 */
export function convnext(name: ConvNeXtName, options: ConvNeXtOptions = {}): ConvNeXt {
  return new ConvNeXt(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  minimumInput: [3, 32, 32],
  paper: "A ConvNet for the 2020s",
  authors: "Liu, Mao, Wu, Feichtenhofer, Darrell, Xie",
  year: 2022,
  url: "https://arxiv.org/abs/2201.03545",
};

// prettier-ignore
const published: Readonly<Record<ConvNeXtName, readonly Published[]>> = {
  convnext_tiny: [[1, "convnext_tiny-983f1562", 82.52, 236]],
  convnext_small: [[1, "convnext_small-0c510722", 83.616, 230]],
  convnext_base: [[1, "convnext_base-6075fbad", 84.062, 232]],
  convnext_large: [[1, "convnext_large-ea097f82", 84.414, 232]],
};

function* steps({ channels }: Row): Generator<Step> {
  for (const [index, width] of channels.entries()) {
    yield [`features.${2 * index}`, width, index === 0 ? 4 : 2];
    yield [`features.${2 * index + 1}`, width, 1];
  }
}

/** What is known of a {@link convnext}. @throws AttributeError for a name that is not in the table. */
export function convnextInfo(name: ConvNeXtName): ModelInfo {
  const row = rowOf("convnext", rows, name);
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
