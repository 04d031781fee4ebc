// U-Net (Ronneberger, Fischer & Brox 2015): down to the meaning, up to the pixels, with a shortcut at every size.
import { ShapeError, type Tensor, at, concat, relu, showShape, slice } from "@stria/core";
import { Conv2d, ConvTranspose2d, MaxPool2d, Module, initialisers, checkOptions } from "@stria/layers";
import { checkImages, plainPixels, rowOf } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

export interface UNetOptions {
  /** Default 2: inside and outside of a cell. */
  readonly numClasses?: number;
  /** Default 1. */
  readonly inChannels?: number;
  /** Channels at the first size; they double at each of the four below. Default 64. */
  readonly base?: number;
  /** Whether convolutions are padded, so that the output is as large as the input. Default false, as in the paper: 572x572 -> 388x388. */
  readonly padded?: boolean;
}

/** Section 3 of the paper: a deviation of sqrt(2 / N) for N incoming values. */
const weightInitialiser = /* @__PURE__ */ initialisers.kaimingNormal();

/** Two 3x3 convolutions, each followed by ReLU. */
class DoubleConv extends Module {
  readonly conv1: Conv2d;
  readonly conv2: Conv2d;

  constructor(inChannels: number, outChannels: number, padding: number) {
    super();
    this.conv1 = new Conv2d(inChannels, outChannels, 3, { padding, weightInitialiser });
    this.conv2 = new Conv2d(outChannels, outChannels, 3, { padding, weightInitialiser });
  }

  override forward(x: Tensor): Tensor {
    return relu(this.conv2.forward(relu(this.conv1.forward(x))));
  }
}

/** The middle of `x`, as high and wide as `like`. */
function cropTo(x: Tensor, like: Tensor): Tensor {
  const start = x.shape.map((length, axis) => (axis < 2 ? 0 : Math.floor((length - at(like.shape, axis)) / 2)));
  const size = x.shape.map((length, axis) => (axis < 2 ? length : at(like.shape, axis)));
  return slice(x, start, size);
}

/** Twice the size and half the channels, beside what the way down had at that size. */
class UpBlock extends Module<[x: Tensor, skip: Tensor]> {
  readonly upconv: ConvTranspose2d;
  readonly convs: DoubleConv;

  constructor(inChannels: number, outChannels: number, padding: number) {
    super();
    this.upconv = new ConvTranspose2d(inChannels, outChannels, 2, { stride: 2 });
    this.convs = new DoubleConv(2 * outChannels, outChannels, padding);
  }

  override forward(x: Tensor, skip: Tensor): Tensor {
    const larger = this.upconv.forward(x);
    return this.convs.forward(concat([cropTo(skip, larger), larger], 1));
  }
}

/** See {@link unet}. */
export class UNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly down: readonly DoubleConv[];
  readonly pool: MaxPool2d = new MaxPool2d(2);
  readonly bottom: DoubleConv;
  readonly up: readonly UpBlock[];
  readonly head: Conv2d;

  constructor(options: UNetOptions = {}) {
    super();
    const { numClasses = 2, inChannels = 1, base = 64, padded = false } = options;
    checkOptions("unet", options, { numClasses, inChannels, base, padded });
    this.inChannels = inChannels;
    this.minimumSize = padded ? 16 : 188;
    const padding = padded ? 1 : 0;
    const widths = [base, 2 * base, 4 * base, 8 * base];
    this.down = widths.map((width, index) => new DoubleConv(widths[index - 1] ?? inChannels, width, padding));
    this.bottom = new DoubleConv(8 * base, 16 * base, padding);
    this.up = widths.toReversed().map((width) => new UpBlock(2 * width, width, padding));
    this.head = new Conv2d(base, numClasses, 1, { weightInitialiser });
  }

  /** x [N, inChannels, height, width] -> scores of every pixel [N, numClasses, ...]. @throws ShapeError for sizes that four halvings do not divide. */
  override forward(x: Tensor): Tensor {
    checkImages("unet", this, x);
    const skips: Tensor[] = [];
    let y = x;
    for (const block of this.down) {
      const skip = block.forward(y);
      if (skip.shape.slice(2).some((length) => length % 2 !== 0))
        throw new ShapeError(
          "unet",
          `an input of ${showShape(x.shape)} becomes ${showShape(skip.shape)} on the way down, which cannot be halved`,
          "padded: use multiples of 16; else 188, 204, 220, ..., 572",
        );
      skips.push(skip);
      y = this.pool.forward(skip);
    }
    y = this.bottom.forward(y);
    for (const [index, block] of this.up.entries()) y = block.forward(y, at(skips, skips.length - 1 - index));
    return this.head.forward(y);
  }
}

/**
 * U-Net: images [N, 1, 572, 572] to scores of every pixel [N, 2, 388, 388], 31,030,658 parameters; with `padded` the output is as large as the input. The paper leaves open
 * which half comes first where they are joined (here what came down), and has a dropout of unknown rate at the bottom (here none).
 *
 * Source: Ronneberger, Fischer and Brox (2015), U-Net: Convolutional Networks for Biomedical Image Segmentation.
 */
export function unet(options: UNetOptions = {}): UNet {
  return new UNet(options);
}

export type UNetName = "unet" | "unet_padded";

const rows: Readonly<Record<UNetName, Pick<ModelInfo, "multiplyAdds" | "inputShape" | "minimumInput">>> = {
  unet: { multiplyAdds: 150_428_424_448, inputShape: [1, 572, 572], minimumInput: [1, 188, 188] },
  unet_padded: { multiplyAdds: 192_384_335_872, inputShape: [1, 512, 512], minimumInput: [1, 16, 16] },
};

/** A {@link unet} by its name in the registry. @throws AttributeError for a name that is not in the table. */
export function unetByName(name: UNetName, options: Omit<UNetOptions, "padded"> = {}): UNet {
  rowOf("unet", rows, name);
  return unet({ ...options, padded: name === "unet_padded" });
}

/** What is known of a {@link unet}. @throws AttributeError for a name that is not in the table. */
export function unetInfo(name: UNetName): ModelInfo {
  return {
    ...rowOf("unet", rows, name),
    name,
    task: "segmentation",
    paper: "U-Net: Convolutional Networks for Biomedical Image Segmentation",
    authors: "Ronneberger, Fischer, Brox",
    year: 2015,
    url: "https://arxiv.org/abs/1505.04597",
    parameters: 31_030_658,
    numClasses: 2,
    preprocessing: plainPixels(1),
    stages: [
      { name: "down.0", channels: 64, stride: 1 },
      { name: "down.1", channels: 128, stride: 2 },
      { name: "down.2", channels: 256, stride: 4 },
      { name: "down.3", channels: 512, stride: 8 },
      { name: "bottom", channels: 1024, stride: 16 },
      { name: "up.0", channels: 512, stride: 8 },
      { name: "up.1", channels: 256, stride: 4 },
      { name: "up.2", channels: 128, stride: 2 },
      { name: "up.3", channels: 64, stride: 1 },
    ],
    weights: [],
  };
}
