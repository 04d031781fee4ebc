// Blur, edges and noise.
import {
  boxBlur,
  emboss,
  gaussianBlur,
  gaussianNoise,
  jpegArtefacts,
  medianBlur,
  motionBlur,
  saltAndPepperNoise,
  sobel,
} from "@stria/augmentation";
import { chance, number, range } from "./control.ts";
import { type Entry, entry } from "./entry.ts";

const sizes = range("size", [3, 9], [1, 21], 2);
const unit = [0, 1] as const;

export const filters = {
  gaussianBlur: entry(gaussianBlur, {
    does: "Gaussian blur.",
    moves: "colours",
    controls: {
      kernelSize: number("kernel", 13, [1, 31], 2),
      sigma: range("sigma", [0.5, 4], [0.1, 8], 0.1),
      probability: chance(1),
    },
    call: ({ kernelSize, ...options }) => [kernelSize, options],
  }),
  boxBlur: entry(boxBlur, {
    does: "The mean of a window.",
    moves: "colours",
    controls: { sizes, probability: chance(1) },
    call: (values) => [values.sizes, { probability: values.probability }],
  }),
  medianBlur: entry(medianBlur, {
    does: "The median of a window: edges stay, speckles go.",
    moves: "colours",
    controls: { sizes, probability: chance(1) },
    call: (values) => [values.sizes, { probability: values.probability }],
  }),
  motionBlur: entry(motionBlur, {
    does: "Blur along a straight path in a random direction.",
    moves: "colours",
    controls: { sizes: range("size", [7, 21], [3, 31], 2), probability: chance(1) },
    call: (values) => [values.sizes, { probability: values.probability }],
  }),
  sobel: entry(sobel, {
    does: "The lengths of Sobel's gradients: edges.",
    moves: "colours",
    controls: { probability: chance(1) },
    call: (options) => [options],
  }),
  emboss: entry(emboss, {
    does: "The image as a relief.",
    moves: "colours",
    controls: {
      alpha: range("share of relief", [0.5, 1], unit, 0.05),
      strength: range("height", [0.5, 1.5], [0, 3], 0.1),
      probability: chance(1),
    },
    call: (options) => [options],
  }),
  gaussianNoise: entry(gaussianNoise, {
    does: "Normal noise added to each value.",
    moves: "colours",
    controls: { sigma: range("sigma", [0.05, 0.2], [0, 0.5], 0.01), probability: chance(1) },
    call: (options) => [options],
  }),
  saltAndPepperNoise: entry(saltAndPepperNoise, {
    does: "Pixels that are black or white.",
    moves: "colours",
    controls: { amount: range("share", [0.02, 0.15], unit, 0.01), probability: chance(1) },
    call: (options) => [options],
  }),
  jpegArtefacts: entry(jpegArtefacts, {
    does: "What JPEG makes of an image at a low quality.",
    moves: "colours",
    controls: { quality: range("quality", [5, 30], [1, 100]), probability: chance(1) },
    call: (options) => [options],
  }),
} satisfies Record<string, Entry>;
