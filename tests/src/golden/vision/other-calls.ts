// Calls of more than one image, or with more results than one.
import {
  type ImageBatch,
  colourShift,
  colourVariation,
  cropImage,
  cutmixImages,
  cutmixWindow,
  elasticDisplacement,
  elasticWarp,
  fiveWindows,
  flipImage,
  gridPlaces,
  gridWarp,
  mixLabels,
  mixupImages,
  shareOutside,
  shiftChannels,
  sobelImage,
  warpImage,
  whiten,
  zcaWhitening,
} from "@stria/augmentation";
import type { Arguments } from "../arguments.ts";
import { type Found, floatsOf, imageOf, listed, stacked } from "./parts.ts";
import type { Inputs } from "./vision-case.ts";

export type Answer = (given: Arguments, inputs: Inputs) => Readonly<Record<string, Found>>;

function crops(given: Arguments, inputs: Inputs, flipped: boolean): Readonly<Record<string, Found>> {
  const [height = 0, width = height] = given.numbers("size");
  const whole = imageOf(inputs.tensor("image"));
  const direction = given.flag("vertical_flip", false) ? "vertical" : "horizontal";
  const images = (flipped ? [whole, flipImage(whole, direction)] : [whole]).flatMap((one) =>
    fiveWindows({ height, width }, { height: one.shape[1], width: one.shape[2] }).map((window) =>
      cropImage(one, window),
    ),
  );
  return { images: stacked(images) };
}

/** `number` of each of `count`. */
function repeated(values: ArrayLike<number>, count: number): number[] {
  return Array.from(values).flatMap((value) => Array.from({ length: count }, () => value));
}

function batchOf(inputs: Inputs): ImageBatch {
  const { data, shape } = inputs.tensor("images");
  const [count = 0, channels = 0, height = 0, width = 0] = shape;
  if (!(data instanceof Float32Array || data instanceof Uint8Array)) throw new TypeError("no images");
  return { values: data, shape: [count, channels, height, width] };
}

function labelsOf(given: Arguments, inputs: Inputs, lambda: number): Found {
  const [{ data }, numClasses] = [inputs.tensor("labels"), given.number("num_classes")];
  return { shape: [data.length, numClasses], values: mixLabels(data, numClasses, lambda) };
}

export const otherCalls: Readonly<Record<string, Answer>> = {
  "torchvision.transforms.v2.functional.five_crop": (given, inputs) => crops(given, inputs, false),
  "torchvision.transforms.v2.functional.ten_crop": (given, inputs) => crops(given, inputs, true),
  "torchvision.transforms.v2.functional.elastic"(given, inputs) {
    const whole = imageOf(inputs.tensor("image"));
    const canvas = { height: whole.shape[1], width: whole.shape[2] };
    const interpolation = given.text("interpolation", "bilinear");
    if (interpolation !== "nearest" && interpolation !== "bilinear") return given.unsupported(interpolation);
    const displacement = elasticDisplacement(floatsOf(inputs, "noise"), canvas, {
      alpha: given.number("alpha"),
      sigma: given.number("sigma"),
    });
    const made = warpImage(whole, elasticWarp(canvas, displacement), { interpolation, fill: given.axes("fill") ?? 0 });
    return {
      displacement: { shape: [1, canvas.height, canvas.width, 2], values: displacement },
      image: made,
      proper: made,
    };
  },
  "albumentations.GridDistortion"(given, inputs) {
    const whole = imageOf(inputs.tensor("image"));
    const canvas = { height: whole.shape[1], width: whole.shape[2] };
    const parameters = {
      stepsX: given.numbers("steps_x"),
      stepsY: given.numbers("steps_y"),
      normalised: given.flag("normalized", true),
    };
    if (given.number("num_steps") !== parameters.stepsX.length - 1) return given.unsupported("with other steps");
    const { columns, rows } = gridPlaces(canvas, parameters);
    const shape = [canvas.height, canvas.width];
    return {
      mapX: { shape, values: Array.from({ length: canvas.height }, () => [...columns]).flat() },
      mapY: { shape, values: repeated(rows, canvas.width) },
      image: warpImage(whole, gridWarp(canvas, parameters)),
    };
  },
  "torchvision.transforms.v2.MixUp"(given, inputs) {
    const lambda = given.number("lambda");
    return { images: mixupImages(batchOf(inputs), lambda), labels: labelsOf(given, inputs, lambda) };
  },
  "torchvision.transforms.v2.CutMix"(given, inputs) {
    const batch = batchOf(inputs);
    const canvas = { height: batch.shape[2], width: batch.shape[3] };
    const window = cutmixWindow(given.number("lambda"), given.number("x"), given.number("y"), canvas);
    const { top, left, height, width } = window;
    const lambda = shareOutside(window, canvas);
    if (
      given.numbers("box").join() !== [left, top, left + width, top + height].join() ||
      given.number("lambdaAdjusted") !== lambda
    )
      throw new RangeError(`another window is stated than ${JSON.stringify(window)}, or another share than ${lambda}`);
    return { images: cutmixImages(batch, window), labels: labelsOf(given, inputs, lambda) };
  },
  sobel(_, inputs) {
    const { x, y, magnitude } = sobelImage(imageOf(inputs.tensor("image")));
    return { x, y, magnitude };
  },
  "alexnet.pca_colour_shift"(given, inputs) {
    const images = inputs.names().map((name) => imageOf(inputs.tensor(name)));
    const variation = colourVariation(images);
    const shift = colourShift(given.numbers("alphas"), variation);
    const { eigenvalues, eigenvectors } = variation;
    const [first] = images;
    return {
      eigenvalues: listed(eigenvalues),
      eigenvectors: { shape: [eigenvectors.length, eigenvalues.length], values: eigenvectors.flat() },
      shift: listed(shift),
      ...(first && { image: shiftChannels(first, shift) }),
    };
  },
  zca_whitening(given, inputs) {
    const { shape } = inputs.tensor("samples");
    const [, features = 0] = shape;
    const samples = floatsOf(inputs, "samples");
    const whitening = zcaWhitening(samples, features, given.number("epsilon"));
    return {
      mean: listed(whitening.mean),
      matrix: { shape: [features, features], values: whitening.matrix },
      samples: { shape, values: whiten(samples, whitening) },
    };
  },
};
