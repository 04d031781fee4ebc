// Inception v3 (Szegedy, Vanhoucke, Ioffe, Shlens & Wojna 2015): large windows factored into small ones and into rows and columns.
import { type Tensor, concat } from "@stria/core";
import {
  AvgPool2d,
  Dropout,
  GlobalAvgPool,
  Linear,
  MaxPool2d,
  Module,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { BasicConv } from "./basic-conv.ts";
import { checkImages, imageNet, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";
import { torchvisionWeights } from "./torchvision-weights.ts";

const one = (before: number, after: number): BasicConv => new BasicConv(before, after, 1);
const three = (before: number, after: number): BasicConv => new BasicConv(before, after, 3, { padding: 1 });
const halving = (before: number, after: number): BasicConv => new BasicConv(before, after, 3, { stride: 2 });
/** A window of one row, and of one column. */
const row = (before: number, after: number, length: number): BasicConv =>
  new BasicConv(before, after, [1, length], { padding: [0, (length - 1) / 2] });
const column = (before: number, after: number, length: number): BasicConv =>
  new BasicConv(before, after, [length, 1], { padding: [(length - 1) / 2, 0] });

function chain(x: Tensor, layers: readonly BasicConv[]): Tensor {
  return layers.reduce((y, layer) => layer.forward(y), x);
}

const average = (): AvgPool2d => new AvgPool2d(3, { stride: 1, padding: 1 });
const maximum = (): MaxPool2d => new MaxPool2d(3, { stride: 2 });

/** Figure 5 of the paper, at 35x35: 1x1; 5x5; two 3x3; a pool. */
class InceptionA extends Module {
  readonly branch1x1: BasicConv;
  readonly branch5x5_1: BasicConv;
  readonly branch5x5_2: BasicConv = new BasicConv(48, 64, 5, { padding: 2 });
  readonly branch3x3dbl_1: BasicConv;
  readonly branch3x3dbl_2: BasicConv = three(64, 96);
  readonly branch3x3dbl_3: BasicConv = three(96, 96);
  readonly pool: AvgPool2d = average();
  readonly branch_pool: BasicConv;

  constructor(inChannels: number, pooled: number) {
    super();
    this.branch1x1 = one(inChannels, 64);
    this.branch5x5_1 = one(inChannels, 48);
    this.branch3x3dbl_1 = one(inChannels, 64);
    this.branch_pool = one(inChannels, pooled);
  }

  override forward(x: Tensor): Tensor {
    const fives = chain(x, [this.branch5x5_1, this.branch5x5_2]);
    const threes = chain(x, [this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3]);
    return concat([this.branch1x1.forward(x), fives, threes, this.branch_pool.forward(this.pool.forward(x))], 1);
  }
}

/** From 35x35 to 17x17 (figure 10): 3x3; two 3x3; a pool. */
class InceptionB extends Module {
  readonly branch3x3: BasicConv = halving(288, 384);
  readonly branch3x3dbl_1: BasicConv = one(288, 64);
  readonly branch3x3dbl_2: BasicConv = three(64, 96);
  readonly branch3x3dbl_3: BasicConv = halving(96, 96);
  readonly pool: MaxPool2d = maximum();

  override forward(x: Tensor): Tensor {
    const threes = chain(x, [this.branch3x3dbl_1, this.branch3x3dbl_2, this.branch3x3dbl_3]);
    return concat([this.branch3x3.forward(x), threes, this.pool.forward(x)], 1);
  }
}

/** Figure 6 of the paper, at 17x17: 1x1; 7x7 as row and column; the same twice; a pool. */
class InceptionC extends Module {
  readonly branch1x1: BasicConv = one(768, 192);
  readonly branch7x7_1: BasicConv;
  readonly branch7x7_2: BasicConv;
  readonly branch7x7_3: BasicConv;
  readonly branch7x7dbl_1: BasicConv;
  readonly branch7x7dbl_2: BasicConv;
  readonly branch7x7dbl_3: BasicConv;
  readonly branch7x7dbl_4: BasicConv;
  readonly branch7x7dbl_5: BasicConv;
  readonly pool: AvgPool2d = average();
  readonly branch_pool: BasicConv = one(768, 192);

  constructor(inner: number) {
    super();
    this.branch7x7_1 = one(768, inner);
    this.branch7x7_2 = row(inner, inner, 7);
    this.branch7x7_3 = column(inner, 192, 7);
    this.branch7x7dbl_1 = one(768, inner);
    this.branch7x7dbl_2 = column(inner, inner, 7);
    this.branch7x7dbl_3 = row(inner, inner, 7);
    this.branch7x7dbl_4 = column(inner, inner, 7);
    this.branch7x7dbl_5 = row(inner, 192, 7);
  }

  override forward(x: Tensor): Tensor {
    const once = chain(x, [this.branch7x7_1, this.branch7x7_2, this.branch7x7_3]);
    const half = chain(x, [this.branch7x7dbl_1, this.branch7x7dbl_2, this.branch7x7dbl_3]);
    const twice = chain(half, [this.branch7x7dbl_4, this.branch7x7dbl_5]);
    return concat([this.branch1x1.forward(x), once, twice, this.branch_pool.forward(this.pool.forward(x))], 1);
  }
}

/** From 17x17 to 8x8. */
class InceptionD extends Module {
  readonly branch3x3_1: BasicConv = one(768, 192);
  readonly branch3x3_2: BasicConv = halving(192, 320);
  readonly branch7x7x3_1: BasicConv = one(768, 192);
  readonly branch7x7x3_2: BasicConv = row(192, 192, 7);
  readonly branch7x7x3_3: BasicConv = column(192, 192, 7);
  readonly branch7x7x3_4: BasicConv = halving(192, 192);
  readonly pool: MaxPool2d = maximum();

  override forward(x: Tensor): Tensor {
    const threes = chain(x, [this.branch3x3_1, this.branch3x3_2]);
    const sevens = chain(x, [this.branch7x7x3_1, this.branch7x7x3_2, this.branch7x7x3_3, this.branch7x7x3_4]);
    return concat([threes, sevens, this.pool.forward(x)], 1);
  }
}

/** Figure 7 of the paper, at 8x8: 1x1; 3x3 as row beside column; the same after another 3x3; a pool. */
class InceptionE extends Module {
  readonly branch1x1: BasicConv;
  readonly branch3x3_1: BasicConv;
  readonly branch3x3_2a: BasicConv = row(384, 384, 3);
  readonly branch3x3_2b: BasicConv = column(384, 384, 3);
  readonly branch3x3dbl_1: BasicConv;
  readonly branch3x3dbl_2: BasicConv = three(448, 384);
  readonly branch3x3dbl_3a: BasicConv = row(384, 384, 3);
  readonly branch3x3dbl_3b: BasicConv = column(384, 384, 3);
  readonly pool: AvgPool2d = average();
  readonly branch_pool: BasicConv;

  constructor(inChannels: number) {
    super();
    this.branch1x1 = one(inChannels, 320);
    this.branch3x3_1 = one(inChannels, 384);
    this.branch3x3dbl_1 = one(inChannels, 448);
    this.branch_pool = one(inChannels, 192);
  }

  override forward(x: Tensor): Tensor {
    const single = this.branch3x3_1.forward(x);
    const double = chain(x, [this.branch3x3dbl_1, this.branch3x3dbl_2]);
    const singles = [this.branch3x3_2a, this.branch3x3_2b].map((layer) => layer.forward(single));
    const doubles = [this.branch3x3dbl_3a, this.branch3x3dbl_3b].map((layer) => layer.forward(double));
    const pooled = this.branch_pool.forward(this.pool.forward(x));
    return concat([this.branch1x1.forward(x), ...singles, ...doubles, pooled], 1);
  }
}

/** A classifier on the maps of 17x17, which sends gradients into the layers before in training. */
class AuxiliaryHead extends Module {
  readonly pool: AvgPool2d = new AvgPool2d(5, { stride: 3 });
  readonly conv0: BasicConv = one(768, 128);
  readonly conv1: BasicConv = new BasicConv(128, 768, 5, { deviation: 0.01 });
  readonly average: GlobalAvgPool = new GlobalAvgPool();
  readonly fc: Linear;

  constructor(numClasses: number) {
    super();
    this.fc = new Linear(768, numClasses, { weightInitialiser: initialisers.truncatedNormal(0, 0.001) });
  }

  override forward(x: Tensor): Tensor {
    return this.fc.forward(this.average.forward(chain(this.pool.forward(x), [this.conv0, this.conv1])));
  }
}

export interface InceptionV3Options {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Whether it has the auxiliary head. Default true. */
  readonly auxiliaryHead?: boolean;
  /** Probability with which a feature is dropped before the classifier. Default 0.5. */
  readonly dropout?: number;
}

/** Logits [N, numClasses] of the end and of the auxiliary head, null where there is none. The usual loss is that of logits + 0.4 aux. */
export interface InceptionV3Outputs {
  readonly logits: Tensor;
  readonly aux: Tensor | null;
}

/** See {@link inceptionV3}. Its fields are named as torchvision's keys. */
export class InceptionV3 extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly Conv2d_1a_3x3: BasicConv;
  readonly Conv2d_2a_3x3: BasicConv = new BasicConv(32, 32, 3);
  readonly Conv2d_2b_3x3: BasicConv = three(32, 64);
  readonly maxpool1: MaxPool2d = maximum();
  readonly Conv2d_3b_1x1: BasicConv = one(64, 80);
  readonly Conv2d_4a_3x3: BasicConv = new BasicConv(80, 192, 3);
  readonly maxpool2: MaxPool2d = maximum();
  readonly Mixed_5b: InceptionA = new InceptionA(192, 32);
  readonly Mixed_5c: InceptionA = new InceptionA(256, 64);
  readonly Mixed_5d: InceptionA = new InceptionA(288, 64);
  readonly Mixed_6a: InceptionB = new InceptionB();
  readonly Mixed_6b: InceptionC = new InceptionC(128);
  readonly Mixed_6c: InceptionC = new InceptionC(160);
  readonly Mixed_6d: InceptionC = new InceptionC(160);
  readonly Mixed_6e: InceptionC = new InceptionC(192);
  readonly AuxLogits: AuxiliaryHead | null;
  readonly Mixed_7a: InceptionD = new InceptionD();
  readonly Mixed_7b: InceptionE = new InceptionE(1280);
  readonly Mixed_7c: InceptionE = new InceptionE(2048);
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly dropout: Dropout;
  readonly fc: Linear;

  constructor(options: InceptionV3Options = {}) {
    super();
    const { numClasses = 1000, inChannels = 3, auxiliaryHead = true, dropout = 0.5 } = options;
    checkOptions("inceptionV3", options, { numClasses, inChannels, auxiliaryHead, dropout });
    this.inChannels = inChannels;
    this.Conv2d_1a_3x3 = halving(inChannels, 32);
    const [first, second, third] = [this.Conv2d_1a_3x3.conv, this.Conv2d_2a_3x3.conv, this.Conv2d_4a_3x3.conv];
    const pools = [this.Mixed_6a.pool, this.Mixed_7a.pool];
    this.minimumSize = smallestImage([first, second, this.maxpool1, third, this.maxpool2, ...pools]);
    this.AuxLogits = auxiliaryHead ? new AuxiliaryHead(numClasses) : null;
    this.dropout = new Dropout(dropout);
    this.fc = new Linear(2048, numClasses, { weightInitialiser: initialisers.truncatedNormal(0, 0.1) });
  }

  /** Maps of 17x17, where the auxiliary head is. */
  #middle(x: Tensor): Tensor {
    checkImages("inceptionV3", this, x);
    const early = chain(x, [this.Conv2d_1a_3x3, this.Conv2d_2a_3x3, this.Conv2d_2b_3x3]);
    const later = chain(this.maxpool1.forward(early), [this.Conv2d_3b_1x1, this.Conv2d_4a_3x3]);
    const fives = [this.Mixed_5b, this.Mixed_5c, this.Mixed_5d];
    const sixes = [this.Mixed_6a, this.Mixed_6b, this.Mixed_6c, this.Mixed_6d, this.Mixed_6e];
    return [...fives, ...sixes].reduce((y, layer) => layer.forward(y), this.maxpool2.forward(later));
  }

  #logits(middle: Tensor): Tensor {
    const last = this.Mixed_7c.forward(this.Mixed_7b.forward(this.Mixed_7a.forward(middle)));
    return this.fc.forward(this.dropout.forward(this.pool.forward(last)));
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    return this.#logits(this.#middle(x));
  }

  /** x [N, inChannels, height, width] -> the logits and those of the auxiliary head, which wants about 299x299, for training. @throws as `forward`. */
  withAuxiliary(x: Tensor): InceptionV3Outputs {
    const middle = this.#middle(x);
    return { logits: this.#logits(middle), aux: this.AuxLogits?.forward(middle) ?? null };
  }
}

/**
 * Inception v3: images [N, 3, 299, 299], or of any size from 75x75, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws ShapeError from `forward` for images that are too small or have other channels.
 */
export function inceptionV3(options: InceptionV3Options = {}): InceptionV3 {
  return new InceptionV3(options);
}

export const inceptionV3Info: ModelInfo = {
  ...imageNet,
  name: "inception_v3",
  inputShape: [3, 299, 299],
  paper: "Rethinking the Inception Architecture for Computer Vision",
  authors: "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
  year: 2015,
  url: "https://arxiv.org/abs/1512.00567",
  minimumInput: [3, 75, 75],
  preprocessing: { mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5], pad: 0 },
  parameters: 27_161_264,
  multiplyAdds: 5_713_216_096,
  stages: /* @__PURE__ */ stagesOf([
    ["Conv2d_1a_3x3", 32, 2],
    ["Conv2d_2a_3x3", 32, 1],
    ["maxpool1", 64, 2],
    ["Conv2d_4a_3x3", 192, 1],
    ["maxpool2", 192, 2],
    ["Mixed_5b", 256, 1],
    ["Mixed_5d", 288, 1],
    ["Mixed_6a", 768, 2],
    ["Mixed_6b", 768, 1],
    ["Mixed_6e", 768, 1],
    ["Mixed_7a", 1280, 2],
    ["Mixed_7b", 2048, 1],
    ["Mixed_7c", 2048, 1],
  ]),
  weights: /* @__PURE__ */ torchvisionWeights([[1, "inception_v3_google-0cc3c7bd", 77.294, 342]], [3, 299, 299]),
};
