// Maps of the plane, and local distortions.
import {
  elasticTransform,
  gridDistortion,
  randomAffine,
  randomLocalWarp,
  randomPerspective,
  randomRotation,
} from "@stria/augmentation";
import { chance, check, choice, number, range } from "./control.ts";
import { type Entry, entry } from "./entry.ts";

const interpolation = choice("interpolation", ["bilinear", "nearest"]);
const fill = number("grey outside", 0, [0, 255]);

export const maps = {
  randomRotation: entry(randomRotation, {
    does: "A rotation by a random angle; with expand the canvas grows so that all of the image is on it.",
    moves: "pixels",
    controls: {
      degrees: range("degrees", [-30, 30], [-180, 180]),
      expand: check("expand", false),
      interpolation,
      fill,
    },
    call: ({ degrees, ...options }) => [degrees, options],
  }),
  randomAffine: entry(randomAffine, {
    does: "Rotation, translation, scale and shear at once.",
    moves: "pixels",
    controls: {
      degrees: range("degrees", [-15, 15], [-180, 180]),
      translate: number("translate", 0.1, [0, 0.5], 0.01),
      scale: range("scale", [0.8, 1.2], [0.25, 2], 0.05),
      shear: number("shear", 10, [0, 45]),
      interpolation,
      fill,
    },
    call: ({ translate, ...options }) => [{ ...options, translate: [translate, translate] }],
  }),
  randomPerspective: entry(randomPerspective, {
    does: "The view from another side: each corner moved inwards.",
    moves: "pixels",
    controls: {
      distortionScale: number("distortion", 0.5, [0, 0.95], 0.05),
      probability: chance(0.8),
      interpolation,
      fill,
    },
    call: (options) => [options],
  }),
  elasticTransform: entry(elasticTransform, {
    does: "Every pixel moved by smoothed noise.",
    paper: "Simard, Steinkraus & Platt 2003",
    moves: "pixels",
    controls: {
      alpha: number("alpha", 200, [0, 600], 10),
      sigma: number("sigma", 8, [2, 20], 0.5),
      interpolation,
      fill,
    },
    call: (options) => [options],
  }),
  gridDistortion: entry(gridDistortion, {
    does: "The cells of a grid made wider or narrower; what is outside is the image's mirror image.",
    moves: "pixels",
    controls: {
      numSteps: number("cells", 5, [1, 12]),
      distortLimit: number("limit", 0.4, [0, 0.95], 0.05),
      interpolation,
    },
    call: (options) => [options],
  }),
  randomLocalWarp: entry(randomLocalWarp, {
    does: "What is around a random point pulled to another place.",
    moves: "pixels",
    controls: {
      radius: range("radius", [0.2, 0.5], [0.05, 1], 0.05),
      strength: number("strength", 0.8, [0, 0.95], 0.05),
      interpolation,
    },
    call: (options) => [options],
  }),
} satisfies Record<string, Entry>;
