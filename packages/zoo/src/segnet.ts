// SegNet (Badrinarayanan, Kendall & Cipolla 2015): VGG-16's convolutions, and the same way back, on which every value returns to the place it was pooled from.
import { type Tensor, relu } from "@stria/core";
import {
  BatchNorm2d,
  Conv2d,
  MaxPool2d,
  MaxUnpool,
  Module,
  Sequential,
  initialisers,
  checkOptions,
} from "@stria/layers";
import { checkImages, imageNet, plainPixels } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

/** Channels of the convolutions of each stage. A pool ends every stage of the encoder; an unpooling begins every stage of the decoder. */
const encoder = [[64, 64], [128, 128], [256, 256, 256], [512, 512, 512], [512, 512, 512]] as const; // prettier-ignore
const decoder = [[512, 512, 512], [512, 512, 256], [256, 256, 128], [128, 64], [64]] as const; // prettier-ignore

export interface SegNetOptions {
  /** Default 11: those of CamVid. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
}

/** A 3x3 convolution, batch normalisation, ReLU. */
class ConvBatchNorm extends Module {
  readonly conv: Conv2d;
  readonly bn: BatchNorm2d;

  constructor(inChannels: number, outChannels: number) {
    super();
    const weightInitialiser = initialisers.kaimingNormal();
    const biasInitialiser = initialisers.zeros;
    this.conv = new Conv2d(inChannels, outChannels, 3, { padding: 1, weightInitialiser, biasInitialiser });
    this.bn = new BatchNorm2d(outChannels);
  }

  override forward(x: Tensor): Tensor {
    return relu(this.bn.forward(this.conv.forward(x)));
  }
}

function stagesOf(inChannels: number, table: readonly (readonly number[])[]): Sequential[] {
  let before = inChannels;
  return table.map((stage) => {
    const layers = stage.map((channels, index) => new ConvBatchNorm(stage[index - 1] ?? before, channels));
    before = stage.at(-1) ?? before;
    return new Sequential(layers);
  });
}

/** See {@link segnet}. */
export class SegNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number = 1;
  readonly encoder: readonly Sequential[];
  readonly decoder: readonly Sequential[];
  readonly pool: MaxPool2d = new MaxPool2d(2, { ceilMode: true });
  readonly unpool: MaxUnpool = new MaxUnpool(2);
  readonly classifier: Conv2d;

  constructor(options: SegNetOptions = {}) {
    super();
    const { numClasses = 11, inChannels = 3 } = options;
    checkOptions("segnet", options, { numClasses, inChannels });
    this.inChannels = inChannels;
    this.encoder = stagesOf(inChannels, encoder);
    this.decoder = stagesOf(512, decoder);
    this.classifier = new Conv2d(64, numClasses, 3, { padding: 1 });
  }

  /** x [N, inChannels, height, width] -> scores of every pixel [N, numClasses, height, width]. */
  override forward(x: Tensor): Tensor {
    checkImages("segnet", this, x);
    const pooled: { readonly indices: Tensor; readonly size: readonly number[] }[] = [];
    let y = x;
    for (const stage of this.encoder) {
      y = stage.forward(y);
      const { values, indices } = this.pool.withIndices(y);
      pooled.push({ indices, size: y.shape.slice(2) });
      y = values;
    }
    for (const stage of this.decoder) {
      const last = pooled.pop();
      if (last) y = stage.forward(this.unpool.forward(y, last.indices, last.size));
    }
    return this.classifier.forward(y);
  }
}

/**
 * SegNet: images [N, 3, 360, 480], or of any size, to scores of every pixel [N, 11, height, width], 29,449,355 parameters. The decoder has the places that the
 * encoder's pools took their values from, and nothing else of it. Where a size is odd the pool's last window hangs over the edge, as in the authors' files.
 *
 * Source: Badrinarayanan, Kendall and Cipolla (2015), SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image Segmentation.
 * @throws ShapeError from `forward` for images with other channels.
 */
export function segnet(options: SegNetOptions = {}): SegNet {
  return new SegNet(options);
}

export const segnetInfo: ModelInfo = {
  ...imageNet,
  name: "segnet",
  task: "segmentation",
  paper: "SegNet: A Deep Convolutional Encoder-Decoder Architecture for Image Segmentation",
  authors: "Badrinarayanan, Kendall, Cipolla",
  year: 2015,
  url: "https://arxiv.org/abs/1511.00561",
  parameters: 29_449_355,
  multiplyAdds: 106_712_432_640,
  inputShape: [3, 360, 480],
  numClasses: 11,
  preprocessing: /* @__PURE__ */ plainPixels(3),
  stages: [
    { name: "encoder.0", channels: 64, stride: 1 },
    { name: "encoder.1", channels: 128, stride: 2 },
    { name: "encoder.2", channels: 256, stride: 4 },
    { name: "encoder.3", channels: 512, stride: 8 },
    { name: "encoder.4", channels: 512, stride: 16 },
    { name: "decoder.0", channels: 512, stride: 16 },
    { name: "decoder.1", channels: 256, stride: 8 },
    { name: "decoder.2", channels: 128, stride: 4 },
    { name: "decoder.3", channels: 64, stride: 2 },
    { name: "decoder.4", channels: 64, stride: 1 },
  ],
};
