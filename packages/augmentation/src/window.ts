// Cutting a rectangle out of planes of values, inside, partly outside or wholly outside of them.
import { AttributeError } from "@stria/core";
import type { Canvas } from "./parts.ts";

/** A rectangle in whole pixels; it may reach beyond the image. */
export interface Window extends Canvas {
  readonly top: number;
  readonly left: number;
}

/**
 * What is outside of an image: a constant, the nearest pixel, the mirror image without (`"reflect"`) or with (`"symmetric"`) the border pixel
 * repeated.
 */
export type Border = "constant" | "edge" | "reflect" | "symmetric";

/** Values of planes: pixels or classes. */
export type Elements = Uint8Array | Float32Array | Int32Array;

/** The place inside of 0 to `length` - 1 that stands for place `i` outside. */
export const inside: Readonly<Record<Exclude<Border, "constant">, (i: number, length: number) => number>> = {
  edge: (i, length) => Math.min(Math.max(i, 0), length - 1),
  reflect(i, length) {
    const period = Math.max(2 * (length - 1), 1);
    const place = ((i % period) + period) % period;
    return place < length ? place : period - place;
  },
  symmetric(i, length) {
    const place = ((i % (2 * length)) + 2 * length) % (2 * length);
    return place < length ? place : 2 * length - 1 - place;
  },
};

/** @throws AttributeError for what is no border. */
export function checkBorder(name: string, border: Border): void {
  if (border !== "constant" && !Object.hasOwn(inside, border))
    throw new AttributeError(
      name,
      `border is ${JSON.stringify(border)}`,
      `use "constant", "${Object.keys(inside).join('", "')}"`,
    );
}

/** @throws AttributeError for a window that is not of whole pixels, or empty. */
export function checkWindow(name: string, { top, left, height, width }: Window): void {
  const whole = [top, left, height, width].every(Number.isSafeInteger);
  if (!whole || height < 1 || width < 1)
    throw new AttributeError(
      name,
      `the window is ${height}x${width} at row ${top}, column ${left}`,
      "use whole numbers, and a height and width from 1",
    );
}

/** An array of the kind of `values`, of zeros. */
export function emptyLike<Kind extends Elements>(values: Kind, length: number): Kind;
export function emptyLike(values: Elements, length: number): Elements {
  if (values instanceof Float32Array) return new Float32Array(length);
  return values instanceof Uint8Array ? new Uint8Array(length) : new Int32Array(length);
}

function placesAlong(border: Exclude<Border, "constant">, start: number, count: number, length: number): Int32Array {
  return Int32Array.from({ length: count }, (_, i) => inside[border](start + i, length));
}

/**
 * The window of each plane of `values` (`[planes, height, width]`).
 * @param fills what is outside of each plane, where the border is constant
 */
export function cut<Kind extends Elements>(
  values: Kind,
  planes: number,
  { height, width }: Canvas,
  window: Window,
  border: Border,
  fills: readonly number[],
): Kind {
  const { top, left } = window;
  const size = window.height * window.width;
  const made = emptyLike(values, planes * size);
  if (border !== "constant") {
    const rows = placesAlong(border, top, window.height, height);
    const columns = placesAlong(border, left, window.width, width);
    let to = 0;
    for (let plane = 0; plane < planes; plane++)
      for (const row of rows) {
        const from = (plane * height + row) * width;
        for (const column of columns) made[to++] = values[from + column] ?? 0;
      }
    return made;
  }
  const [firstRow, lastRow] = [Math.max(0, -top), Math.min(window.height, height - top)];
  const [firstColumn, lastColumn] = [Math.max(0, -left), Math.min(window.width, width - left)];
  const whole = firstRow === 0 && firstColumn === 0 && lastRow === window.height && lastColumn === window.width;
  for (let plane = 0; plane < planes; plane++) {
    const outside = fills[plane] ?? 0;
    if (!whole && outside !== 0) made.fill(outside, plane * size, (plane + 1) * size);
    if (firstColumn >= lastColumn) continue;
    for (let row = firstRow; row < lastRow; row++) {
      const from = (plane * height + top + row) * width + left;
      made.set(values.subarray(from + firstColumn, from + lastColumn), plane * size + row * window.width + firstColumn);
    }
  }
  return made;
}
