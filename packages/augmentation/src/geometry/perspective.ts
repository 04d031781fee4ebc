// The view from another side: four points go to four others.
import { AttributeError } from "@stria/core";
import type { Canvas } from "../parts.ts";
import type { Matrix, Point } from "./matrix.ts";
import { inverse, product } from "./matrix.ts";
import { type Warp, matrixWarp } from "./warp.ts";

/** Four points, in the order of a walk around: upper left, upper right, lower right, lower left. */
export type Quadrilateral = readonly [Point, Point, Point, Point];

export interface PerspectiveParameters {
  /** Points of the image. */
  readonly startpoints: Quadrilateral;
  /** Where they go. */
  readonly endpoints: Quadrilateral;
}

/** The map of the unit square onto a quadrilateral (Heckbert 1989, section 2.2.3). */
function fromSquare([[x0, y0], [x1, y1], [x2, y2], [x3, y3]]: Quadrilateral): Matrix {
  const [dx1, dx2, dx3] = [x1 - x2, x3 - x2, x0 - x1 + x2 - x3];
  const [dy1, dy2, dy3] = [y1 - y2, y3 - y2, y0 - y1 + y2 - y3];
  const below = dx1 * dy2 - dx2 * dy1;
  const [g, h] = [(dx3 * dy2 - dx2 * dy3) / below, (dx1 * dy3 - dx3 * dy1) / below];
  return [x1 - x0 + g * x1, x3 - x0 + h * x3, x0, y1 - y0 + g * y1, y3 - y0 + h * y3, y0, g, h, 1];
}

/** Twice the signed area of each corner's triangle. */
function turns(points: Quadrilateral): readonly number[] {
  return points.map(([x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % 4] ?? [x, y];
    const [lastX, lastY] = points[(index + 3) % 4] ?? [x, y];
    return (nextX - x) * (lastY - y) - (nextY - y) * (lastX - x);
  });
}

/** @throws AttributeError unless the four points go around a convex quadrilateral. */
function checkConvex(what: string, points: Quadrilateral): void {
  const areas = turns(points);
  if (areas.every((area) => area > 0) || areas.every((area) => area < 0)) return;
  throw new AttributeError(
    "perspective",
    `the ${what} ${JSON.stringify(points)} are no corners of a convex quadrilateral`,
    "pass four corners in the order of a walk around",
  );
}

/** What moves four points of an image of that size to four others, straight lines staying straight. @throws AttributeError unless both are corners of convex quadrilaterals. */
export function perspectiveWarp(canvas: Canvas, { startpoints, endpoints }: PerspectiveParameters): Warp {
  checkConvex("startpoints", startpoints);
  checkConvex("endpoints", endpoints);
  const matrix = product(fromSquare(endpoints), inverse("perspective", fromSquare(startpoints)));
  return matrixWarp("perspective", canvas, matrix);
}
