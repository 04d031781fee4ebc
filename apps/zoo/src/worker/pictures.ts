// Values of a layer as pictures: channels first, a vector in lines.
import { sizeOf } from "@stria/core";
import type { Maps } from "../messages.ts";

type Values = Float32Array<ArrayBuffer>;

/** [places, channels] -> [channels, places] */
function transposed(values: Values, places: number, channels: number): Values {
  const result = new Float32Array(values.length);
  for (let place = 0; place < places; place++)
    for (let channel = 0; channel < channels; channel++)
      result[channel * places + place] = values[place * channels + channel] ?? 0;
  return result;
}

/** The values of a layer of a shape (without the batch axis), for one example. */
export function asPictures(values: Values, shape: readonly number[], channelsLast: boolean): Omit<Maps, "path"> {
  if (shape.length < 2) {
    const width = Math.ceil(Math.sqrt(values.length));
    const height = Math.ceil(values.length / Math.max(1, width));
    const lines = new Float32Array(width * height).fill(Number.NaN);
    lines.set(values);
    return { count: 1, height, width, values: lines, isVector: true };
  }
  if (channelsLast) {
    const channels = shape.at(-1) ?? 1;
    const places = shape.slice(0, -1);
    return asPictures(transposed(values, sizeOf(places), channels), [channels, ...places], false);
  }
  const [channels = 1, ...spatial] = shape;
  // Of a signal each map is a column, as in the drawing.
  const [height = 1, width = 1] = spatial.length === 1 ? [spatial[0], 1] : spatial.slice(-2);
  return { count: channels * sizeOf(spatial.slice(0, -2)), height, width, values, isVector: false };
}
