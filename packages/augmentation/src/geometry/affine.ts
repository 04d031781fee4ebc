// Rotation, scale, shear and translation of an image, in torchvision's order.
import { AttributeError } from "@stria/core";
import type { Canvas } from "../parts.ts";
import { type Matrix, type Point, cosineAndSine, product, tangent, translation } from "./matrix.ts";
import { turnedCanvas } from "./turn.ts";
import { type Warp, matrixWarp } from "./warp.ts";

export interface AffineParameters {
  /** Degrees, clockwise on the screen. Default 0. */
  readonly angle?: number;
  /** Pixels to the right and downwards. Default none. */
  readonly translate?: readonly [dx: number, dy: number];
  /** Above 0: larger than 1 makes what is seen larger. Default 1. */
  readonly scale?: number;
  /** Degrees along x and along y. Default none. */
  readonly shear?: readonly [x: number, y: number];
  /** The point that stays but for the translation. Default: the image's centre. */
  readonly centre?: Point;
}

/** @throws AttributeError for a number that is not finite. */
export function checkFinite(name: string, numbers: Readonly<Record<string, number>>): void {
  for (const [what, value] of Object.entries(numbers))
    if (!Number.isFinite(value)) throw new AttributeError(name, `${what} is ${value}`, "use a finite number");
}

/** Scale, then shear along x, then along y, then rotation, about the centre; then translation. */
function affineMatrix({ height, width }: Canvas, parameters: AffineParameters): Matrix {
  const { angle = 0, translate = [0, 0], scale = 1, shear = [0, 0], centre = [width / 2, height / 2] } = parameters;
  checkFinite("affine", { angle, dx: translate[0], dy: translate[1], scale, x: centre[0], y: centre[1] });
  checkFinite("affine", { "shear along x": shear[0], "shear along y": shear[1] });
  if (!(scale > 0)) throw new AttributeError("affine", `scale is ${scale}`, "use a number above 0");
  const [cosine, sine] = cosineAndSine(angle);
  return product(
    translation(translate[0] + centre[0], translate[1] + centre[1]),
    [scale * cosine, -scale * sine, 0, scale * sine, scale * cosine, 0, 0, 0, 1],
    [1, 0, 0, -tangent(shear[1]), 1, 0, 0, 0, 1],
    [1, -tangent(shear[0]), 0, 0, 1, 0, 0, 0, 1],
    translation(-centre[0], -centre[1]),
  );
}

/** What rotates, scales, shears and moves an image of that size. @throws AttributeError for a parameter that is not finite, or a scale that is not above 0. */
export function affineWarp(canvas: Canvas, parameters: AffineParameters): Warp {
  return matrixWarp("affine", canvas, affineMatrix(canvas, parameters));
}

export interface RotationParameters {
  /** Degrees, counter-clockwise on the screen. */
  readonly angle: number;
  /** Whether the canvas grows so that all of the image is on it. Default false. */
  readonly expand?: boolean;
  /** The point that stays. Default, and always with `expand`: the image's centre. */
  readonly centre?: Point;
}

/** Far below a pixel: what is above a whole number by less is that number. */
const tolerance = 1e-4;

/** The least whole canvas around the corners. */
function expanded({ height, width }: Canvas, [a, b, c, d, e, f]: Matrix): Canvas {
  const truncated = (value: number): number => Math.trunc(Number(value.toFixed(6)) / tolerance) * tolerance;
  const span = (values: readonly number[]): number =>
    Math.ceil(Number(truncated(Math.max(...values)).toFixed(6))) -
    Math.floor(Number(truncated(Math.min(...values)).toFixed(6)));
  const corners = [0, width].flatMap((x) => [0, height].map((y) => [a * x + b * y + c, d * x + e * y + f]));
  return { height: span(corners.map(([, y = 0]) => y)), width: span(corners.map(([x = 0]) => x)) };
}

/** What rotates an image of that size; multiples of 90 degrees are exact. @throws AttributeError for an angle that is not finite. */
export function rotationWarp(before: Canvas, { angle, expand = false, centre }: RotationParameters): Warp {
  const matrix = affineMatrix(before, { angle: -angle, ...(!expand && centre && { centre }) });
  if (!expand) return matrixWarp("rotate", before, matrix);
  // torchvision looks at where the turn the other way takes the corners, which for a turn is as large.
  const canvas =
    angle % 90 === 0 ? turnedCanvas(before, angle / 90) : expanded(before, affineMatrix(before, { angle }));
  const shift = translation((canvas.width - before.width) / 2, (canvas.height - before.height) / 2);
  return matrixWarp("rotate", before, product(shift, matrix), canvas);
}
