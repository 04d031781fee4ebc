// The first LeNets: of 1989, whose biases are not shared, and LeNet-1 of 1990, with subsampling layers.
import { Parameter, type Tensor, add, at, concat, pad } from "@stria/core";
import { AvgPool2d, Conv2d, Flatten, Linear, Module, checkOptions } from "@stria/layers";
import { checkImages, largestImage, smallestImage } from "./images.ts";
import {
  type ConnectionTable,
  SparseConv2d,
  TrainableSubsampling,
  firstValues,
  scaledTanh,
  seenMaps,
} from "./lenet-parts.ts";
import type { ModelInfo } from "./model-info.ts";

export interface LeNet1989Options {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 1. */
  readonly inChannels?: number;
}

/** Two pixels of background, -1, on every side. */
function withBackground(x: Tensor): Tensor {
  const side = [2, 2] as const;
  return pad(x, [[0, 0], [0, 0], side, side], -1);
}

/** Which 8 maps of H1 four maps each of H2 see. The paper: "a scheme that will not be described here". */
const h2Table: ConnectionTable = [
  [0, 1, 2, 3, 4, 5, 6, 7],
  [4, 5, 6, 7, 8, 9, 10, 11],
  [0, 1, 2, 3, 8, 9, 10, 11],
];

/** See {@link lenet1989}. */
export class LeNet1989 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly maximumSize: number;
  readonly h1_bias: Parameter;
  readonly h2_bias: Parameter;
  readonly h1: Conv2d;
  readonly h2: readonly Conv2d[];
  readonly flatten: Flatten = new Flatten();
  readonly h3: Linear = new Linear(12 * 4 * 4, 30, firstValues(12 * 4 * 4));
  readonly output: Linear;

  constructor(options: LeNet1989Options = {}) {
    super();
    const { numClasses = 10, inChannels = 1 } = options;
    checkOptions("lenet1989", options, { numClasses, inChannels });
    const [first, second] = [firstValues(inChannels * 25), firstValues(8 * 25)];
    this.inChannels = inChannels;
    this.h1_bias = new Parameter([12, 8, 8], first.biasInitialiser);
    this.h2_bias = new Parameter([12, 4, 4], second.biasInitialiser);
    this.h1 = new Conv2d(inChannels, 12, 5, { stride: 2, bias: false, ...first });
    this.h2 = h2Table.map(({ length }) => new Conv2d(length, 4, 5, { stride: 2, bias: false, ...second }));
    this.output = new Linear(30, numClasses, firstValues(30));
    this.minimumSize = smallestImage([this.h1], 8) - 4;
    this.maximumSize = largestImage([this.h1], 8) - 4;
  }

  /** x [N, inChannels, 16, 16], from -1 (background) to 1 -> [N, numClasses], from -1.7159 to 1.7159. */
  override forward(x: Tensor): Tensor {
    checkImages("lenet1989", this, x);
    const one = scaledTanh(add(this.h1.forward(withBackground(x)), this.h1_bias));
    const seen = seenMaps(withBackground(one), h2Table);
    const maps = concat(
      this.h2.map((convolution, index) => convolution.forward(at(seen, index))),
      1,
    );
    const two = scaledTanh(add(maps, this.h2_bias));
    const three = scaledTanh(this.h3.forward(this.flatten.forward(two)));
    return scaledTanh(this.output.forward(three));
  }
}

/**
 * The network of 1989 that read zip codes: images [N, 1, 16, 16] to [N, 10], 9,760 parameters and 64,660 connections. Kernels are shared over a map, biases are
 * not; the stride of 2 is in the convolutions. It is trained by the squared error against 1 for the right class and -1 for the others. The paper leaves
 * open which 8 of the 12 maps of H1 a map of H2 sees.
 * @throws ShapeError from `forward` for images of other sizes or channels.
 */
export function lenet1989(options: LeNet1989Options = {}): LeNet1989 {
  return new LeNet1989(options);
}

/** Which maps of H2 each of the 12 maps of H3 sees: 4 see one, 8 see two. */
const h3Table: ConnectionTable = [[0], [0, 1], [0, 1], [1], [0, 1], [0, 1], [2], [2, 3], [2, 3], [3], [2, 3], [2, 3]];

/** See {@link lenet1}. */
export class LeNet1 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly maximumSize: number;
  readonly h1: Conv2d;
  readonly h2: TrainableSubsampling = new TrainableSubsampling(4);
  readonly h3: SparseConv2d = new SparseConv2d(h3Table, 5);
  readonly h4: TrainableSubsampling = new TrainableSubsampling(12);
  readonly flatten: Flatten = new Flatten();
  readonly output: Linear;

  constructor(options: LeNet1989Options = {}) {
    super();
    const { numClasses = 10, inChannels = 1 } = options;
    checkOptions("lenet1", options, { numClasses, inChannels });
    this.inChannels = inChannels;
    this.h1 = new Conv2d(inChannels, 4, 5, firstValues(inChannels * 25));
    this.output = new Linear(12 * 4 * 4, numClasses, firstValues(12 * 4 * 4));
    const windows = [this.h1, new AvgPool2d(2), at(this.h3.maps, 0), new AvgPool2d(2)];
    this.minimumSize = smallestImage(windows, 4);
    this.maximumSize = largestImage(windows, 4);
  }

  /** x [N, inChannels, 28, 28], from -1 (background) to 1 -> [N, numClasses], from -1.7159 to 1.7159. */
  override forward(x: Tensor): Tensor {
    checkImages("lenet1", this, x);
    const two = scaledTanh(this.h2.forward(scaledTanh(this.h1.forward(x))));
    const four = scaledTanh(this.h4.forward(scaledTanh(this.h3.forward(two))));
    return scaledTanh(this.output.forward(this.flatten.forward(four)));
  }
}

/**
 * LeNet-1, the network of 1990: images [N, 1, 28, 28] to [N, 10], 2,578 parameters and 98,442 connections. Convolutions alternate with subsampling that
 * learns; H3 is sparse. Trained as {@link lenet1989}. The paper leaves open whether H1 and H3 are squashed before they are subsampled (here they are).
 * @throws ShapeError from `forward` for images whose last maps are not 4x4, or with other channels.
 */
export function lenet1(options: LeNet1989Options = {}): LeNet1 {
  return new LeNet1(options);
}

const digits = {
  task: "classification",
  numClasses: 10,
  preprocessing: { mean: [0.5], standardDeviation: [0.5], pad: 0 }, // background -1, ink 1
  weights: [],
} as const;

export const lenet1989Info: ModelInfo = {
  ...digits,
  name: "lenet_1989",
  paper: "Backpropagation Applied to Handwritten Zip Code Recognition",
  authors: "LeCun, Boser, Denker, Henderson, Howard, Hubbard, Jackel",
  year: 1989,
  url: "https://doi.org/10.1162/neco.1989.1.4.541",
  parameters: 9760,
  multiplyAdds: 63_660,
  inputShape: [1, 16, 16],
  minimumInput: [1, 15, 15],
  stages: [{ name: "h1", channels: 12, stride: 2 }],
};

export const lenet1Info: ModelInfo = {
  ...digits,
  name: "lenet1_1990",
  paper: "Handwritten Digit Recognition with a Back-Propagation Network",
  authors: "LeCun, Boser, Denker, Henderson, Howard, Hubbard, Jackel",
  year: 1990,
  url: "https://papers.nips.cc/paper/1989/hash/53c3bce66e43be4f209556518c2fcb54-Abstract.html",
  parameters: 2578,
  multiplyAdds: 91_520,
  inputShape: [1, 28, 28],
  minimumInput: [1, 28, 28],
  stages: [
    { name: "h1", channels: 4, stride: 1 },
    { name: "h2", channels: 4, stride: 2 },
    { name: "h3", channels: 12, stride: 2 },
    { name: "h4", channels: 12, stride: 4 },
  ],
};
