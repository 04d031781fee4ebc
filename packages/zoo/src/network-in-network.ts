// Network in Network (Lin, Chen & Yan 2013): small dense nets slide over the image, and a global average replaces the dense layers.
import type { Tensor } from "@stria/core";
import {
  AvgPool2d,
  Conv2d,
  Dropout,
  GlobalAvgPool,
  type Layer,
  MaxPool2d,
  Module,
  ReLU,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { type FamilyInfo, checkImages, cifar10, imageNet, meanOnly, rowOf, smallestImage } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";
import { type Step, stagesOf } from "./stages.ts";

/** A convolution and two 1x1 convolutions ("mlpconv"), and what comes after them. The last channels null: the classes. */
interface Block {
  readonly channels: readonly [number, number, number | null];
  readonly kernel: number;
  readonly stride?: number;
  readonly padding?: number;
  readonly pool?: "max" | "average";
  readonly dropped?: boolean;
}

interface Row extends FamilyInfo {
  readonly blocks: readonly Block[];
  readonly numClasses: number;
  readonly parameters: number;
  readonly multiplyAdds: number;
}

export type NetworkInNetworkName = "nin_cifar" | "nin_imagenet";

const paper = {
  paper: "Network In Network",
  authors: "Lin, Chen, Yan",
  year: 2013,
  url: "https://arxiv.org/abs/1312.4400",
} as const;

/** The paper gives few sizes: these are those of the authors' published definitions. */
const rows: Readonly<Record<NetworkInNetworkName, Row>> = {
  nin_cifar: {
    blocks: [
      { channels: [192, 160, 96], kernel: 5, padding: 2, pool: "max", dropped: true },
      { channels: [192, 192, 192], kernel: 5, padding: 2, pool: "average", dropped: true },
      { channels: [192, 192, null], kernel: 3, padding: 1 },
    ],
    ...cifar10,
    minimumInput: [3, 4, 4],
    ...paper,
    parameters: 966_986,
    multiplyAdds: 222_486_528,
  },
  nin_imagenet: {
    blocks: [
      { channels: [96, 96, 96], kernel: 11, stride: 4, pool: "max" },
      { channels: [256, 256, 256], kernel: 5, padding: 2, pool: "max" },
      { channels: [384, 384, 384], kernel: 3, padding: 1, pool: "max", dropped: true },
      { channels: [1024, 1024, null], kernel: 3, padding: 1 },
    ],
    ...imageNet,
    inputShape: [3, 227, 227],
    minimumInput: [3, 39, 39],
    preprocessing: meanOnly,
    ...paper,
    parameters: 7_595_176,
    multiplyAdds: 1_105_996_320,
  },
};

export interface NetworkInNetworkOptions {
  /** Default 10 for CIFAR, 1000 for ImageNet. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Probability with which a value is dropped. Default 0.5. */
  readonly dropout?: number;
}

/** First values are left open by the paper; these are He et al.'s (2015) for ReLUs. */
function convolution(inChannels: number, outChannels: number, kernel: number, stride = 1, padding = 0): Conv2d {
  const weightInitialiser = initialisers.kaimingNormal();
  const biasInitialiser = initialisers.zeros;
  return new Conv2d(inChannels, outChannels, kernel, { stride, padding, weightInitialiser, biasInitialiser });
}

/** Windows of 3x3, stride 2, that hang over the edge; an average is over the pixels inside. */
const pools = {
  max: () => new MaxPool2d(3, { stride: 2, ceilMode: true }),
  average: () => new AvgPool2d(3, { stride: 2, ceilMode: true }),
} as const;

/** See {@link networkInNetwork}. */
export class NetworkInNetwork extends Module {
  readonly inChannels: number;
  readonly minimumSize: number;
  readonly blocks: Sequential;
  readonly pool: GlobalAvgPool = new GlobalAvgPool();

  constructor(name: NetworkInNetworkName, options: NetworkInNetworkOptions = {}) {
    super();
    const row = rowOf("networkInNetwork", rows, name);
    const { numClasses = row.numClasses, inChannels = 3, dropout = 0.5 } = options;
    checkOptions("networkInNetwork", options, { numClasses, inChannels, dropout });
    let before = inChannels;
    const blocks = row.blocks.map(({ channels, kernel, stride, padding, pool, dropped }) => {
      const [first, second, third] = channels;
      const layers: Layer[] = [
        convolution(before, first, kernel, stride, padding),
        new ReLU(),
        convolution(first, second, 1),
        new ReLU(),
        convolution(second, third ?? numClasses, 1),
        new ReLU(),
      ];
      if (pool) layers.push(pools[pool]());
      if (dropped) layers.push(new Dropout(dropout));
      before = third ?? numClasses;
      return new Sequential(layers);
    });
    this.inChannels = inChannels;
    this.blocks = new Sequential(blocks);
    this.minimumSize = smallestImage(this.blocks);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses], none below 0. */
  override forward(x: Tensor): Tensor {
    checkImages("networkInNetwork", this, x);
    return this.pool.forward(this.blocks.forward(x));
  }
}

/**
 * Network in Network for CIFAR (images [N, 3, 32, 32] to logits [N, 10]) or ImageNet ([N, 3, 227, 227] to [N, 1000]), and images of other sizes.
 * @throws AttributeError for a name that is not in the table; `forward` ShapeError for images that are too small or have other channels.
 */
export function networkInNetwork(name: NetworkInNetworkName, options: NetworkInNetworkOptions = {}): NetworkInNetwork {
  return new NetworkInNetwork(name, options);
}

/** What is known of a {@link networkInNetwork}. @throws AttributeError for a name that is not in the table. */
export function networkInNetworkInfo(name: NetworkInNetworkName): ModelInfo {
  const { blocks, ...info } = rowOf("networkInNetwork", rows, name);
  const stages = stagesOf(
    blocks.map(({ channels: [, , last], stride = 1, pool }, index): Step => [
      `blocks.${index}`,
      last ?? info.numClasses,
      stride * (pool ? 2 : 1),
    ]),
  );
  return { ...info, name, stages };
}
