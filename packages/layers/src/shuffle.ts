// Rearrangements: between channels and places, and among channels.
import { AttributeError, ShapeError, type Shape, type Tensor, at, reshape, showShape, transpose } from "@stria/core";
import { axisFromZero, range } from "./axes.ts";
import { checkSizes } from "./check.ts";
import { Module, inLayer } from "./module.ts";

function checkImage(layer: string, x: Tensor): void {
  if (x.rank !== 4) throw new ShapeError(layer, `the input is ${showShape(x.shape)}`, "give [batch, channels, H, W]");
}

function checkDivides(layer: string, what: string, length: number, divisor: number): void {
  if (!Number.isInteger(divisor) || divisor < 1 || length % divisor !== 0)
    throw new AttributeError(layer, `${what} ${length} is not a multiple of ${divisor}`, "choose another factor");
}

/**
 * Channels become places: [N, C factor^2, H, W] -> [N, C, H factor, W factor] (Shi et al. 2016).
 * @throws ShapeError, AttributeError where the channels do not divide.
 */
export function pixelShuffle(x: Tensor, factor: number): Tensor {
  checkImage("pixelShuffle", x);
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  checkDivides("pixelShuffle", "the number of channels", channels, factor * factor);
  const depth = channels / (factor * factor);
  const apart = reshape(x, [batch, depth, factor, factor, height, width]);
  return reshape(transpose(apart, [0, 1, 4, 2, 5, 3]), [batch, depth, height * factor, width * factor]);
}

/** Places become channels: [N, C, H factor, W factor] -> [N, C factor^2, H, W], the inverse of {@link pixelShuffle}. @throws as it. */
export function pixelUnshuffle(x: Tensor, factor: number): Tensor {
  checkImage("pixelUnshuffle", x);
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  checkDivides("pixelUnshuffle", "the height", height, factor);
  checkDivides("pixelUnshuffle", "the width", width, factor);
  const [rows, columns] = [height / factor, width / factor];
  const apart = reshape(x, [batch, channels, rows, factor, columns, factor]);
  return reshape(transpose(apart, [0, 1, 3, 5, 2, 4]), [batch, channels * factor * factor, rows, columns]);
}

/** The channels of x [N, C, ...], read as a table of `groups` rows, by columns (Zhang et al. 2018). @throws AttributeError. */
export function channelShuffle(x: Tensor, groups: number): Tensor {
  const [batch, channels, rest] = [at(x.shape, 0), at(x.shape, 1), x.shape.slice(2)];
  checkDivides("channelShuffle", "the number of channels", channels, groups);
  const apart = reshape(x, [batch, groups, channels / groups, ...rest]);
  return reshape(transpose(apart, [0, 2, 1, ...range(rest.length).map((axis) => axis + 3)]), x.shape);
}

/** {@link pixelShuffle} as a layer. */
export class PixelShuffle extends Module {
  readonly factor: number;

  constructor(factor: number) {
    super();
    checkSizes("PixelShuffle", { factor });
    this.factor = factor;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "PixelShuffle", () => pixelShuffle(x, this.factor));
  }
}

/** {@link pixelUnshuffle} as a layer. */
export class PixelUnshuffle extends Module {
  readonly factor: number;

  constructor(factor: number) {
    super();
    checkSizes("PixelUnshuffle", { factor });
    this.factor = factor;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "PixelUnshuffle", () => pixelUnshuffle(x, this.factor));
  }
}

/** {@link channelShuffle} as a layer. */
export class ChannelShuffle extends Module {
  readonly groups: number;

  constructor(groups: number) {
    super();
    checkSizes("ChannelShuffle", { groups });
    this.groups = groups;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "ChannelShuffle", () => channelShuffle(x, this.groups));
  }
}

/** One axis as several: `new Unflatten(1, [8, 4, 4])` takes [N, 128] to [N, 8, 4, 4]. @throws ShapeError where the sizes do not multiply to it. */
export class Unflatten extends Module {
  readonly axis: number;
  readonly sizes: Shape;

  constructor(axis: number, sizes: Shape) {
    super();
    this.axis = axis;
    this.sizes = sizes;
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "Unflatten", () =>
      reshape(x, x.shape.toSpliced(axisFromZero("Unflatten", this.axis, x.rank), 1, ...this.sizes)),
    );
  }
}

/** An {@link Unflatten} of the features: [N, product] -> [N, ...sizes]. */
export function unflatten(sizes: Shape): Unflatten {
  return new Unflatten(1, sizes);
}
