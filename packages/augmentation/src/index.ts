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
export { gaussianBlurBatch, resizeBatch, warpBatch } from "./batched/tensor-filters.ts";
export { augMix, type AugMixOptions, type AugMixParameters } from "./policies/aug-mix.ts";
export { autoAugment, type AutoAugmentOptions } from "./policies/auto-augment.ts";
export { isSigned, magnitudesOf, operationsOf, type PolicyKind } from "./policies/magnitudes.ts";
export { applyOperation, type Operation, type OperationName, type OperationOptions } from "./policies/operations.ts";
export { autoAugmentPolicies } from "./policies/policies.ts";
export type { Policy, PolicyStep } from "./policies/policy.ts";
export type { Operations, PolicyOptions } from "./policies/policy-transform.ts";
export {
  randAugment,
  type RandAugmentOptions,
  trivialAugment,
  type TrivialAugmentOptions,
} from "./policies/rand-augment.ts";
export { type Choice, oneOf, sometimes } from "./choice.ts";
export { colorJitter, type ColorJitterOptions, type ColorJitterParameters } from "./colour/color-jitter.ts";
export {
  type ChannelOptions,
  type Done,
  type GammaOptions,
  type PosterizeOptions,
  randomAutocontrast,
  randomChannelPermutation,
  randomEqualize,
  randomGamma,
  randomGrayscale,
  randomInvert,
  randomPosterize,
  randomSharpness,
  randomSolarize,
  type SharpnessOptions,
  type SolarizeOptions,
} from "./colour/random-levels.ts";
export {
  type ColorDropOptions,
  type ColorDropParameters,
  pcaColorShift,
  type PcaColorShiftOptions,
  randomColorDrop,
} from "./colour/random-shift.ts";
export { centreCrop, fiveCrop, type FixedWindowOptions, pad, type Sides, tenCrop } from "./crops.ts";
export {
  coarseDropout,
  type CoarseDropoutOptions,
  cutout,
  gridMask,
  type GridMaskOptions,
  type Holes,
  type HolesOptions,
} from "./erasing/holes.ts";
export { type ErasingParameters, randomErasing, type RandomErasingOptions } from "./erasing/random-erasing.ts";
export {
  boxBlur,
  emboss,
  type EmbossOptions,
  gaussianBlur,
  type GaussianBlurOptions,
  medianBlur,
  motionBlur,
  type SizeParameters,
  sobel,
} from "./filters/random-filters.ts";
export {
  randomAffine,
  type RandomAffineOptions,
  randomRotation,
  type RandomRotationOptions,
} from "./geometry/random-affine.ts";
export {
  type ElasticOptions,
  type ElasticParameters,
  elasticTransform,
  gridDistortion,
  type GridDistortionOptions,
  type LocalWarpOptions,
  randomLocalWarp,
} from "./geometry/random-elastic.ts";
export { randomPerspective, type RandomPerspectiveOptions } from "./geometry/random-perspective.ts";
export { type QuarterTurnOptions, randomQuarterTurn, type TurnParameters } from "./geometry/random-turn.ts";
export {
  randomResizedCrop,
  type RandomResizedCropOptions,
  randomShorterSide,
  type RandomShorterSideOptions,
  resize,
  type ResizeToOptions,
  type ResizingOptions,
  scaleJitter,
  type ScaleJitterOptions,
} from "./geometry/resizing.ts";
export type { WarpOptions } from "./geometry/warp-rules.ts";
export {
  gaussianNoise,
  type GaussianNoiseOptions,
  type NoiseParameters,
  saltAndPepperNoise,
  type SaltAndPepperOptions,
} from "./noise/random-noise.ts";
export type { Chance } from "./photometric.ts";
export type { Range } from "./range.ts";
export { normalise, standardise } from "./statistics/normalising.ts";
export { clahe, claheImage, type ClaheOptions, type ClaheParameters } from "./colour/clahe.ts";
export { copyPaste, type CopyPasteParameters, drawCopyPaste, type Scene } from "./mixing/copy-paste.ts";
export { type BatchTransform, cutmix, type MixOptions, mixup } from "./mixing/mixers.ts";
export { mosaic, type Mosaic, type MosaicOptions, type MosaicParameters } from "./mixing/mosaic.ts";
export { jpegArtefacts, jpegImage, type JpegOptions } from "./noise/jpeg.ts";
export { averageMaps, testTimeViews, type View, type ViewOptions } from "./test-time/views.ts";
export { brightnessBatch, contrastBatch, hueBatch, normaliseBatch, saturationBatch } from "./batched/tensor-colours.ts";
export { cutmixBatch, mixupBatch } from "./batched/tensor-mixing.ts";
export type { PerImage } from "./batched/batch.ts";
export { eraseBatch, type ErasedWindows } from "./batched/tensor-erasing.ts";
export { flipBatch } from "./batched/tensor-flips.ts";
export {
  gaussianNoiseBatch,
  type GaussianNoiseBatchOptions,
  noiseBatch,
  saltAndPepperBatch,
} from "./batched/tensor-noise.ts";
