// A small picture of a sample: its image, and over it its mask, boxes and key points.
import { type Image, type PartsByName, image, resizeImage, resizeMask } from "@stria/augmentation";
import { type Canvas, colourOf } from "./canvas.ts";

/** How much smaller than the sample. */
const scale = 0.4;
/** Room for a sample of 320 x 240 that has become a quarter larger. */
export const cell = { height: 116, width: 150 } as const;

/** Floats stretched from black to white. */
export function asBytes({ values, shape }: Image): Image<Uint8Array> {
  if (values instanceof Uint8Array) return image(values, shape);
  let [least, largest] = [Infinity, -Infinity];
  for (const value of values) [least, largest] = [Math.min(least, value), Math.max(largest, value)];
  const stretch = 255 / Math.max(largest - least, 1e-9);
  return image(
    Uint8Array.from(values, (value) => Math.round((value - least) * stretch)),
    shape,
  );
}

/** Draws a sample into the middle of a cell whose corner is told. */
export function drawTile(canvas: Canvas, sample: PartsByName, left: number, top: number): void {
  const { image: picture, mask, boxes, keypoints } = sample;
  if (picture?.kind !== "image") return;
  const [, height, width] = picture.shape;
  const fit = Math.min(scale, cell.height / height, cell.width / width);
  const size = { height: Math.max(1, Math.round(height * fit)), width: Math.max(1, Math.round(width * fit)) };
  const [x0, y0] = [left + ((cell.width - size.width) >> 1), top + ((cell.height - size.height) >> 1)];
  canvas.paste(resizeImage(asBytes(picture), size), x0, y0);
  if (mask?.kind === "mask") {
    const { values } = resizeMask(mask, size);
    for (const [at, label] of values.entries())
      if (label > 0) canvas.dot(x0 + (at % size.width), y0 + Math.floor(at / size.width), colourOf(label), 0.45);
  }
  if (boxes?.kind === "boxes")
    for (const [index, label] of boxes.labels.entries()) {
      const box = [...boxes.values.subarray(4 * index, 4 * index + 4)];
      canvas.rectangle(
        box.map((side, which) => side * fit + (which % 2 === 0 ? x0 : y0)),
        colourOf(label),
      );
    }
  if (keypoints?.kind === "keypoints")
    for (let at = 0; at < keypoints.values.length; at += 2) {
      const [x = 0, y = 0] = keypoints.values.subarray(at, at + 2);
      if (x > 0 && x < width && y > 0 && y < height) canvas.point(x0 + x * fit, y0 + y * fit);
    }
}
