// Spatial pyramid pooling (He, Zhang, Ren & Sun 2014): images of any size give as many features, so that a dense layer can follow.
import { type Tensor, relu } from "@stria/core";
import { Conv2d, Linear, Module, SpatialPyramidPool, checkOptions } from "@stria/layers";
import { checkImages, plainPixels } from "./images.ts";
import type { ModelInfo } from "./model-info.ts";

export interface SPPNetOptions {
  /** Default 10. */
  readonly numClasses?: number;
  /** Default 3. */
  readonly inChannels?: number;
  /** Bins along each side, level by level. Default 6, 3, 2, 1: 50 bins, as in the paper. */
  readonly levels?: readonly number[];
}

/** See {@link sppnet}. */
export class SPPNet extends Module {
  readonly inChannels: number;
  readonly minimumSize: number = 1;
  readonly conv1: Conv2d;
  readonly conv2: Conv2d = new Conv2d(16, 32, 3, { padding: 1 });
  readonly pyramid: SpatialPyramidPool;
  readonly fc: Linear;

  constructor(options: SPPNetOptions = {}) {
    super();
    const { numClasses = 10, inChannels = 3, levels = [6, 3, 2, 1] } = options;
    checkOptions("sppnet", options, { numClasses, inChannels, levels });
    this.inChannels = inChannels;
    this.conv1 = new Conv2d(inChannels, 16, 5, { stride: 2, padding: 2 });
    this.pyramid = new SpatialPyramidPool(levels, {}, 2);
    this.fc = new Linear(32 * levels.reduce((bins, level) => bins + level ** 2, 0), numClasses);
  }

  /** x [N, inChannels, height, width] -> logits [N, numClasses]. */
  override forward(x: Tensor): Tensor {
    checkImages("sppnet", this, x);
    return this.fc.forward(this.pyramid.forward(relu(this.conv2.forward(relu(this.conv1.forward(x))))));
  }
}

/**
 * A small network with the paper's pyramid: images [N, 3, height, width] of any size to logits [N, 10], 21,866 parameters. The body is not the paper's, whose
 * nets are larger. Bin i of n covers the rows from floor(i h / n) to before ceil((i + 1) h / n).
 *
 * Source: He, Zhang, Ren and Sun (2014), Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition.
 * @throws AttributeError without levels; `forward` ShapeError for images with other channels.
 */
export function sppnet(options: SPPNetOptions = {}): SPPNet {
  return new SPPNet(options);
}

export const sppnetInfo: ModelInfo = {
  name: "sppnet",
  task: "classification",
  paper: "Spatial Pyramid Pooling in Deep Convolutional Networks for Visual Recognition",
  authors: "He, Zhang, Ren, Sun",
  year: 2014,
  url: "https://arxiv.org/abs/1406.4729",
  parameters: 21_866,
  multiplyAdds: 1_526_080,
  inputShape: [3, 40, 26],
  minimumInput: [3, 1, 1],
  numClasses: 10,
  preprocessing: /* @__PURE__ */ plainPixels(3),
  stages: [
    { name: "conv1", channels: 16, stride: 2 },
    { name: "conv2", channels: 32, stride: 2 },
  ],
  weights: [],
};
