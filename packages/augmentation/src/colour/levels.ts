// Functions of one value at a time: a table for bytes, and the formula for floats.
import { ShapeError } from "@stria/core";
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";

/** The value of full brightness: 255 of bytes, 1 of floats. */
export function boundOf(values: Pixels): number {
  return values instanceof Uint8Array ? 255 : 1;
}

/** A number cut to what a byte can be, digits after the point left off. */
export function truncated(value: number): number {
  return value <= 0 ? 0 : Math.min(Math.trunc(value), 255);
}

/** A number cut to what is between black and white. */
export function unit(value: number): number {
  return Math.min(Math.max(value, 0), 1);
}

/** Writes table[value] for each value of `from`, from `start` up to `end`. */
export function lookUp(from: Uint8Array, table: Uint8Array, into: Uint8Array, start: number, end: number): void {
  for (let i = start; i < end; i++) into[i] = table[from[i] ?? 0] ?? 0;
}

/** A table of what becomes of each byte. */
export function byteTable(level: (value: number) => number): Uint8Array {
  const table = new Uint8Array(256);
  for (let value = 0; value < 256; value++) table[value] = level(value);
  return table;
}

/** The image whose values went through a function: `bytes` of whole numbers from 0 to 255, or `floats`. */
export function eachValue<Values extends Pixels>(
  { values, shape }: Image<Values>,
  bytes: (value: number) => number,
  floats: (value: number) => number,
): Image<Values> {
  const made = emptyLike(values, values.length);
  if (values instanceof Uint8Array && made instanceof Uint8Array)
    lookUp(values, byteTable(bytes), made, 0, values.length);
  else for (let i = 0; i < values.length; i++) made[i] = floats(values[i] ?? 0);
  return { kind: "image", values: made, shape };
}

/** @throws ShapeError for an image that is neither grey nor of three colours. */
export function checkColours(name: string, channels: number): void {
  if (channels !== 1 && channels !== 3)
    throw new ShapeError(
      name,
      `the image has ${channels} channels`,
      "use an image of 1 or 3 channels: grey, or red, green, blue",
    );
}
