// A small net of words: vectors, a convolution over three of them, a GRU that reads both ways, and the mean of what it says.
import { type Tensor, relu, transpose } from "@stria/core";
import { Conv1d, Embedding, GRU, Linear, Module, checkOptions } from "@stria/layers";
import type { ModelInfo } from "./model-info.ts";
import { checkWords } from "./words.ts";

export interface ConvGRUOptions {
  /** Default 4. */
  readonly numClasses?: number;
  /** Words that are told apart. Default 50. */
  readonly vocabulary?: number;
  /** Length of a word's vector. Default 12. */
  readonly dimensions?: number;
  /** Channels of the convolution. Default 16. */
  readonly filters?: number;
  /** Units of the GRU in each direction. Default 10. */
  readonly hidden?: number;
}

/** See {@link convGru}. */
export class ConvGRU extends Module {
  readonly embedding: Embedding;
  readonly conv: Conv1d;
  readonly gru: GRU;
  readonly fc: Linear;

  constructor(options: ConvGRUOptions = {}) {
    super();
    const { numClasses = 4, vocabulary = 50, dimensions = 12, filters = 16, hidden = 10 } = options;
    checkOptions("convGru", options, { numClasses, vocabulary, dimensions, filters, hidden });
    this.embedding = new Embedding(vocabulary, dimensions);
    this.conv = new Conv1d(dimensions, filters, 3, { padding: 1 });
    this.gru = new GRU(filters, hidden, { batchFirst: true, bidirectional: true });
    this.fc = new Linear(2 * hidden, numClasses);
  }

  /** Words [N, time], int32 -> logits [N, numClasses]. */
  override forward(words: Tensor): Tensor {
    checkWords("convGru", words, 1);
    const maps = relu(this.conv.forward(transpose(this.embedding.forward(words), [0, 2, 1])));
    const { output } = this.gru.forward(transpose(maps, [0, 2, 1]));
    return this.fc.forward(output.mean(1));
  }
}

/**
 * Convolution and recurrence over text: numbers of words [N, time], of any length, to logits [N, 4], 2,956 parameters. The sizes are from no paper.
 *
 * Source of the unit: Cho et al. (2014), Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation.
 * @throws ShapeError from `forward` for other inputs.
 */
export function convGru(options: ConvGRUOptions = {}): ConvGRU {
  return new ConvGRU(options);
}

export const convGruInfo: ModelInfo = {
  name: "conv_gru",
  task: "text",
  paper: "Learning Phrase Representations using RNN Encoder-Decoder for Statistical Machine Translation",
  authors: "Cho, van Merriënboer, Gulcehre, Bahdanau, Bougares, Schwenk, Bengio",
  year: 2014,
  url: "https://arxiv.org/abs/1406.1078",
  parameters: 2_956,
  multiplyAdds: 5_264,
  inputShape: [9],
  minimumInput: [1],
  vocabulary: 50,
  numClasses: 4,
  preprocessing: null,
  stages: [{ name: "conv", channels: 16, stride: 1 }],
  weights: [],
};
