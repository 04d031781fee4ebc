// Parts of the image erased; masks, boxes and key points stay.
import { coarseDropout, cutout, gridMask, randomErasing } from "@stria/augmentation";
import { chance, choice, number, range } from "./control.ts";
import { type Entry, entry } from "./entry.ts";

const fill = number("grey", 0, [0, 255]);

export const erasing = {
  randomErasing: entry(randomErasing, {
    does: "A rectangle becomes a colour, or noise.",
    paper: "Zhong et al. 2020",
    moves: "colours",
    controls: {
      scale: range("area", [0.05, 0.3], [0.01, 0.9], 0.01),
      ratio: range("height over width", [0.3, 3.3], [0.1, 10], 0.1),
      value: choice("becomes", ["random", "black", "white"]),
      probability: chance(0.8),
    },
    call: ({ value, ...options }) => [
      { ...options, value: value === "random" ? value : { black: 0, white: 255 }[value] },
    ],
  }),
  cutout: entry(cutout, {
    does: "A square around a random pixel; it may reach beyond the image.",
    paper: "DeVries & Taylor 2017",
    moves: "colours",
    controls: { length: number("side", 96, [2, 240], 2), fill, probability: chance(1) },
    call: ({ length, ...options }) => [length, options],
  }),
  coarseDropout: entry(coarseDropout, {
    does: "Several rectangles.",
    moves: "colours",
    controls: {
      holes: range("holes", [4, 12], [0, 40]),
      holeHeight: range("height", [10, 40], [1, 120]),
      holeWidth: range("width", [10, 40], [1, 120]),
      fill,
      probability: chance(1),
    },
    call: (options) => [options],
  }),
  gridMask: entry(gridMask, {
    does: "Square holes on a regular grid that begins at a random place.",
    paper: "Chen et al. 2020",
    moves: "colours",
    controls: {
      unit: range("unit", [40, 90], [4, 160]),
      ratio: number("hole's share", 0.4, [0, 1], 0.05),
      fill,
      probability: chance(1),
    },
    call: (options) => [options],
  }),
} satisfies Record<string, Entry>;
