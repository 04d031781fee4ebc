// Random rotation, and random affine maps.
import { AttributeError } from "@stria/core";
import { type Range, checkedRange, drawn, symmetricRange } from "../range.ts";
import type { Transform } from "../transform.ts";
import { type AffineParameters, type RotationParameters, affineWarp, rotationWarp } from "./affine.ts";
import type { Point } from "./matrix.ts";
import { type WarpOptions, warpRules } from "./warp-rules.ts";

export interface RandomRotationOptions extends WarpOptions {
  /** Whether the canvas grows so that all of the image is on it. Default false. */
  readonly expand?: boolean;
  /** The point that stays. Default: the image's centre. */
  readonly centre?: Point;
}

/** A rotation by an angle from `degrees`, counter-clockwise; a number a stands for -a to a. @throws AttributeError for an option out of range */
export function randomRotation(
  degrees: number | Range,
  options: RandomRotationOptions = {},
): Transform<RotationParameters> {
  const range = symmetricRange("randomRotation", "degrees", degrees);
  const { expand = false, centre } = options;
  return {
    name: "randomRotation",
    draw: (random) => ({ angle: drawn(random, range), expand, ...(centre && { centre }) }),
    sizeAfter: (canvas, parameters) => (parameters.expand ? rotationWarp(canvas, parameters).canvas : canvas),
    rules: warpRules("randomRotation", (parameters, canvas) => rotationWarp(canvas, parameters), options),
  };
}

export interface RandomAffineOptions extends WarpOptions {
  /** Angles, clockwise; a number a stands for -a to a. Default 0. */
  readonly degrees?: number | Range;
  /** The farthest that the image moves, as shares of its width and height. Default none. */
  readonly translate?: readonly [x: number, y: number];
  /** Scales above 0. Default 1. */
  readonly scale?: Range;
  /** Degrees of shear along x, and along y; a number a stands for -a to a along x. Default none. */
  readonly shear?: number | Range | readonly [lowX: number, highX: number, lowY: number, highY: number];
  /** The point about which it is turned. Default: the image's centre. */
  readonly centre?: Point;
}

/** Rotation, translation, scale and shear at once, each from its range. @throws AttributeError for an option out of range */
export function randomAffine(options: RandomAffineOptions): Transform<AffineParameters> {
  const { translate = [0, 0], shear = 0, centre } = options;
  const degrees = symmetricRange("randomAffine", "degrees", options.degrees ?? 0);
  const scale = checkedRange("randomAffine", "scale", options.scale ?? 1, 0);
  if (scale[0] === 0) throw new AttributeError("randomAffine", "scale is 0", "use numbers above 0");
  for (const share of translate)
    if (!(share >= 0 && share <= 1))
      throw new AttributeError("randomAffine", `translate is [${translate.join(", ")}]`, "use shares from 0 to 1");
  const [lowX = 0, highX = 0, lowY = 0, highY = 0] = typeof shear === "number" ? [-shear, shear] : shear;
  const shearX = checkedRange("randomAffine", "shear", [lowX, highX], -89, 89);
  const shearY = checkedRange("randomAffine", "shear", [lowY, highY], -89, 89);
  return {
    name: "randomAffine",
    draw(random, { height, width }) {
      const whole = (most: number): number => Math.round(random.uniform(-most, most)) + 0; // no -0
      return {
        angle: drawn(random, degrees),
        translate: [whole(translate[0] * width), whole(translate[1] * height)],
        scale: drawn(random, scale),
        shear: [drawn(random, shearX), drawn(random, shearY)],
        ...(centre && { centre }),
      };
    },
    sizeAfter: (canvas) => canvas,
    rules: warpRules("randomAffine", (parameters, canvas) => affineWarp(canvas, parameters), options),
  };
}
