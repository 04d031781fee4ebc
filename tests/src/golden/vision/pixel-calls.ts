// Calls that make one image of one image.
import {
  type Image,
  addNoise,
  adjustBrightness,
  adjustContrast,
  adjustGamma,
  adjustHue,
  adjustSaturation,
  adjustSharpness,
  autocontrast,
  boxBlurImage,
  colourShift,
  dropColours,
  equalize,
  eraseImage,
  gaussianBlurImage,
  greyImage,
  invertImage,
  laplacianImage,
  medianBlurImage,
  normaliseImage,
  permuteChannels,
  posterize,
  saltAndPepper,
  shiftChannels,
  solarize,
  squareAround,
  standardiseImage,
} from "@stria/augmentation";
import type { Arguments } from "../arguments.ts";
import { asList, asNumbers } from "../json.ts";
import { floatsOf } from "./parts.ts";
import type { Inputs } from "./vision-case.ts";

type PixelCall = (image: Image, given: Arguments, inputs: Inputs) => Image;

const functional = "torchvision.transforms.v2.functional";

function pair(given: Arguments, name: string): readonly [number, number] {
  const [first = 0, second = first] = given.numbers(name);
  return [first, second];
}

/** A value for each channel, or for each pixel of the rectangle. */
function erased(image: Image, given: Arguments, inputs: Inputs): Image {
  const window = {
    top: given.number("i"),
    left: given.number("j"),
    height: given.number("h"),
    width: given.number("w"),
  };
  const fill = floatsOf(inputs, "v");
  return eraseImage(image, window, fill.length === image.shape[0] ? [...fill] : fill);
}

export const pixelCalls: Readonly<Record<string, PixelCall>> = {
  [`${functional}.adjust_brightness`]: (image, given) => adjustBrightness(image, given.number("brightness_factor")),
  [`${functional}.adjust_contrast`]: (image, given) => adjustContrast(image, given.number("contrast_factor")),
  [`${functional}.adjust_saturation`]: (image, given) => adjustSaturation(image, given.number("saturation_factor")),
  [`${functional}.adjust_hue`]: (image, given) => adjustHue(image, given.number("hue_factor")),
  [`${functional}.adjust_gamma`]: (image, given) => adjustGamma(image, given.number("gamma"), given.number("gain", 1)),
  [`${functional}.adjust_sharpness`]: (image, given) => adjustSharpness(image, given.number("sharpness_factor")),
  [`${functional}.rgb_to_grayscale`]: (image, given) =>
    greyImage(image, given.number("num_output_channels", 1) === 3 ? 3 : 1),
  [`${functional}.invert`]: (image) => invertImage(image),
  [`${functional}.posterize`]: (image, given) => posterize(image, given.number("bits")),
  [`${functional}.solarize`]: (image, given) => solarize(image, given.number("threshold")),
  [`${functional}.autocontrast`]: (image) => autocontrast(image),
  [`${functional}.equalize`]: (image) => equalize(image),
  [`${functional}.permute_channels`]: (image, given) => permuteChannels(image, given.numbers("permutation")),
  [`${functional}.normalize`]: (image, given) =>
    normaliseImage(image, { mean: given.numbers("mean"), std: given.numbers("std") }),
  [`${functional}.gaussian_blur`]: (image, given) =>
    gaussianBlurImage(image, { kernelSize: pair(given, "kernel_size"), sigma: pair(given, "sigma") }),
  [`${functional}.erase`]: erased,
  colour_drop: (image, given, inputs) =>
    dropColours(image, given.number("keep"), inputs.has("noise") ? floatsOf(inputs, "noise") : undefined),
  "alexnet.lighting": (image, given) =>
    shiftChannels(
      image,
      colourShift(given.numbers("alphas"), {
        eigenvalues: given.numbers("eigenvalues"),
        eigenvectors: asList(given.json("eigenvectors"), "eigenvectors").map((row) => asNumbers(row, "eigenvectors")),
      }),
    ),
  per_image_standardise: (image) => standardiseImage(image),
  box_blur: (image, given) => boxBlurImage(image, given.number("size")),
  median_blur: (image, given) => medianBlurImage(image, given.number("size")),
  laplacian: (image) => laplacianImage(image),
  gaussian_noise: (image, given, inputs) =>
    addNoise(image, floatsOf(inputs, "noise"), {
      mean: given.number("mean"),
      sigma: given.number("sigma"),
      clip: given.flag("clip", true),
    }),
  salt_pepper: (image, given, inputs) => saltAndPepper(image, floatsOf(inputs, "noise"), given.number("amount")),
  cutout: (image, given) =>
    eraseImage(image, squareAround(given.number("y"), given.number("x"), given.number("length"))),
};
