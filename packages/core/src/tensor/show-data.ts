// Numbers of a tensor as text for people: all of a small one, the ends of a large one.
import { type Shape, at, stridesOf } from "./aval.ts";

/** More elements than this, and only the first and last `ends` along each axis are shown. */
const shown = 200;
const ends = 3;

/** `[[1, 2, 3], [4, 5, 6]]`, one line for each row, numbers with at most 5 digits after the point. */
export function showData(shape: Shape, read: (index: number) => number | boolean): string {
  const strides = stridesOf(shape);
  const isLarge = shape.reduce((size, length) => size * length, 1) > shown;
  const element = (index: number): string => {
    const value = read(index);
    if (typeof value === "boolean" || !Number.isFinite(value) || Number.isInteger(value))
      return Object.is(value, -0) ? "-0" : String(value);
    return Math.abs(value) < 1e-4 || Math.abs(value) >= 1e7
      ? value.toExponential(4)
      : String(Number(value.toPrecision(6)));
  };
  const part = (axis: number, offset: number): string => {
    if (axis === shape.length) return element(offset);
    const length = at(shape, axis);
    const cut = isLarge && length > 2 * ends;
    const items = Array.from({ length: cut ? 2 * ends : length }, (_, place) => {
      const index = cut && place >= ends ? length - 2 * ends + place : place;
      return part(axis + 1, offset + index * at(strides, axis));
    });
    if (cut) items.splice(ends, 0, "...");
    const depth = shape.length - axis - 1; // axes below: a row is on one line, matrices are apart
    return `[${items.join(depth === 0 ? ", " : `,${"\n".repeat(Math.min(depth, 2))}${" ".repeat(axis + 1)}`)}]`;
  };
  return part(0, 0);
}
