// The goldens' small net of words, which no paper has: embedding, convolution over three words, GRU both ways, mean over time.
import { type Tensor, relu } from "@stria/core";
import { Conv1d, Embedding, GRU, Linear, Module } from "@stria/layers";

export interface ConvGruOptions {
  readonly vocabulary: number;
  readonly dimensions: number;
  readonly filters: number;
  readonly hidden: number;
  readonly numClasses: number;
}

export class ConvGru extends Module {
  readonly embedding: Embedding;
  readonly conv: Conv1d;
  readonly gru: GRU;
  readonly fc: Linear;

  constructor({ vocabulary, dimensions, filters, hidden, numClasses }: ConvGruOptions) {
    super();
    this.embedding = new Embedding(vocabulary, dimensions);
    this.conv = new Conv1d(dimensions, filters, 3, { padding: 1 });
    this.gru = new GRU(filters, hidden, { batchFirst: true, bidirectional: true });
    this.fc = new Linear(2 * hidden, numClasses);
  }

  /** Words [N, time], int32 -> logits [N, numClasses]. */
  override forward(words: Tensor): Tensor {
    const channels = this.conv.forward(this.embedding.forward(words).transpose([0, 2, 1]));
    const { output } = this.gru.forward(relu(channels).transpose([0, 2, 1]));
    return this.fc.forward(output.mean(1));
  }
}
