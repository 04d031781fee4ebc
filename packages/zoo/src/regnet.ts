// RegNet (Radosavovic et al. 2020): a space of networks whose widths lie near a straight line; X plain, Y with squeeze and excitation.
import { type Tensor, add, relu } from "@stria/core";
import { GlobalAvgPool, Linear, Module, ReLU, type Sequential, initialisers, checkOptions } from "@stria/layers";
import { convNormActivation } from "./conv-norm-activation.ts";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { nearestMultiple } from "./multiples.ts";
import { NamedLayers } from "./named-layers.ts";
import { SqueezeExcitation } from "./squeeze-excitation.ts";
import { type Step, stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

const activation = ReLU;

interface BlockOptions {
  readonly inChannels: number;
  readonly outChannels: number;
  readonly stride: number;
  /** Channels of a group of the 3x3 convolution. */
  readonly groupWidth: number;
  readonly squeezes: boolean;
}

/** 1x1, 3x3 in groups, 1x1, as many channels throughout, beside a shortcut. */
class Block extends Module {
  readonly proj: Sequential | null;
  readonly f: NamedLayers;

  constructor({ inChannels, outChannels, stride, groupWidth, squeezes }: BlockOptions) {
    super();
    this.proj =
      stride === 1 && inChannels === outChannels ? null : convNormActivation(inChannels, outChannels, { stride });
    this.f = new NamedLayers({
      a: convNormActivation(inChannels, outChannels, { activation }),
      b: convNormActivation(outChannels, outChannels, {
        kernel: 3,
        stride,
        groups: outChannels / groupWidth,
        activation,
      }),
      ...(squeezes && { se: new SqueezeExcitation(outChannels, inChannels / 4) }),
      c: convNormActivation(outChannels, outChannels),
    });
  }

  override forward(x: Tensor): Tensor {
    return relu(add(this.proj?.forward(x) ?? x, this.f.forward(x)));
  }
}

interface Row {
  /** Blocks in all. */
  readonly depth: number;
  /** Width of the first block, and by how much it grows from block to block. */
  readonly w0: number;
  readonly wa: number;
  /** Widths are w0 times a power of it. */
  readonly wm: number;
  /** Channels of a group. */
  readonly g: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

type Size = "400mf" | "800mf" | "1_6gf" | "3_2gf" | "8gf" | "16gf" | "32gf";

export type RegNetName = `regnet_${"x" | "y"}_${Size}`;

/** Tables of the paper's appendix, as the authors' code has them. */
// prettier-ignore
const rows: Readonly<Record<RegNetName, Row>> = {
  regnet_x_400mf: { depth: 22, w0: 24, wa: 24.48, wm: 2.54, g: 16, parameters: 5_495_976, multiplyAdds: 413_812_608 },
  regnet_x_800mf: { depth: 16, w0: 56, wa: 35.73, wm: 2.28, g: 16, parameters: 7_259_656, multiplyAdds: 799_699_712 },
  regnet_x_1_6gf: { depth: 18, w0: 80, wa: 34.01, wm: 2.25, g: 24, parameters: 9_190_136, multiplyAdds: 1_602_849_792 },
  regnet_x_3_2gf: { depth: 25, w0: 88, wa: 26.31, wm: 2.25, g: 48, parameters: 15_296_552, multiplyAdds: 3_176_621_952 },
  regnet_x_8gf: { depth: 23, w0: 80, wa: 49.56, wm: 2.88, g: 120, parameters: 39_572_648, multiplyAdds: 7_995_132_416 },
  regnet_x_16gf: { depth: 22, w0: 216, wa: 55.59, wm: 2.1, g: 128, parameters: 54_278_536, multiplyAdds: 15_940_755_456 },
  regnet_x_32gf: { depth: 23, w0: 320, wa: 69.86, wm: 2, g: 168, parameters: 107_811_560, multiplyAdds: 31_735_929_792 },
  regnet_y_400mf: { depth: 16, w0: 48, wa: 27.89, wm: 2.09, g: 8, parameters: 4_344_144, multiplyAdds: 401_842_848 },
  regnet_y_800mf: { depth: 14, w0: 56, wa: 38.84, wm: 2.4, g: 16, parameters: 6_432_512, multiplyAdds: 833_856_256 },
  regnet_y_1_6gf: { depth: 27, w0: 48, wa: 20.71, wm: 2.65, g: 24, parameters: 11_202_430, multiplyAdds: 1_612_076_160 },
  regnet_y_3_2gf: { depth: 21, w0: 80, wa: 42.63, wm: 2.66, g: 24, parameters: 19_436_338, multiplyAdds: 3_176_482_752 },
  regnet_y_8gf: { depth: 17, w0: 192, wa: 76.82, wm: 2.19, g: 56, parameters: 39_381_472, multiplyAdds: 8_473_070_592 },
  regnet_y_16gf: { depth: 18, w0: 200, wa: 106.23, wm: 2.48, g: 112, parameters: 83_590_140, multiplyAdds: 15_911_510_272 },
  regnet_y_32gf: { depth: 20, w0: 232, wa: 115.89, wm: 2.53, g: 232, parameters: 145_046_770, multiplyAdds: 32_279_552_832 },
};

interface Widths {
  readonly width: number;
  readonly blocks: number;
  readonly groupWidth: number;
}

/** The nearest integer; of two the even one, as the authors' code rounds. */
function rounded(x: number): number {
  const nearest = Math.round(x);
  return nearest - x === 0.5 && nearest % 2 === 1 ? nearest - 1 : nearest;
}

/** Equations 2 to 4 of the paper: a line of widths, each taken to the nearest w0 wm^n and to a multiple of 8; equal ones are a stage. */
function widthsOf({ depth, w0, wa, wm, g }: Row): Widths[] {
  const counts = new Map<number, number>();
  for (let block = 0; block < depth; block++) {
    const power = rounded(Math.log((w0 + wa * block) / w0) / Math.log(wm));
    const width = rounded((w0 * wm ** power) / 8) * 8;
    counts.set(width, (counts.get(width) ?? 0) + 1);
  }
  return [...counts].map(([width, blocks]) => {
    const groupWidth = Math.min(g, width);
    return { width: nearestMultiple(width, groupWidth), blocks, groupWidth };
  });
}

export interface RegNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** See {@link regnet}. */
export class RegNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly stem: Sequential;
  readonly trunk_output: NamedLayers; // part of published keys, so it keeps its spelling
  readonly pool: GlobalAvgPool = new GlobalAvgPool();
  readonly fc: Linear;

  constructor(name: RegNetName, options: RegNetOptions = {}) {
    super();
    const { numClasses = 1000, inChannels = 3 } = options;
    checkOptions("regnet", options, { numClasses, inChannels });
    const row = rowOf("regnet", rows, name);
    const squeezes = name.startsWith("regnet_y");
    let before = 32;
    this.inChannels = inChannels;
    this.stem = convNormActivation(inChannels, before, { kernel: 3, stride: 2, activation });
    this.minimumSize = smallestImage(this.stem);
    const trunk: Record<string, Module> = {};
    for (const [index, { width, blocks, groupWidth }] of widthsOf(row).entries()) {
      const stage: Record<string, Module> = {};
      for (let block = 0; block < blocks; block++) {
        const sizes = { outChannels: width, stride: block === 0 ? 2 : 1, groupWidth, squeezes };
        stage[`block${index + 1}-${block}`] = new Block({ inChannels: before, ...sizes });
        before = width;
      }
      trunk[`block${index + 1}`] = new NamedLayers(stage);
    }
    this.trunk_output = new NamedLayers(trunk);
    const weightInitialiser = initialisers.normal(0, 0.01);
    this.fc = new Linear(before, numClasses, { weightInitialiser, biasInitialiser: initialisers.zeros });
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("regnet", this, x);
    return this.fc.forward(this.pool.forward(this.trunk_output.forward(this.stem.forward(x))));
  }
}

/**
 * A RegNet: images [N, 3, 224, 224], or of any size, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images with other channels.
 * @example const model = regnet("regnet_y_400mf", { numClasses: 10 });
 */
export function regnet(name: RegNetName, options: RegNetOptions = {}): RegNet {
  return new RegNet(name, options);
}

const family: FamilyInfo = {
  ...imageNet,
  paper: "Designing Network Design Spaces",
  authors: "Radosavovic, Kosaraju, Girshick, He, Dollár",
  year: 2020,
  url: "https://arxiv.org/abs/2003.13678",
};

// prettier-ignore
const published: Readonly<Record<RegNetName, readonly Published[]>> = {
  regnet_x_400mf: [[2, "regnet_x_400mf-62229a5f", 74.864, 232], [1, "regnet_x_400mf-adf1edd5", 72.834]],
  regnet_x_800mf: [[2, "regnet_x_800mf-94a99ebd", 77.522, 232], [1, "regnet_x_800mf-ad17e45c", 75.212]],
  regnet_x_1_6gf: [[2, "regnet_x_1_6gf-a12f2b72", 79.668, 232], [1, "regnet_x_1_6gf-e3633e7f", 77.04]],
  regnet_x_3_2gf: [[2, "regnet_x_3_2gf-7071aa85", 81.196, 232], [1, "regnet_x_3_2gf-f342aeae", 78.364]],
  regnet_x_8gf: [[2, "regnet_x_8gf-2b70d774", 81.682, 232], [1, "regnet_x_8gf-03ceed89", 79.344]],
  regnet_x_16gf: [[2, "regnet_x_16gf-ba3796d7", 82.716, 232], [1, "regnet_x_16gf-2007eb11", 80.058]],
  regnet_x_32gf: [[2, "regnet_x_32gf-6eb8fdc6", 83.014, 232], [1, "regnet_x_32gf-9d47f8d0", 80.622]],
  regnet_y_400mf: [[2, "regnet_y_400mf-e6988f5f", 75.804, 232], [1, "regnet_y_400mf-c65dace8", 74.046]],
  regnet_y_800mf: [[2, "regnet_y_800mf-58fc7688", 78.828, 232], [1, "regnet_y_800mf-1b27b58c", 76.42]],
  regnet_y_1_6gf: [[2, "regnet_y_1_6gf-0d7bc02a", 80.876, 232], [1, "regnet_y_1_6gf-b11a554e", 77.95]],
  regnet_y_3_2gf: [[2, "regnet_y_3_2gf-9180c971", 81.982, 232], [1, "regnet_y_3_2gf-b5a9779c", 78.948]],
  regnet_y_8gf: [[2, "regnet_y_8gf-dc2b1b54", 82.828, 232], [1, "regnet_y_8gf-d0d0e4a8", 80.032]],
  regnet_y_16gf: [[2, "regnet_y_16gf-3e4a00f9", 82.886, 232], [1, "regnet_y_16gf-9e6ed7dd", 80.424]],
  regnet_y_32gf: [[2, "regnet_y_32gf-8db6d4b5", 83.368, 232], [1, "regnet_y_32gf-4dee3f7a", 80.878]],
};

/** What is known of a {@link regnet}. @throws AttributeError for a name that is not in the table. */
export function regnetInfo(name: RegNetName): ModelInfo {
  const row = rowOf("regnet", rows, name);
  const { parameters, multiplyAdds } = row;
  return {
    ...family,
    name,
    parameters,
    multiplyAdds,
    stages: stagesOf([
      ["stem", 32, 2],
      ...widthsOf(row).map(({ width }, index): Step => [`trunk_output.block${index + 1}`, width, 2]),
    ]),
    weights: torchvisionWeights(published[name]),
  };
}
