// What pixels are where nothing of the image is.
import { AttributeError } from "@stria/core";
import type { Labels, Pixels } from "./parts.ts";

/** A number for all channels, or one for each. */
export type Fill = number | readonly number[];

function fits(values: Pixels | Labels, fill: number): boolean {
  if (values instanceof Float32Array) return Number.isFinite(fill);
  return Number.isInteger(fill) && (values instanceof Int32Array ? fill === (fill | 0) : fill >= 0 && fill <= 255);
}

/**
 * The fill of each channel.
 * @throws AttributeError for a fill that the values cannot hold, or not as many as there are channels.
 */
export function fillsOf(name: string, values: Pixels | Labels, fill: Fill, channels: number): readonly number[] {
  const fills = typeof fill === "number" ? [fill] : fill;
  if (fills.length !== 1 && fills.length !== channels)
    throw new AttributeError(
      name,
      `fill has ${fills.length} numbers for ${channels} channels`,
      "pass one number, or one for each channel",
    );
  const wrong = fills.find((one) => !fits(values, one));
  if (wrong !== undefined)
    throw new AttributeError(
      name,
      `fill is ${wrong}, of values that are ${values.constructor.name}`,
      "use a whole number from 0 to 255 for bytes, a finite one for floats",
    );
  return fills.length === channels ? fills : Array.from({ length: channels }, () => fills[0] ?? 0);
}
