// Colours, brightness and contrast.
import {
  clahe,
  colorJitter,
  pcaColorShift,
  randomAutocontrast,
  randomChannelPermutation,
  randomColorDrop,
  randomEqualize,
  randomGamma,
  randomGrayscale,
  randomInvert,
  randomPosterize,
  randomSharpness,
  randomSolarize,
} from "@stria/augmentation";
import { chance, number, range } from "./control.ts";
import { type Entry, entry } from "./entry.ts";

const factor = (label: string) => number(label, 0.4, [0, 1], 0.05);

export const colours = {
  colorJitter: entry(colorJitter, {
    does: "Brightness, contrast, saturation and hue, in random order.",
    moves: "colours",
    controls: {
      brightness: factor("brightness"),
      contrast: factor("contrast"),
      saturation: factor("saturation"),
      hue: number("hue", 0.1, [0, 0.5], 0.01),
      probability: chance(1),
    },
    call: (options) => [options],
  }),
  randomGamma: entry(randomGamma, {
    does: "x^gamma: darker or lighter in the middle, black and white stay.",
    moves: "colours",
    controls: { gamma: range("gamma", [0.5, 2], [0.2, 4], 0.05), probability: chance(1) },
    call: (options) => [options],
  }),
  randomGrayscale: entry(randomGrayscale, {
    does: "Grey, of as many channels as before.",
    moves: "colours",
    controls: { probability: chance(0.5) },
    call: (options) => [options],
  }),
  randomColorDrop: entry(randomColorDrop, {
    does: "One channel alone, the others a little noise.",
    paper: "Doersch, Gupta & Efros 2015",
    moves: "colours",
    controls: { probability: chance(1) },
    call: (options) => [options],
  }),
  pcaColorShift: entry(pcaColorShift, {
    does: "Colours shifted along the directions in which those of ImageNet vary: AlexNet's.",
    paper: "Krizhevsky et al. 2012",
    moves: "colours",
    controls: { sigma: number("sigma", 1, [0, 4], 0.05), probability: chance(1) },
    call: (options) => [options],
  }),
  randomChannelPermutation: entry(randomChannelPermutation, {
    does: "The channels in another order.",
    moves: "colours",
    controls: { probability: chance(1) },
    call: (options) => [options],
  }),
  randomInvert: entry(randomInvert, {
    does: "The negative.",
    moves: "colours",
    controls: { probability: chance(0.5) },
    call: (options) => [options],
  }),
  randomPosterize: entry(randomPosterize, {
    does: "Fewer levels: bits that each value keeps.",
    moves: "colours",
    controls: { bits: range("bits", [1, 4], [0, 8]), probability: chance(1) },
    call: (options) => [options],
  }),
  randomSolarize: entry(randomSolarize, {
    does: "The negative of what is bright.",
    moves: "colours",
    controls: { threshold: range("threshold", [0.3, 0.8], [0, 1], 0.05), probability: chance(1) },
    call: (options) => [options],
  }),
  randomEqualize: entry(randomEqualize, {
    does: "All levels about as frequent.",
    moves: "colours",
    controls: { probability: chance(1) },
    call: (options) => [options],
  }),
  randomAutocontrast: entry(randomAutocontrast, {
    does: "Each channel from black to white.",
    moves: "colours",
    controls: { probability: chance(1) },
    call: (options) => [options],
  }),
  clahe: entry(clahe, {
    does: "Levels made more even tile by tile, with a limit on the contrast.",
    paper: "Zuiderveld 1994",
    moves: "colours",
    controls: {
      clipLimit: range("clip limit", [1, 4], [1, 16], 0.5),
      rows: number("rows of tiles", 8, [1, 16]),
      columns: number("columns of tiles", 8, [1, 16]),
      probability: chance(1),
    },
    call: ({ rows, columns, ...options }) => [{ ...options, tileGridSize: [rows, columns] as const }],
  }),
  randomSharpness: entry(randomSharpness, {
    does: "Sharper or softer.",
    moves: "colours",
    controls: { sharpness: range("sharpness", [0, 6], [0, 12], 0.5), probability: chance(1) },
    call: (options) => [options],
  }),
} satisfies Record<string, Entry>;
