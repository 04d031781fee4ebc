// Mirror images, turns, crops and sizes.
import {
  centreCrop,
  horizontalFlip,
  pad,
  randomCrop,
  randomQuarterTurn,
  randomResizedCrop,
  randomShorterSide,
  resize,
  scaleJitter,
  verticalFlip,
} from "@stria/augmentation";
import { chance, choice, number, range } from "./control.ts";
import { type Entry, entry } from "./entry.ts";

const [height, width] = [number("height", 192, [16, 320], 8), number("width", 192, [16, 320], 8)];
const border = choice("border", ["constant", "edge", "reflect", "symmetric"]);
const interpolation = choice("interpolation", ["bilinear", "bicubic", "nearest"]);
const unit = [0.05, 1] as const;

export const windows = {
  horizontalFlip: entry(horizontalFlip, {
    does: "Left and right exchanged.",
    moves: "pixels",
    controls: { probability: chance(0.5) },
    call: (options) => [options],
  }),
  verticalFlip: entry(verticalFlip, {
    does: "Upside down.",
    moves: "pixels",
    controls: { probability: chance(0.5) },
    call: (options) => [options],
  }),
  randomQuarterTurn: entry(randomQuarterTurn, {
    does: "Quarter turns, which mix no pixels: for pictures without an up.",
    moves: "pixels",
    controls: { most: number("most turns", 3, [1, 3]) },
    call: ({ most }) => [{ turns: [0, 1, 2, 3].slice(0, most + 1) }],
  }),
  randomCrop: entry(randomCrop, {
    does: "A window at a random place; with padding it may reach beyond the image.",
    paper: "Krizhevsky et al. 2012; with padding He et al. 2015",
    moves: "pixels",
    controls: { height, width, padding: number("padding", 16, [0, 80], 2), border },
    call: ({ height: rows, width: columns, ...options }) => [[rows, columns], options],
  }),
  centreCrop: entry(centreCrop, {
    does: "The middle of the image; larger than the image, it has a border.",
    moves: "pixels",
    controls: { height, width, border },
    call: ({ height: rows, width: columns, ...options }) => [[rows, columns], options],
  }),
  pad: entry(pad, {
    does: "A border around the image.",
    moves: "pixels",
    controls: { x: number("left and right", 24, [0, 96]), y: number("top and bottom", 16, [0, 96]), border },
    call: ({ x, y, ...options }) => [[x, y], options],
  }),
  resize: entry(resize, {
    does: "Another size.",
    moves: "pixels",
    controls: { height: number("height", 64, [8, 320], 8), width: number("width", 128, [8, 320], 8), interpolation },
    call: ({ height: rows, width: columns, ...options }) => [[rows, columns], options],
  }),
  randomResizedCrop: entry(randomResizedCrop, {
    does: "A window of random area and proportions, resized: Inception's crop.",
    paper: "Szegedy et al. 2015",
    moves: "pixels",
    controls: {
      size: number("size", 192, [16, 320], 8),
      scale: range("area", [0.2, 1], unit, 0.05),
      ratio: range("width over height", [0.75, 1.35], [0.25, 4], 0.05),
      interpolation,
    },
    call: ({ size, ...options }) => [size, options],
  }),
  randomShorterSide: entry(randomShorterSide, {
    does: "The shorter side a number of a range, proportions kept: VGG's scale jitter.",
    paper: "Simonyan & Zisserman 2014",
    moves: "pixels",
    controls: { sides: range("shorter side", [64, 240], [16, 320], 8), interpolation },
    call: ({ sides, ...options }) => [sides, options],
  }),
  scaleJitter: entry(scaleJitter, {
    does: "The size that fits a target, times a number of a range: large scale jitter.",
    paper: "Ghiasi et al. 2021",
    moves: "pixels",
    controls: { height, width, scale: range("scale", [0.3, 1.5], [0.1, 2], 0.05), interpolation },
    call: ({ height: rows, width: columns, ...options }) => [[rows, columns], options],
  }),
} satisfies Record<string, Entry>;
