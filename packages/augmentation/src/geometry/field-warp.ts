// Warps given by where pixels come from. The way forward, for points, is found by iteration.
import type { Canvas } from "../parts.ts";
import type { Point } from "./matrix.ts";
import type { Warp } from "./warp.ts";

/** Where a place of the canvas comes from. */
export type Source = (x: number, y: number) => Point;

const iterations = 64;
const close = 1e-7;

/** The place that comes from a point: fixed point of p = point - (source(p) - p), which exists where the warp does not fold. */
function arrival(source: Source, x: number, y: number): Point {
  let [atX, atY] = [x, y];
  for (let iteration = 0; iteration < iterations; iteration++) {
    const [fromX, fromY] = source(atX, atY);
    atX += x - fromX;
    atY += y - fromY;
    if (Math.abs(x - fromX) + Math.abs(y - fromY) < close) break;
  }
  return [atX, atY];
}

/** A warp that moves each place a little, on a canvas of the same size. */
export function fieldWarp(canvas: Canvas, source: Source, border: Warp["border"] = "constant"): Warp {
  return {
    before: canvas,
    canvas,
    straight: false,
    border,
    sources(row, xs, ys) {
      for (let column = 0; column < canvas.width; column++) {
        const [x, y] = source(column + 0.5, row + 0.5);
        xs[column] = x;
        ys[column] = y;
      }
    },
    forward: (x, y) => arrival(source, x, y),
  };
}
