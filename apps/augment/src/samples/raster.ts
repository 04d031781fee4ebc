// Pictures made of shapes: pixels, what each pixel is of, and the boxes around the objects; the same to the bit in every browser and in Node.
import { type Boxes, type Image, type Keypoints, type Mask, boxes, image, keypoints, mask } from "@stria/augmentation";

/** A sample of the page: everything that transforms can move. */
export interface Scene {
  readonly image: Image<Uint8Array>;
  readonly mask?: Mask<Uint8Array>;
  readonly boxes?: Boxes;
  readonly keypoints?: Keypoints;
}

export type Colour = readonly [red: number, green: number, blue: number];

/** A colour, or one for each place. */
export type Paint = Colour | ((x: number, y: number) => Colour);

export interface Shape {
  readonly paint: Paint;
  /** Where it can be: left, top, right, bottom. */
  readonly extent: readonly [left: number, top: number, right: number, bottom: number];
  contains(x: number, y: number): boolean;
}

/** Shapes that are of one object. Those of class 0 are background. */
export interface Thing {
  readonly label: number;
  readonly shapes: readonly Shape[];
}

export function ellipse(x: number, y: number, across: number, down: number, paint: Paint): Shape {
  return {
    paint,
    extent: [x - across, y - down, x + across, y + down],
    contains: (column, row) => ((column - x) / across) ** 2 + ((row - y) / down) ** 2 <= 1,
  };
}

/** A polygon, its corners one after the other. */
export function polygon(corners: readonly (readonly [x: number, y: number])[], paint: Paint): Shape {
  const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
  return {
    paint,
    extent: [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)],
    contains(x, y) {
      let isInside = false;
      for (const [index, [x1, y1]] of corners.entries()) {
        const [x2, y2] = corners[(index + 1) % corners.length] ?? [x1, y1];
        if (y1 > y !== y2 > y && x < x1 + ((y - y1) / (y2 - y1)) * (x2 - x1)) isInside = !isInside;
      }
      return isInside;
    },
  };
}

/** A number from 0 to 1 for each point of a grid, always the same. */
function noiseAt(x: number, y: number): number {
  let bits = (Math.imul(x, 374_761_393) + Math.imul(y, 668_265_263)) | 0;
  bits = Math.imul(bits ^ (bits >>> 13), 1_274_126_177);
  return ((bits ^ (bits >>> 16)) >>> 0) / 2 ** 32;
}

/** Noise that is smooth over so many pixels, from 0 to 1. */
export function texture(x: number, y: number, size: number): number {
  const [i, j] = [Math.floor(x / size), Math.floor(y / size)];
  const [u, v] = [x / size - i, y / size - j].map((part) => part * part * (3 - 2 * part));
  const [right = 0, down = 0] = [u, v];
  const upper = noiseAt(i, j) * (1 - right) + noiseAt(i + 1, j) * right;
  const lower = noiseAt(i, j + 1) * (1 - right) + noiseAt(i + 1, j + 1) * right;
  return upper * (1 - down) + lower * down;
}

/** Between two colours. */
export function between([r1, g1, b1]: Colour, [r2, g2, b2]: Colour, share: number): Colour {
  const part = Math.min(Math.max(share, 0), 1);
  return [r1 + (r2 - r1) * part, g1 + (g2 - g1) * part, b1 + (b2 - b1) * part];
}

const places = [0.25, 0.75];

/** How much of a pixel a shape covers, from 0 to 1. */
function coverage(shape: Shape, column: number, row: number): number {
  let covered = 0;
  for (const y of places) for (const x of places) if (shape.contains(column + x, row + y)) covered++;
  return covered / places.length ** 2;
}

/** Draws things, the first at the back. */
export function drawScene(
  [height, width]: readonly [height: number, width: number],
  background: (x: number, y: number) => Colour,
  things: readonly Thing[],
  points: readonly (readonly [x: number, y: number])[] = [],
): Required<Scene> {
  const size = height * width;
  const [values, labels, found] = [new Uint8Array(3 * size), new Uint8Array(size), new Int32Array(size).fill(-1)];
  const put = (pixel: number, colour: Colour, share: number): void => {
    for (const [channel, value] of colour.entries()) {
      const before = values[channel * size + pixel] ?? 0;
      values[channel * size + pixel] = Math.round(before + (value - before) * share);
    }
  };
  for (let pixel = 0; pixel < size; pixel++) put(pixel, background(pixel % width, Math.floor(pixel / width)), 1);
  for (const [index, { label, shapes }] of things.entries())
    for (const shape of shapes) {
      const [left, top, right, bottom] = shape.extent;
      for (let row = Math.max(0, Math.floor(top)); row < Math.min(height, Math.ceil(bottom)); row++)
        for (let column = Math.max(0, Math.floor(left)); column < Math.min(width, Math.ceil(right)); column++) {
          const share = coverage(shape, column, row);
          if (share === 0) continue;
          const pixel = row * width + column;
          put(pixel, typeof shape.paint === "function" ? shape.paint(column, row) : shape.paint, share);
          if (share < 0.5) continue;
          labels[pixel] = label;
          found[pixel] = index;
        }
    }
  const objects = things.flatMap(({ label }, index) => {
    const box = label > 0 ? extentOf(found, index, width) : undefined;
    return box ? [{ label, box }] : [];
  });
  return {
    image: image(values, [3, height, width]),
    mask: mask(labels, [height, width]),
    boxes: boxes(
      Float32Array.from(objects.flatMap(({ box }) => box)),
      Int32Array.from(objects, ({ label }) => label),
    ),
    keypoints: keypoints(Float32Array.from(points.flat())),
  };
}

/** The box around the pixels of a thing. */
function extentOf(found: Int32Array, index: number, width: number): number[] | undefined {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [pixel, thing] of found.entries()) {
    if (thing !== index) continue;
    const [x, y] = [pixel % width, Math.floor(pixel / width)];
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + 1), Math.max(bottom, y + 1)];
  }
  return left < right ? [left, top, right, bottom] : undefined;
}
