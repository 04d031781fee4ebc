// What a warp does to each kind of part, for transforms that draw one.
import type { Fill } from "../fill.ts";
import { type LargeBoxesOptions, largeBoxes } from "../crop.ts";
import type { Canvas } from "../parts.ts";
import type { Rules } from "../transform.ts";
import { type Warp, type WarpInterpolation, checkWarpInterpolation, warpImage, warpMask } from "./warp.ts";
import { warpBoxes, warpKeypoints } from "./warp-points.ts";

export interface WarpOptions extends LargeBoxesOptions {
  /** How images are sampled; masks always by their nearest pixel. Default `"bilinear"`. */
  readonly interpolation?: WarpInterpolation;
  /** What pixels are that come from outside of an image: a number, or one for each channel. Default 0. */
  readonly fill?: Fill;
  /** The class of pixels of a mask that come from outside. Default 0. */
  readonly maskFill?: number;
}

/**
 * Images sampled, masks by nearest pixels, boxes clipped and left out where too little is left, key points moved. Without a warp all stay as they are.
 * @throws AttributeError for an unknown interpolation
 */
export function warpRules<Parameters>(
  name: string,
  warpOf: (parameters: Parameters, canvas: Canvas) => Warp | undefined,
  options: WarpOptions,
): Rules<Parameters> {
  const { interpolation = "bilinear", fill = 0, maskFill = 0 } = options;
  checkWarpInterpolation(name, interpolation);
  // The parts of a sample come one after the other with the same parameters.
  let last: { readonly parameters: Parameters; readonly canvas: Canvas; readonly warp: Warp | undefined } | undefined;
  const warpFor = (parameters: Parameters, canvas: Canvas): Warp | undefined => {
    if (last?.parameters !== parameters || last.canvas.height !== canvas.height || last.canvas.width !== canvas.width)
      last = { parameters, canvas: { ...canvas }, warp: warpOf(parameters, canvas) };
    return last.warp;
  };
  return {
    image(part, parameters, canvas) {
      const warp = warpFor(parameters, canvas);
      return warp ? warpImage(part, warp, { interpolation, fill }) : part;
    },
    mask(part, parameters, canvas) {
      const warp = warpFor(parameters, canvas);
      return warp ? warpMask(part, warp, maskFill) : part;
    },
    boxes(part, parameters, canvas) {
      const warp = warpFor(parameters, canvas);
      return warp ? largeBoxes(warpBoxes(part, warp), options) : part;
    },
    keypoints(part, parameters, canvas) {
      const warp = warpFor(parameters, canvas);
      return warp ? warpKeypoints(part, warp) : part;
    },
  };
}
