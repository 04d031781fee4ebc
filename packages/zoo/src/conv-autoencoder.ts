// A convolutional autoencoder: an image through a code that is a sixteenth as large in area, and back.
import { type Tensor, relu, sigmoid } from "@stria/core";
import { Conv2d, ConvTranspose2d, Module, checkOptions } from "@stria/layers";
import { checkImages, plainPixels } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

export interface ConvAutoencoderOptions {
  /** Default 1. */
  readonly inChannels?: number;
  /** Channels after the first convolution; the code has twice as many. Default 8. */
  readonly base?: number;
}

/** See {@link convAutoencoder}. */
export class ConvAutoencoder extends Module {
  readonly inChannels: number;
  readonly minimumSize: number = 1;
  readonly encoder1: Conv2d;
  readonly encoder2: Conv2d;
  readonly decoder1: ConvTranspose2d;
  readonly decoder2: ConvTranspose2d;

  constructor(options: ConvAutoencoderOptions = {}) {
    super();
    const { inChannels = 1, base = 8 } = options;
    checkOptions("convAutoencoder", options, { inChannels, base });
    const halve = { stride: 2, padding: 1 };
    const double = { ...halve, outputPadding: 1 };
    this.inChannels = inChannels;
    this.encoder1 = new Conv2d(inChannels, base, 3, halve);
    this.encoder2 = new Conv2d(base, 2 * base, 3, halve);
    this.decoder1 = new ConvTranspose2d(2 * base, base, 3, double);
    this.decoder2 = new ConvTranspose2d(base, inChannels, 3, double);
  }

  /** x [N, inChannels, height, width] -> its code [N, 2 base, height / 4, width / 4]. */
  encode(x: Tensor): Tensor {
    checkImages("convAutoencoder", this, x);
    return relu(this.encoder2.forward(relu(this.encoder1.forward(x))));
  }

  /** A code -> an image with pixels between 0 and 1. */
  decode(code: Tensor): Tensor {
    return sigmoid(this.decoder2.forward(relu(this.decoder1.forward(code))));
  }

  /** x [N, inChannels, height, width] -> its reconstruction, of the same shape. */
  override forward(x: Tensor): Tensor {
    return this.decode(this.encode(x));
  }
}

/**
 * A small convolutional autoencoder: images [N, 1, 28, 28], or of any size, with pixels between 0 and 1 to their reconstruction, 2,481 parameters. The
 * reconstruction has the image's size where that is a multiple of 4, else the next one. The sizes are from no paper.
 *
 * Source: Masci, Meier, Cireşan and Schmidhuber (2011), Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction.
 * @throws ShapeError from `forward` for images with other channels.
 */
export function convAutoencoder(options: ConvAutoencoderOptions = {}): ConvAutoencoder {
  return new ConvAutoencoder(options);
}

export const convAutoencoderInfo: ModelInfo = {
  name: "conv_autoencoder",
  task: "reconstruction",
  paper: "Stacked Convolutional Auto-Encoders for Hierarchical Feature Extraction",
  authors: "Masci, Meier, Cireşan, Schmidhuber",
  year: 2011,
  url: "https://doi.org/10.1007/978-3-642-21735-7_7",
  parameters: 2_481,
  multiplyAdds: 141_120,
  inputShape: [1, 28, 28],
  minimumInput: [1, 1, 1],
  numClasses: null,
  preprocessing: /* @__PURE__ */ plainPixels(1),
  stages: [
    { name: "encoder1", channels: 8, stride: 2 },
    { name: "encoder2", channels: 16, stride: 4 },
    { name: "decoder1", channels: 8, stride: 2 },
  ],
  weights: [],
};
