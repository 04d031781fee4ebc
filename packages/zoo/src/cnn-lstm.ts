// A convolutional network on every frame, and an LSTM over the frames (after Donahue et al. 2015).
import { ShapeError, type Tensor, at, relu, reshape, showShape, slice } from "@stria/core";
import { Conv2d, GlobalAvgPool, LSTM, Linear, Module, checkOptions } from "@stria/layers";
import { plainPixels } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

export interface CNNLSTMOptions {
  /** Default 5. */
  readonly numClasses?: number;
  /** Channels of a frame. Default 3. */
  readonly inChannels?: number;
  /** Units of the LSTM. Default 24. */
  readonly hidden?: number;
}

/** See {@link cnnLstm}. */
export class CNNLSTM extends Module {
  readonly inChannels: number;
  readonly conv1: Conv2d;
  readonly conv2: Conv2d = new Conv2d(8, 16, 3, { stride: 2, padding: 1 });
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly lstm: LSTM;
  readonly fc: Linear;

  constructor(options: CNNLSTMOptions = {}) {
    super();
    const { numClasses = 5, inChannels = 3, hidden = 24 } = options;
    checkOptions("cnnLstm", options, { numClasses, inChannels, hidden });
    this.inChannels = inChannels;
    this.conv1 = new Conv2d(inChannels, 8, 3, { stride: 2, padding: 1 });
    this.lstm = new LSTM(16, hidden, { batchFirst: true });
    this.fc = new Linear(hidden, numClasses);
  }

  /** x [N, frames, inChannels, height, width] -> logits [N, numClasses] after the last frame. */
  override forward(x: Tensor): Tensor {
    const [batch = 0, frames = 0, channels, height = 0, width = 0] = x.shape;
    if (x.rank !== 5 || channels !== this.inChannels || Math.min(frames, height, width) < 1)
      throw new ShapeError(
        "cnnLstm",
        `the input is ${showShape(x.shape)}`,
        `give films [N, frames, ${this.inChannels}, height, width] of at least 1 frame of 1x1`,
      );
    const images = reshape(x, [batch * frames, channels, height, width]);
    const seen = this.pool.forward(relu(this.conv2.forward(relu(this.conv1.forward(images)))));
    const { output } = this.lstm.forward(reshape(seen, [batch, frames, at(seen.shape, 1)]));
    const units = at(output.shape, 2);
    return this.fc.forward(reshape(slice(output, [0, frames - 1, 0], [batch, 1, units]), [batch, units]));
  }
}

/**
 * A small network for films: [N, frames, 3, height, width], of any length and size, to logits [N, 5], 5,549 parameters. Two convolutions and a mean look at
 * every frame, an LSTM at the frames in turn; its last state is classified. The sizes are not the paper's.
 *
 * Source: Donahue et al. (2015), Long-Term Recurrent Convolutional Networks for Visual Recognition and Description.
 * @throws ShapeError from `forward` for other inputs.
 */
export function cnnLstm(options: CNNLSTMOptions = {}): CNNLSTM {
  return new CNNLSTM(options);
}

export const cnnLstmInfo: ModelInfo = {
  name: "cnn_lstm",
  task: "video",
  paper: "Long-Term Recurrent Convolutional Networks for Visual Recognition and Description",
  authors: "Donahue, Hendricks, Rohrbach, Venugopalan, Guadarrama, Saenko, Darrell",
  year: 2015,
  url: "https://arxiv.org/abs/1411.4389",
  parameters: 5_549,
  multiplyAdds: 363_000,
  inputShape: [6, 3, 24, 20],
  minimumInput: [1, 3, 1, 1],
  numClasses: 5,
  preprocessing: /* @__PURE__ */ plainPixels(3),
  stages: [
    { name: "conv1", channels: 8, stride: 2 },
    { name: "conv2", channels: 16, stride: 4 },
  ],
  weights: [],
};
