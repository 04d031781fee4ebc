// Boxes and key points where a warp moves them to.
import type { Boxes, Keypoints } from "../parts.ts";
import type { Warp } from "./warp.ts";

/** Into how many pieces the side of a box is cut, where straight lines bend. */
const pieces = 16;

const within = (value: number, limit: number): number => Math.min(Math.max(value, 0), limit);

/** The boxes around what becomes of the boxes, clipped to the canvas; one that lies outside has no area then (see `largeBoxes`). */
export function warpBoxes({ values, labels }: Boxes, warp: Warp): Boxes {
  const { height, width } = warp.canvas;
  const steps = warp.straight ? 1 : pieces;
  const made = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += 4) {
    const [left = 0, top = 0, right = 0, bottom = 0] = values.subarray(at, at + 4);
    const bounds = { left: Infinity, top: Infinity, right: -Infinity, bottom: -Infinity };
    const include = (x: number, y: number): void => {
      const [movedX, movedY] = warp.forward(x, y);
      bounds.left = Math.min(bounds.left, movedX);
      bounds.right = Math.max(bounds.right, movedX);
      bounds.top = Math.min(bounds.top, movedY);
      bounds.bottom = Math.max(bounds.bottom, movedY);
    };
    for (let step = 0; step <= steps; step++) {
      const [x, y] = [left + ((right - left) * step) / steps, top + ((bottom - top) * step) / steps];
      include(x, top);
      include(x, bottom);
      include(left, y);
      include(right, y);
    }
    made[at] = within(bounds.left, width);
    made[at + 1] = within(bounds.top, height);
    made[at + 2] = within(bounds.right, width);
    made[at + 3] = within(bounds.bottom, height);
  }
  return { kind: "boxes", values: made, labels };
}

/** The points where a warp moves them to, also outside of the canvas. */
export function warpKeypoints({ values }: Keypoints, warp: Warp): Keypoints {
  const made = new Float32Array(values.length);
  for (let at = 0; at < values.length; at += 2) made.set(warp.forward(values[at] ?? 0, values[at + 1] ?? 0), at);
  return { kind: "keypoints", values: made };
}
