// @stria/augmentation: seeded transforms of images, masks, boxes and key points.
export { type Augmentation, augmented, type FieldKind } from "./augmented.ts";
export { compose } from "./compose.ts";
export {
  centreWindow,
  cropBoxes,
  cropImage,
  type CropImageOptions,
  cropKeypoints,
  cropMask,
  type CropMaskOptions,
  fiveWindows,
  largeBoxes,
  type LargeBoxesOptions,
  paddedWindow,
} from "./crop.ts";
export { type Fill } from "./fill.ts";
export { type Direction, flipBoxes, flipImage, flipKeypoints, flipMask } from "./flip.ts";
export {
  boxes,
  type Boxes,
  type Canvas,
  image,
  type Image,
  keypoints,
  type Keypoints,
  type Kind,
  type Labels,
  mask,
  type Mask,
  type Part,
  type Parts,
  type PartsByName,
  type Pixels,
} from "./parts.ts";
export { randomCrop, type RandomCropOptions, type Size } from "./random-crop.ts";
export { type FlipOptions, type FlipParameters, horizontalFlip, verticalFlip } from "./random-flip.ts";
export { apply, parametersOf, type Place, type Rules, type Transform, type Transformed } from "./transform.ts";
export { type AffineParameters, affineWarp, type RotationParameters, rotationWarp } from "./geometry/affine.ts";
export { elasticDisplacement, type ElasticStrength, elasticWarp, type PerAxis } from "./geometry/elastic.ts";
export { gridPlaces, type GridParameters, gridWarp } from "./geometry/grid-distortion.ts";
export { localWarp, type LocalWarpParameters } from "./geometry/local-warp.ts";
export type { Point } from "./geometry/matrix.ts";
export { type PerspectiveParameters, perspectiveWarp, type Quadrilateral } from "./geometry/perspective.ts";
export type { Interpolation } from "./geometry/resize-weights.ts";
export {
  resizeBoxes,
  resizeImage,
  resizeKeypoints,
  resizeMask,
  type ResizeOptions,
  resizeWindow,
  shorterSide,
} from "./geometry/resize.ts";
export { turnBoxes, turnedCanvas, turnImage, turnKeypoints, turnMask } from "./geometry/turn.ts";
export { warpBoxes, warpKeypoints } from "./geometry/warp-points.ts";
export { type Warp, warpImage, type WarpImageOptions, type WarpInterpolation, warpMask } from "./geometry/warp.ts";
export type { Border, Window } from "./window.ts";
export { adjustBrightness, adjustContrast, adjustSaturation } from "./colour/blend.ts";
export {
  colourShift,
  type ColourVariation,
  dropColours,
  imageNetColours,
  permuteChannels,
  shiftChannels,
} from "./colour/channels.ts";
export { greyImage } from "./colour/grey.ts";
export { autocontrast, equalize } from "./colour/histogram.ts";
export { adjustHue } from "./colour/hue.ts";
export { adjustSharpness } from "./colour/sharpness.ts";
export { adjustGamma, invertImage, posterize, solarize } from "./colour/tone.ts";
export { eraseImage, squareAround } from "./erasing/erase.ts";
export {
  boxBlurImage,
  gaussianBlurImage,
  type GaussianBlurParameters,
  medianBlurImage,
  motionBlurImage,
  type MotionBlurParameters,
} from "./filters/blur.ts";
export { embossImage, type EmbossParameters, type Gradients, laplacianImage, sobelImage } from "./filters/edges.ts";
export { cutmixImages, cutmixWindow, type ImageBatch, mixLabels, mixupImages, shareOutside } from "./mixing/batch.ts";
export { addNoise, type GaussianNoiseParameters, saltAndPepper } from "./noise/noise.ts";
export { colourVariation } from "./statistics/colour-variation.ts";
export {
  type ChannelStatistics,
  imageNetStatistics,
  normaliseImage,
  standardiseImage,
} from "./statistics/normalise.ts";
export { whiten, type Whitening, zcaWhitening } from "./statistics/zca.ts";
