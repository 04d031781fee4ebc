// Sentences by convolution (Kim 2014): windows of three, four and five words, of each filter the largest response, one dense layer.
import {
  AttributeError,
  type Initialiser,
  Parameter,
  type Tensor,
  add,
  concat,
  conv,
  max,
  relu,
  transpose,
} from "@stria/core";
import { Dropout, Embedding, Linear, Module, inLayer, initialisers, checkOptions } from "@stria/layers";
import { rowOf } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { checkWords } from "./words.ts";

export type TextCNNName = "text_cnn_rand" | "text_cnn_static" | "text_cnn_non_static" | "text_cnn_multichannel";

interface Row {
  /** Whether the word vectors are trained. */
  readonly trained: boolean;
  /** Whether a second copy of them, which is not, is read beside them. */
  readonly copied: boolean;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

/** Section 3.1 of the paper. Non-static differs from random in the vectors that it starts from. */
const rows: Readonly<Record<TextCNNName, Row>> = {
  text_cnn_rand: { trained: true, copied: false, parameters: 390_902, multiplyAdds: 6_060_600 },
  text_cnn_static: { trained: false, copied: false, parameters: 390_902, multiplyAdds: 6_060_600 },
  text_cnn_non_static: { trained: true, copied: false, parameters: 390_902, multiplyAdds: 6_060_600 },
  text_cnn_multichannel: { trained: true, copied: true, parameters: 420_902, multiplyAdds: 12_120_600 },
};

export interface TextCNNOptions {
  /** Default 2: for and against. */
  readonly numClasses?: number;
  /** Words that are told apart: at least as many as occur. Default 100. */
  readonly vocabulary?: number;
  /** Length of a word's vector. Default 300, that of word2vec. */
  readonly dimensions?: number;
  /** Words that a filter sees, for each group of filters. Default 3, 4, 5. */
  readonly windows?: readonly number[];
  /** Filters of each group. Default 100. */
  readonly filters?: number;
  /** Probability with which a feature is dropped before the dense layer. Default 0.5. */
  readonly dropout?: number;
  /** Word vectors to start from, [vocabulary, dimensions] row by row, such as word2vec's. Default uniform within 0.25, as the paper's unknown words. */
  readonly vectors?: Float32Array;
  /** The word that stands for nothing and fills short sentences up: its vector is 0 and stays 0. Default none. */
  readonly paddingIndex?: number;
}

/** One set of filters over several copies of the words; the results are added, the bias once. */
class SharedConv1d extends Module<[channels: readonly Tensor[]]> {
  readonly weight: Parameter;
  readonly bias: Parameter;

  constructor(inChannels: number, filters: number, window: number) {
    super();
    this.weight = new Parameter([filters, inChannels, window], initialisers.defaultWeight);
    this.bias = new Parameter([filters], initialisers.defaultBias(inChannels * window));
  }

  override forward([first, ...others]: readonly Tensor[]): Tensor {
    return inLayer(this, "SharedConv1d", () => {
      if (!first) throw new AttributeError("SharedConv1d", "there are no words", "give at least one copy");
      const sum = conv(first, this.weight, { bias: this.bias });
      return others.reduce((y, x) => add(y, conv(x, this.weight)), sum);
    });
  }
}

/** The word vectors' first values. @throws AttributeError for vectors of another size. */
function firstVectors({ vectors, vocabulary = 0, dimensions = 0 }: TextCNNOptions): Initialiser {
  if (!vectors) return initialisers.uniform(-0.25, 0.25);
  if (vectors.length !== vocabulary * dimensions)
    throw new AttributeError(
      "textCnn",
      `vectors has ${vectors.length} numbers`,
      `give ${vocabulary} x ${dimensions} = ${vocabulary * dimensions}, or the vocabulary and dimensions that they are of`,
    );
  return () => vectors.slice();
}

/** See {@link textCnn}. */
export class TextCNN extends Module {
  readonly minimumWords: number;
  readonly embedding: Embedding;
  /** The copy that is not trained. */
  readonly static_embedding: Embedding | null;
  readonly convs: readonly SharedConv1d[];
  readonly dropout: Dropout;
  readonly fc: Linear;

  constructor(name: TextCNNName, options: TextCNNOptions = {}) {
    super();
    const { trained, copied } = rowOf("textCnn", rows, name);
    const { numClasses = 2, vocabulary = 100, dimensions = 300, filters = 100, dropout = 0.5 } = options;
    const { windows = [3, 4, 5], paddingIndex } = options;
    const known = { numClasses, vocabulary, dimensions, filters, dropout, windows, paddingIndex, vectors: null };
    checkOptions("textCnn", options, known);
    if (windows.length === 0) throw new AttributeError("textCnn", "there are no windows", "give at least one: [3]");
    const weightInitialiser = firstVectors({ ...options, vocabulary, dimensions });
    const words = { weightInitialiser, ...(paddingIndex !== undefined && { paddingIndex }) };
    this.minimumWords = Math.max(...windows);
    this.embedding = new Embedding(vocabulary, dimensions, words);
    this.embedding.weight.trainable = trained;
    this.static_embedding = copied ? new Embedding(vocabulary, dimensions, words) : null;
    if (this.static_embedding) this.static_embedding.weight.trainable = false;
    this.convs = windows.map((window) => new SharedConv1d(dimensions, filters, window));
    this.dropout = new Dropout(dropout);
    this.fc = new Linear(filters * windows.length, numClasses);
  }

  /** Words [N, time], int32 -> logits [N, numClasses]. */
  override forward(words: Tensor): Tensor {
    checkWords("textCnn", words, this.minimumWords);
    const tables = [this.embedding, ...(this.static_embedding ? [this.static_embedding] : [])];
    const channels = tables.map((table) => transpose(table.forward(words), [0, 2, 1]));
    const largest = this.convs.map((layer) => max(relu(layer.forward(channels)), 2));
    return this.fc.forward(this.dropout.forward(concat(largest, 1)));
  }
}

/**
 * A convolutional network for sentences: numbers of words [N, time], at least 5, to logits [N, 2]. "text_cnn_rand" and "text_cnn_non_static" train the word
 * vectors, which the latter is given; "text_cnn_static" keeps those that it is given; "text_cnn_multichannel" reads them twice, once trained and once kept, with
 * the same filters, whose results are added. The paper keeps the norm of the weights of each class at 3 at most: `withMaxNorm` of `@stria/optimizers`.
 *
 * Source: Kim (2014), Convolutional Neural Networks for Sentence Classification.
 * @throws AttributeError for a name that is not in the table, no windows, and vectors of another size; `forward` ShapeError for sentences that are too short.
 * @example
 * const model = textCnn("text_cnn_rand", { vocabulary: 18_765 });
 * const optimizer = withMaxNorm(adadelta(), 3, "fc.weight");
 */
export function textCnn(name: TextCNNName, options: TextCNNOptions = {}): TextCNN {
  return new TextCNN(name, options);
}

/** What is known of a {@link textCnn}. @throws AttributeError for a name that is not in the table. */
export function textCnnInfo(name: TextCNNName): ModelInfo {
  const { parameters, multiplyAdds } = rowOf("textCnn", rows, name);
  return {
    name,
    task: "text",
    paper: "Convolutional Neural Networks for Sentence Classification",
    authors: "Kim",
    year: 2014,
    url: "https://arxiv.org/abs/1408.5882",
    parameters,
    multiplyAdds,
    inputShape: [20],
    minimumInput: [5],
    vocabulary: 100,
    numClasses: 2,
    preprocessing: null,
    stages: [0, 1, 2].map((index) => ({ name: `convs.${index}`, channels: 100, stride: 1 })),
    weights: [],
  };
}
