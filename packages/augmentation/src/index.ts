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
  type Fill,
  fiveWindows,
  largeBoxes,
  type LargeBoxesOptions,
  paddedWindow,
} from "./crop.ts";
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
export type { Border, Window } from "./window.ts";
