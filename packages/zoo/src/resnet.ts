// Residual networks for ImageNet (He, Zhang, Ren & Sun 2015), ResNeXt (Xie et al. 2016) and wide ResNet (Zagoruyko & Komodakis 2016).
import { AttributeError, type Tensor, add, relu } from "@stria/core";
import {
  AdaptiveAvgPool,
  BatchNorm2d,
  Conv2d,
  Flatten,
  Linear,
  MaxPool2d,
  Module,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type FamilyInfo, checkImages, imageNet, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { stagesOf } from "./stages.ts";
import { type Published, torchvisionWeights } from "./torchvision-weights.ts";

const weightInitialiser = /* @__PURE__ */ initialisers.kaimingNormal({ mode: "fanOut", nonlinearity: "relu" });

interface Sliding {
  readonly stride?: number;
  readonly groups?: number;
  readonly dilation?: number;
}

function convolution(inChannels: number, outChannels: number, kernel: number, sliding: Sliding = {}): Conv2d {
  const padding = ((kernel - 1) / 2) * (sliding.dilation ?? 1);
  return new Conv2d(inChannels, outChannels, kernel, { ...sliding, padding, bias: false, weightInitialiser });
}

/** Of a block: channels of its input, of its narrow part before widening, and what its middle convolution is. */
interface BlockOptions {
  readonly inChannels: number;
  readonly channels: number;
  readonly stride: number;
  readonly dilation: number;
  readonly groups: number;
  readonly widthPerGroup: number;
}

/** The shortcut where the shape changes: a 1x1 convolution (option B). */
function projection(inChannels: number, outChannels: number, stride: number): Sequential | null {
  if (stride === 1 && inChannels === outChannels) return null;
  return new Sequential([convolution(inChannels, outChannels, 1, { stride }), new BatchNorm2d(outChannels)]);
}

/** Two 3x3 convolutions around a shortcut. */
class BasicBlock extends Module {
  static readonly expansion: number = 1;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor({ inChannels, channels, stride }: BlockOptions) {
    super();
    this.conv1 = convolution(inChannels, channels, 3, { stride });
    this.bn1 = new BatchNorm2d(channels);
    this.conv2 = convolution(channels, channels, 3);
    this.bn2 = new BatchNorm2d(channels);
    this.downsample = projection(inChannels, channels, stride);
  }

  override forward(x: Tensor): Tensor {
    const inner = relu(this.bn1.forward(this.conv1.forward(x)));
    return relu(add(this.bn2.forward(this.conv2.forward(inner)), this.downsample?.forward(x) ?? x));
  }
}

/** 1x1 to fewer channels, 3x3 there, 1x1 to four times as many. The stride is in the 3x3, where the paper has it in the first 1x1. */
class Bottleneck extends Module {
  static readonly expansion: number = 4;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d;
  readonly conv2: Conv2d;
  readonly bn2: BatchNorm2d;
  readonly conv3: Conv2d;
  readonly bn3: BatchNorm2d;
  readonly downsample: Sequential | null;

  constructor({ inChannels, channels, stride, dilation, groups, widthPerGroup }: BlockOptions) {
    super();
    const width = Math.floor((channels * widthPerGroup) / 64) * groups;
    const outChannels = channels * Bottleneck.expansion;
    this.conv1 = convolution(inChannels, width, 1);
    this.bn1 = new BatchNorm2d(width);
    this.conv2 = convolution(width, width, 3, { stride, dilation, groups });
    this.bn2 = new BatchNorm2d(width);
    this.conv3 = convolution(width, outChannels, 1);
    this.bn3 = new BatchNorm2d(outChannels);
    this.downsample = projection(inChannels, outChannels, stride);
  }

  override forward(x: Tensor): Tensor {
    const narrow = relu(this.bn1.forward(this.conv1.forward(x)));
    const inner = relu(this.bn2.forward(this.conv2.forward(narrow)));
    return relu(add(this.bn3.forward(this.conv3.forward(inner)), this.downsample?.forward(x) ?? x));
  }
}

export interface ResNetOptions {
  /** Default 1000. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Groups of the 3x3 convolutions of bottlenecks: the cardinality of ResNeXt. Default that of the table. */
  readonly groups?: number;
  /** Channels of a group where the stage has 64. Default that of the table. */
  readonly widthPerGroup?: number;
  /** Whether layer2, layer3 and layer4 keep the size and put their kernels' elements twice as far apart instead: for bottlenecks. Default none. */
  readonly replaceStrideWithDilation?: readonly [layer2: boolean, layer3: boolean, layer4: boolean];
}

interface Row {
  readonly block: typeof BasicBlock | typeof Bottleneck;
  /** Blocks of conv2_x, conv3_x, conv4_x and conv5_x. */
  readonly blocks: readonly [number, number, number, number];
  readonly groups?: number;
  readonly widthPerGroup?: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type ResNetName =
  | "resnet18"
  | "resnet34"
  | "resnet50"
  | "resnet101"
  | "resnet152"
  | "resnext50_32x4d"
  | "resnext101_32x8d"
  | "resnext101_64x4d"
  | "wide_resnet50_2"
  | "wide_resnet101_2";

/** Table 1 of the paper, and the same with groups or with wider bottlenecks. */
// prettier-ignore
const rows: Readonly<Record<ResNetName, Row>> = {
  resnet18: { block: BasicBlock, blocks: [2, 2, 2, 2], parameters: 11_689_512, multiplyAdds: 1_814_073_344 },
  resnet34: { block: BasicBlock, blocks: [3, 4, 6, 3], parameters: 21_797_672, multiplyAdds: 3_663_761_408 },
  resnet50: { block: Bottleneck, blocks: [3, 4, 6, 3], parameters: 25_557_032, multiplyAdds: 4_089_184_256 },
  resnet101: { block: Bottleneck, blocks: [3, 4, 23, 3], parameters: 44_549_160, multiplyAdds: 7_801_405_440 },
  resnet152: { block: Bottleneck, blocks: [3, 8, 36, 3], parameters: 60_192_808, multiplyAdds: 11_513_626_624 },
  resnext50_32x4d: { block: Bottleneck, blocks: [3, 4, 6, 3], groups: 32, widthPerGroup: 4, parameters: 25_028_904, multiplyAdds: 4_230_479_872 },
  resnext101_32x8d: { block: Bottleneck, blocks: [3, 4, 23, 3], groups: 32, widthPerGroup: 8, parameters: 88_791_336, multiplyAdds: 16_414_015_488 },
  resnext101_64x4d: { block: Bottleneck, blocks: [3, 4, 23, 3], groups: 64, widthPerGroup: 4, parameters: 83_455_272, multiplyAdds: 15_460_270_080 },
  wide_resnet50_2: { block: Bottleneck, blocks: [3, 4, 6, 3], widthPerGroup: 128, parameters: 68_883_240, multiplyAdds: 11_398_021_120 },
  wide_resnet101_2: { block: Bottleneck, blocks: [3, 4, 23, 3], widthPerGroup: 128, parameters: 126_886_696, multiplyAdds: 22_753_050_624 },
};

/** @internal What stands before a classifier: the stem, and four stages of blocks. */
export abstract class ResNetBody<Output> extends Module<[x: Tensor], Output> {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly conv1: Conv2d;
  readonly bn1: BatchNorm2d = new BatchNorm2d(64);
  readonly maxpool: MaxPool2d = new MaxPool2d(3, { stride: 2, padding: 1 });
  readonly layer1: Sequential;
  readonly layer2: Sequential;
  readonly layer3: Sequential;
  readonly layer4: Sequential;

  constructor(name: ResNetName, options: Omit<ResNetOptions, "numClasses"> = {}) {
    super();
    const row = rowOf("resnet", rows, name);
    const { inChannels = 3, groups = row.groups ?? 1, widthPerGroup = row.widthPerGroup ?? 64 } = options;
    const { replaceStrideWithDilation: dilated = [false, false, false] } = options;
    const known = { numClasses: null, inChannels, groups, widthPerGroup, replaceStrideWithDilation: dilated };
    checkOptions<ResNetOptions>("resnet", options, known);
    const { block: Block, blocks } = row;
    if (Block === BasicBlock && dilated.includes(true))
      throw new AttributeError("resnet", `${name} has no bottlenecks to dilate`, "use resnet50 or a larger one");
    let [before, spread] = [64, 1];
    const stage = (channels: number, count: number, stride: number, dilate = false): Sequential => {
      const first = { channels, stride: dilate ? 1 : stride, dilation: spread, groups, widthPerGroup };
      if (dilate) spread *= stride; // from the second block on: the first has the distances of the stage before
      const others = { ...first, stride: 1, dilation: spread, inChannels: channels * Block.expansion };
      const made = Array.from({ length: count }, (_, index) =>
        index === 0 ? new Block({ ...first, inChannels: before }) : new Block(others),
      );
      before = others.inChannels;
      return new Sequential(made);
    };
    this.inChannels = inChannels;
    this.conv1 = convolution(inChannels, 64, 7, { stride: 2 });
    this.minimumSize = smallestImage([this.conv1, this.maxpool]);
    this.layer1 = stage(64, blocks[0], 1);
    this.layer2 = stage(128, blocks[1], 2, dilated[0]);
    this.layer3 = stage(256, blocks[2], 2, dilated[1]);
    this.layer4 = stage(512, blocks[3], 2, dilated[2]);
  }

  /** The maps after the last two stages. */
  protected maps(x: Tensor): { readonly layer3: Tensor; readonly layer4: Tensor } {
    checkImages("resnet", this, x);
    const stem = this.maxpool.forward(relu(this.bn1.forward(this.conv1.forward(x))));
    const layer3 = this.layer3.forward(this.layer2.forward(this.layer1.forward(stem)));
    return { layer3, layer4: this.layer4.forward(layer3) };
  }
}

/** See {@link resnet}. */
export class ResNet extends ResNetBody<Tensor> {
  readonly avgpool: AdaptiveAvgPool = new AdaptiveAvgPool(1);
  readonly flatten: Flatten = new Flatten();
  readonly fc: Linear;

  constructor(name: ResNetName, options: ResNetOptions = {}) {
    const { numClasses = 1000, ...rest } = options;
    super(name, rest);
    this.fc = new Linear(512 * rows[name].block.expansion, numClasses);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    return this.fc.forward(this.flatten.forward(this.avgpool.forward(this.maps(x).layer4)));
  }
}

/**
 * A residual network of the table: images [N, 3, 224, 224], or of any size, to logits [N, 1000]. Keys and first values as in torchvision.
 * @throws AttributeError for a name that is not in the table, and for dilation without bottlenecks; `forward` ShapeError for images with other channels.
 * @example const model = resnet("resnet50", { numClasses: 10 });
 */
export function resnet(name: ResNetName, options: ResNetOptions = {}): ResNet {
  return new ResNet(name, options);
}

const residual: FamilyInfo = {
  ...imageNet,
  paper: "Deep Residual Learning for Image Recognition",
  authors: "He, Zhang, Ren, Sun",
  year: 2015,
  url: "https://arxiv.org/abs/1512.03385",
};

const grouped: Partial<FamilyInfo> = {
  paper: "Aggregated Residual Transformations for Deep Neural Networks",
  authors: "Xie, Girshick, Dollár, Tu, He",
  year: 2016,
  url: "https://arxiv.org/abs/1611.05431",
};

const wide: Partial<FamilyInfo> = {
  paper: "Wide Residual Networks",
  authors: "Zagoruyko, Komodakis",
  year: 2016,
  url: "https://arxiv.org/abs/1605.07146",
};

// prettier-ignore
const published: Readonly<Record<ResNetName, readonly Published[]>> = {
  resnet18: [[1, "resnet18-f37072fd", 69.758]],
  resnet34: [[1, "resnet34-b627a593", 73.314]],
  resnet50: [[2, "resnet50-11ad3fa6", 80.858, 232], [1, "resnet50-0676ba61", 76.13]],
  resnet101: [[2, "resnet101-cd907fc2", 81.886, 232], [1, "resnet101-63fe2227", 77.374]],
  resnet152: [[2, "resnet152-f82ba261", 82.284, 232], [1, "resnet152-394f9c45", 78.312]],
  resnext50_32x4d: [[2, "resnext50_32x4d-1a0047aa", 81.198, 232], [1, "resnext50_32x4d-7cdf4587", 77.618]],
  resnext101_32x8d: [[2, "resnext101_32x8d-110c445d", 82.834, 232], [1, "resnext101_32x8d-8ba56ff5", 79.312]],
  resnext101_64x4d: [[1, "resnext101_64x4d-173b62eb", 83.246, 232]],
  wide_resnet50_2: [[2, "wide_resnet50_2-9ba9bcbe", 81.602, 232], [1, "wide_resnet50_2-95faca4d", 78.468]],
  wide_resnet101_2: [[2, "wide_resnet101_2-d733dc28", 82.51, 232], [1, "wide_resnet101_2-32ee1156", 78.848]],
};

/** What is known of a {@link resnet}. @throws AttributeError for a name that is not in the table. */
export function resnetInfo(name: ResNetName): ModelInfo {
  const row = rowOf("resnet", rows, name);
  const { parameters, multiplyAdds } = row;
  return {
    ...residual,
    ...(name.startsWith("resnext") && grouped),
    ...(name.startsWith("wide") && wide),
    name,
    parameters,
    multiplyAdds,
    stages: stagesOf([
      ["conv1", 64, 2],
      ["maxpool", 64, 2],
      ["layer1", 64 * row.block.expansion, 1],
      ["layer2", 128 * row.block.expansion, 2],
      ["layer3", 256 * row.block.expansion, 2],
      ["layer4", 512 * row.block.expansion, 2],
    ]),
    weights: torchvisionWeights(published[name]),
  };
}
