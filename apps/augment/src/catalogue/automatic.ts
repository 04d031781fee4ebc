// Automatic augmentation, transforms of transforms, and what makes numbers for a network.
import {
  augMix,
  autoAugment,
  colorJitter,
  compose,
  horizontalFlip,
  imageNetStatistics,
  normalise,
  oneOf,
  randAugment,
  randomCrop,
  randomRotation,
  sometimes,
  standardise,
  trivialAugment,
  verticalFlip,
} from "@stria/augmentation";
import { choice, chance, number } from "./control.ts";
import { type Entry, entry } from "./entry.ts";
import { nested } from "./source.ts";

export const automatic = {
  randAugment: entry(randAugment, {
    does: "Operations drawn evenly, all of the same strength.",
    paper: "Cubuk et al. 2020",
    moves: "pixels",
    controls: { numOps: number("operations", 2, [0, 6]), magnitude: number("magnitude", 15, [0, 30]) },
    call: (options) => [options],
  }),
  trivialAugment: entry(trivialAugment, {
    does: "One operation of any strength.",
    paper: "Müller & Hutter 2021",
    moves: "pixels",
    controls: { numMagnitudeBins: number("steps of the scale", 31, [2, 61]) },
    call: (options) => [options],
  }),
  autoAugment: entry(autoAugment, {
    does: "Pairs of operations that a search found to help.",
    paper: "Cubuk et al. 2019",
    moves: "pixels",
    controls: { policy: choice("policy", ["imagenet", "cifar10", "svhn"]) },
    call: (options) => [options],
  }),
  augMix: entry(augMix, {
    does: "The image mixed with what chains of operations make of it.",
    paper: "Hendrycks et al. 2020",
    moves: "image alone",
    controls: {
      severity: number("severity", 3, [1, 10]),
      mixtureWidth: number("chains", 3, [1, 6]),
      alpha: number("alpha", 1, [0.1, 10], 0.1),
    },
    call: (options) => [options],
  }),
} satisfies Record<string, Entry>;

export const combining = {
  compose: entry(compose, {
    does: "Transforms one after the other, here CIFAR's crop and mirror image. The list of this page is one too.",
    moves: "pixels",
    controls: { size: number("size", 224, [16, 320], 8), padding: number("padding", 32, [0, 80], 2) },
    call: ({ size, padding }) => [
      [nested("randomCrop", randomCrop, size, { padding }), nested("horizontalFlip", horizontalFlip)],
    ],
  }),
  sometimes: entry(sometimes, {
    does: "A transform with a probability, here a rotation.",
    moves: "pixels",
    controls: { degrees: number("degrees", 45, [0, 180]), probability: chance(0.5) },
    call: ({ degrees, probability }) => [nested("randomRotation", randomRotation, degrees), probability],
  }),
  oneOf: entry(oneOf, {
    does: "One of several, each as likely: here a rotation, upside down, or other hues.",
    moves: "pixels",
    controls: { degrees: number("degrees", 45, [0, 180]), hue: number("hue", 0.3, [0, 0.5], 0.01) },
    call: ({ degrees, hue }) => [
      [
        nested("randomRotation", randomRotation, degrees),
        nested("verticalFlip", verticalFlip, { probability: 1 }),
        nested("colorJitter", colorJitter, { hue }),
      ],
    ],
  }),
} satisfies Record<string, Entry>;

export const numbers = {
  normalise: entry(normalise, {
    does: "(x - mean) / std of each channel, by ImageNet's statistics; it makes floats, here stretched to what a screen shows.",
    moves: "colours",
    controls: {},
    call: () => [imageNetStatistics],
  }),
  standardise: entry(standardise, {
    does: "Each image to mean 0 and deviation 1; it makes floats, here stretched to what a screen shows.",
    moves: "colours",
    controls: {},
    call: () => [],
  }),
} satisfies Record<string, Entry>;
