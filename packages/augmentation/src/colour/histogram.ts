// Brightness spread over the whole range, channel by channel: autocontrast and equalisation.
import type { Image, Pixels } from "../parts.ts";
import { emptyLike } from "../window.ts";
import { byteTable, lookUp, truncated } from "./levels.ts";

/** A channel stretched so that its darkest value is black and its brightest one white. One of a single value stays. */
export function autocontrast<Values extends Pixels>({ values, shape }: Image<Values>): Image<Values> {
  const [channels, height, width] = shape;
  const size = height * width;
  const made = emptyLike(values, values.length);
  for (let channel = 0; channel < channels; channel++) {
    const [start, end] = [channel * size, (channel + 1) * size];
    let [low, high] = [Infinity, -Infinity];
    for (let i = start; i < end; i++) {
      const value = values[i] ?? 0;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    if (values instanceof Uint8Array && made instanceof Uint8Array) {
      const step = Math.fround((high - low) * Math.fround(1 / 255));
      const level = (value: number): number => truncated(Math.fround((value - low) / step));
      lookUp(values, byteTable(high > low ? level : (value) => value), made, start, end);
    } else
      for (let i = start; i < end; i++) {
        const value = values[i] ?? 0;
        made[i] = high > low ? Math.min(Math.max((value - low) / (high - low), 0), 1) : value;
      }
  }
  return { kind: "image", values: made, shape };
}

/** Which of 256 bins a float from 0 to 1 falls into. */
function binOf(value: number): number {
  return truncated(Math.fround(value * 255.999));
}

/** How often each of 256 levels is among the values from `start` up to `end`. */
function histogramOf(values: Pixels, start: number, end: number): Int32Array {
  const counts = new Int32Array(256);
  const bytes = values instanceof Uint8Array;
  for (let i = start; i < end; i++) {
    const bin = bytes ? (values[i] ?? 0) : binOf(values[i] ?? 0);
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** PIL's table that makes all levels about as frequent, or none where there is too little to spread. */
function equalising(counts: Int32Array, size: number): Uint8Array {
  const brightest = counts.findLast((count) => count > 0) ?? 0;
  const step = Math.floor((size - brightest) / 255);
  if (step === 0) return byteTable((value) => value);
  let below = Math.floor(step / 2);
  return byteTable((value) => {
    const level = Math.min(Math.floor(below / step), 255);
    below += counts[value] ?? 0;
    return level;
  });
}

/** Each channel with its levels spread so that all are about as frequent, by PIL's rule. Floats are put into 256 bins. */
export function equalize<Values extends Pixels>({ values, shape }: Image<Values>): Image<Values> {
  const [channels, height, width] = shape;
  const size = height * width;
  const made = emptyLike(values, values.length);
  for (let channel = 0; channel < channels; channel++) {
    const [start, end] = [channel * size, (channel + 1) * size];
    const table = equalising(histogramOf(values, start, end), size);
    if (values instanceof Uint8Array && made instanceof Uint8Array) lookUp(values, table, made, start, end);
    else for (let i = start; i < end; i++) made[i] = (table[binOf(values[i] ?? 0)] ?? 0) / 255;
  }
  return { kind: "image", values: made, shape };
}
