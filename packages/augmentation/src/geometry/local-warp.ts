// Local warping: what is around one point is pulled to another place, and what is further away stays.
import { AttributeError } from "@stria/core";
import type { Canvas } from "../parts.ts";
import { checkFinite } from "./affine.ts";
import { fieldWarp } from "./field-warp.ts";
import type { Point } from "./matrix.ts";
import type { Warp } from "./warp.ts";

export interface LocalWarpParameters {
  /** The point that is pulled. */
  readonly centre: Point;
  /** How far around it pixels move. */
  readonly radius: number;
  /** How far the point is pulled to the right and downwards. */
  readonly shift: readonly [dx: number, dy: number];
}

/** Of the radius: pulled further, the image would fold. The slope of (1 - t^2)^2 is at most 8 / (3 sqrt(3)). */
export const longestPull: number = (3 * Math.sqrt(3)) / 8;

/** What pulls an image at a point: the pixel at distance t times the radius from where the pull ends comes from (1 - t^2)^2 of the shift away. @throws AttributeError for a radius that is not above 0, or a shift so long that the image would fold. */
export function localWarp(canvas: Canvas, { centre, radius, shift }: LocalWarpParameters): Warp {
  const [[centreX, centreY], [dx, dy]] = [centre, shift];
  checkFinite("localWarp", { x: centreX, y: centreY, radius, dx, dy });
  const longest = longestPull * radius;
  if (!(radius > 0) || Math.hypot(dx, dy) >= longest)
    throw new AttributeError(
      "localWarp",
      `a pull by ${Math.hypot(dx, dy)} pixels within a radius of ${radius}`,
      "use a radius above 0, and pull by less than 0.649 of it",
    );
  return fieldWarp(canvas, (x, y) => {
    const t = ((x - centreX) ** 2 + (y - centreY) ** 2) / radius ** 2;
    const share = t < 1 ? (1 - t) ** 2 : 0;
    return [x - share * dx, y - share * dy];
  });
}
