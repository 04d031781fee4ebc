// LeNet-5 as published (LeCun, Bottou, Bengio & Haffner 1998): sparse C3, subsampling that learns, distances to drawn codes, and their loss.
import {
  AttributeError,
  type Initialiser,
  ShapeError,
  State,
  type Tensor,
  at,
  checkHostData,
  concat,
  fillUniform,
  full,
  neg,
  showShape,
  sizeOf,
  square,
  sub,
  sum,
} from "@stria/core";
import {
  AvgPool2d,
  Conv2d,
  Flatten,
  Linear,
  type LossOptions,
  Module,
  crossEntropy,
  inLayer,
  checkOptions,
} from "@stria/layers";
import { digitImages } from "./digit-images.ts";
import { largestImage, smallestImage } from "./images.ts";
import { type ConnectionTable, SparseConv2d, TrainableSubsampling, firstValues, scaledTanh } from "./lenet-parts.ts";
import { digitCodes } from "./lenet-codes.ts";
import type { ModelInfo } from "./model-info.ts";

export interface LeNet5OriginalOptions {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 1. */
  readonly inChannels?: number;
}

/** Table I of the paper: which maps of S2 each of the 16 maps of C3 sees. */
const c3Table: ConnectionTable = [
  [0, 1, 2],
  [1, 2, 3],
  [2, 3, 4],
  [3, 4, 5],
  [0, 4, 5],
  [0, 1, 5],
  [0, 1, 2, 3],
  [1, 2, 3, 4],
  [2, 3, 4, 5],
  [0, 3, 4, 5],
  [0, 1, 4, 5],
  [0, 1, 2, 5],
  [0, 1, 3, 4],
  [1, 2, 4, 5],
  [0, 2, 3, 5],
  [0, 1, 2, 3, 4, 5],
];

/** The drawn codes of the digits for the first ten classes; +1 and -1, drawn by lot, for further ones. */
const firstCodes: Initialiser = (shape, key) => {
  const [codes, drawn] = [new Float32Array(sizeOf(shape)), digitCodes()];
  fillUniform(key, 0, codes);
  for (const [index, value] of codes.entries()) codes[index] = drawn[index] ?? (value < 0.5 ? -1 : 1);
  return codes;
};

/** Squared distance to the code of each class: x [N, 84] -> [N, numClasses]. The codes are fixed. */
class RadialBasis extends Module {
  readonly centers: State;

  constructor(features: number, numClasses: number) {
    super();
    if (!Number.isSafeInteger(numClasses) || numClasses < 1)
      throw new AttributeError("lenet5Original", `numClasses is ${numClasses}`, "use a whole number >= 1");
    this.centers = new State([numClasses, features], firstCodes);
  }

  override forward(x: Tensor): Tensor {
    return inLayer(this, "RadialBasis", () =>
      sum(square(sub(x.reshape([at(x.shape, 0), 1, at(x.shape, 1)]), this.centers.value)), 2),
    );
  }
}

/** See {@link lenet5Original}. */
export class LeNet5Original extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly maximumSize: number;
  readonly c1: Conv2d;
  readonly s2: TrainableSubsampling = new TrainableSubsampling(6);
  readonly c3: SparseConv2d = new SparseConv2d(c3Table, 5);
  readonly s4: TrainableSubsampling = new TrainableSubsampling(16);
  readonly c5: Conv2d = new Conv2d(16, 120, 5, firstValues(16 * 25));
  readonly flatten: Flatten = new Flatten();
  readonly f6: Linear = new Linear(120, 84, firstValues(120));
  readonly rbf: RadialBasis;

  constructor(options: LeNet5OriginalOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 1 } = options;
    checkOptions("lenet5Original", options, { numClasses, inChannels });
    this.inChannels = inChannels;
    this.c1 = new Conv2d(inChannels, 6, 5, firstValues(inChannels * 25));
    this.rbf = new RadialBasis(84, numClasses);
    const windows = [this.c1, new AvgPool2d(2), at(this.c3.maps, 0), new AvgPool2d(2), this.c5];
    this.minimumSize = smallestImage(windows);
    this.maximumSize = largestImage(windows);
  }

  /** x [N, inChannels, 32, 32] (or 28x28, which get a border of background, -0.1) -> distances [N, numClasses], of which the smallest wins. */
  override forward(x: Tensor): Tensor {
    const { inChannels, minimumSize, maximumSize } = this;
    const image = digitImages("lenet5Original", { inChannels, minimumSize, maximumSize }, x, -0.1);
    const two = scaledTanh(this.s2.forward(scaledTanh(this.c1.forward(image))));
    const four = scaledTanh(this.s4.forward(scaledTanh(this.c3.forward(two))));
    const five = scaledTanh(this.c5.forward(four));
    return this.rbf.forward(scaledTanh(this.f6.forward(this.flatten.forward(five))));
  }
}

/**
 * LeNet-5 as published: images [N, 1, 32, 32] to the squared distances [N, 10] of F6 from each class's code; the smallest wins. 60,000 trainable
 * parameters and 340,908 connections; train it with {@link rbfMapLoss}.
 *
 * The codes `rbf.centers` [numClasses, 84] are fixed. The paper draws its bitmaps of 7x12 pixels and does not list them, so these are drawn anew: class 0 to 9 are
 * the digits. Classes beyond ten get random codes of +1 and -1, other ones for another seed; fewer take the first digits.
 * @throws AttributeError for numbers of classes below 1; ShapeError from `forward` for images on which C5 is not 1x1, or with other channels.
 */
export function lenet5Original(options: LeNet5OriginalOptions = {}): LeNet5Original {
  return new LeNet5Original(options);
}

export interface RbfMapLossOptions extends LossOptions {
  /** The constant j > 0: where all classes are further away than this, pushing them away brings nothing more. The paper gives no number. Default 0.1. */
  readonly j?: number;
}

/**
 * Equation 9 of the paper: y_label + log(e^-j + sum over classes of e^-y), for distances y [N, classes] and labels [N] (int32 or uint8). It pulls the right
 * class's distance down and pushes the others up; e^-j stands for an image that is no class at all.
 * @throws ShapeError unless the distances are [N, classes]; AttributeError for a j that is no number above 0, and for labels out of range that are on the host.
 */
export function rbfMapLoss(distances: Tensor, labels: Tensor, options: RbfMapLossOptions = {}): Tensor {
  const { j = 0.1, ...rest } = options;
  if (!(Number.isFinite(j) && j > 0))
    throw new AttributeError("rbfMapLoss", `j is ${String(j)}`, "use a number above 0");
  if (distances.rank !== 2)
    throw new ShapeError("rbfMapLoss", `the distances are ${showShape(distances.shape)}`, "give [N, classes]");
  const [batch, classes] = [at(distances.shape, 0), at(distances.shape, 1)];
  checkHostData(labels, (data) => {
    if (data.some((label) => label === classes))
      // a class of the cross-entropy below, but none of the model's
      throw new AttributeError(
        "rbfMapLoss",
        `label ${classes} is not one of ${classes} classes`,
        `use labels from 0 to ${classes - 1}`,
      );
  });
  // The cross-entropy of -y beside one more logit, -j: -log(e^-y_label / (e^-j + sum of e^-y)).
  return crossEntropy(concat([neg(distances), full([batch, 1], -j)], 1), labels, rest);
}

export const lenet5OriginalInfo: ModelInfo = {
  name: "lenet5_1998",
  task: "classification",
  paper: "Gradient-Based Learning Applied to Document Recognition",
  authors: "LeCun, Bottou, Bengio, Haffner",
  year: 1998,
  url: "https://doi.org/10.1109/5.726791",
  parameters: 60_000,
  multiplyAdds: 325_680,
  inputShape: [1, 32, 32],
  minimumInput: [1, 28, 28],
  numClasses: 10,
  // Background -0.1 and ink 1.175: mean 0, variance 1. The border is the model's own.
  preprocessing: { mean: [0.1 / 1.275], standardDeviation: [1 / 1.275], pad: 0 },
  stages: [
    { name: "c1", channels: 6, stride: 1 },
    { name: "s2", channels: 6, stride: 2 },
    { name: "c3", channels: 16, stride: 2 },
    { name: "s4", channels: 16, stride: 4 },
    { name: "c5", channels: 120, stride: 4 },
  ],
  weights: [],
};
