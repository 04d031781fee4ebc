// A stack of causal dilated convolutions as in WaveNet (van den Oord et al. 2016): what is predicted at a moment depends on the past alone.
import { AttributeError, ShapeError, type Tensor, add, mul, relu, showShape, sigmoid, tanh } from "@stria/core";
import { CausalConv1d, Conv1d, Module, checkOptions } from "@stria/layers";
import type { ModelInfo } from "./model-info.ts";

export interface WaveNetOptions {
  /** Levels that a sample may have. Default 32; the paper has 256. */
  readonly numClasses?: number;
  /** Channels of the signal: 1 where samples are numbers, as many as levels where they are one-hot. Default 1. */
  readonly inChannels?: number;
  /** Channels that pass from block to block. Default 16. */
  readonly channels?: number;
  /** Channels of what the blocks give to the output. Default 24. */
  readonly skipChannels?: number;
  /** Samples that a convolution sees. Default 2. */
  readonly kernel?: number;
  /** Distances between them, one for each block. Default 1, 2, 4, 8, 16, 32 and again. */
  readonly dilations?: readonly number[];
}

const doubling = [1, 2, 4, 8, 16, 32] as const;

/** z = tanh(filter * x) sigmoid(gate * x): x + residual(z) goes on, skip(z) goes to the output. Equation 2 and figure 4 of the paper. */
class GatedBlock extends Module<[x: Tensor], { readonly next: Tensor; readonly skip: Tensor }> {
  readonly filter: CausalConv1d;
  readonly gate: CausalConv1d;
  readonly residual: Conv1d;
  readonly skip: Conv1d;

  constructor(channels: number, skipChannels: number, kernel: number, dilation: number) {
    super();
    this.filter = new CausalConv1d(channels, channels, kernel, { dilation });
    this.gate = new CausalConv1d(channels, channels, kernel, { dilation });
    this.residual = new Conv1d(channels, channels, 1);
    this.skip = new Conv1d(channels, skipChannels, 1);
  }

  override forward(x: Tensor): { readonly next: Tensor; readonly skip: Tensor } {
    const z = mul(tanh(this.filter.forward(x)), sigmoid(this.gate.forward(x)));
    return { next: add(x, this.residual.forward(z)), skip: this.skip.forward(z) };
  }
}

/** See {@link wavenetStack}. */
export class WaveNetStack extends Module {
  readonly inChannels: number;
  /** Samples on which one prediction depends: 1 + (kernel - 1) (1 + the sum of the dilations). */
  readonly receptiveField: number;
  readonly input: CausalConv1d;
  readonly blocks: readonly GatedBlock[];
  readonly out1: Conv1d;
  readonly out2: Conv1d;

  constructor(options: WaveNetOptions = {}) {
    super();
    const { numClasses = 32, inChannels = 1, channels = 16, skipChannels = 24, kernel = 2 } = options;
    const { dilations = [...doubling, ...doubling] } = options;
    checkOptions("wavenetStack", options, { numClasses, inChannels, channels, skipChannels, kernel, dilations });
    if (dilations.length === 0)
      throw new AttributeError("wavenetStack", "there are no dilations", "give at least one: [1]");
    this.inChannels = inChannels;
    this.receptiveField = 1 + (kernel - 1) * (1 + dilations.reduce((sum, dilation) => sum + dilation, 0));
    this.input = new CausalConv1d(inChannels, channels, kernel);
    this.blocks = dilations.map((dilation) => new GatedBlock(channels, skipChannels, kernel, dilation));
    this.out1 = new Conv1d(skipChannels, skipChannels, 1);
    this.out2 = new Conv1d(skipChannels, numClasses, 1);
  }

  /** x [N, inChannels, time] -> logits of the sample after each [N, numClasses, time]. */
  override forward(x: Tensor): Tensor {
    if (x.rank !== 3 || x.shape[1] !== this.inChannels || x.shape[2] === 0)
      throw new ShapeError(
        "wavenetStack",
        `the input is ${showShape(x.shape)}`,
        `give signals [N, ${this.inChannels}, time] of at least 1 sample`,
      );
    let passed = this.input.forward(x);
    const skips = this.blocks.map((block) => {
      const { next, skip } = block.forward(passed);
      passed = next;
      return skip;
    });
    return this.out2.forward(relu(this.out1.forward(relu(skips.reduce((sum, skip) => add(sum, skip))))));
  }
}

/**
 * A WaveNet-like stack: signals [N, 1, time], of any length, to logits of the next sample at every moment [N, 32, time], 22,280 parameters. A prediction sees 128
 * samples: 2 and the sum of the dilations. The last block's residual goes nowhere, so that it has no gradient. The paper leaves the numbers of channels open.
 *
 * Source: van den Oord et al. (2016), WaveNet: A Generative Model for Raw Audio.
 * @throws AttributeError without dilations; `forward` ShapeError for other inputs.
 */
export function wavenetStack(options: WaveNetOptions = {}): WaveNetStack {
  return new WaveNetStack(options);
}

export const wavenetStackInfo: ModelInfo = {
  name: "wavenet_stack",
  task: "sound",
  paper: "WaveNet: A Generative Model for Raw Audio",
  authors: "van den Oord, Dieleman, Zen, Simonyan, Vinyals, Graves, Kalchbrenner, Senior, Kavukcuoglu",
  year: 2016,
  url: "https://arxiv.org/abs/1609.03499",
  parameters: 22_280,
  multiplyAdds: 3_415_040,
  inputShape: [1, 160],
  minimumInput: [1, 1],
  numClasses: 32,
  preprocessing: null,
  stages: [
    { name: "input", channels: 16, stride: 1 },
    ...[...doubling, ...doubling].map((_, index) => ({ name: `blocks.${index}.skip`, channels: 24, stride: 1 })),
  ],
  weights: [],
};
