// The pixels whose centres are inside of a polygon, by the even-odd rule.
import type { Canvas } from "@stria/augmentation";

/** Sets the pixels inside of the polygon (x, y, x, y, ... in pixels) to `label`. */
export function drawPolygon(
  pixels: Uint8Array | Int32Array,
  { height, width }: Canvas,
  points: readonly number[],
  label: number,
): void {
  const corners = points.length >> 1;
  for (let row = 0; row < height; row++) {
    const y = row + 0.5;
    const crossings: number[] = [];
    for (let corner = 0; corner < corners; corner++) {
      const next = (corner + 1) % corners;
      const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = [
        points[2 * corner],
        points[2 * corner + 1],
        points[2 * next],
        points[2 * next + 1],
      ];
      if (y0 <= y !== y1 <= y) crossings.push(x0 + ((y - y0) / (y1 - y0)) * (x1 - x0));
    }
    crossings.sort((a, b) => a - b);
    for (let pair = 0; pair + 1 < crossings.length; pair += 2) {
      // Centres from the first crossing on, and before the second.
      const first = Math.max(0, Math.ceil((crossings[pair] ?? 0) - 0.5));
      const end = Math.min(width, Math.ceil((crossings[pair + 1] ?? 0) - 0.5));
      if (first < end) pixels.fill(label, row * width + first, row * width + end);
    }
  }
}
