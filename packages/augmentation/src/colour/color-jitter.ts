// Brightness, contrast, saturation and hue at random, in random order.
import type { Image } from "../parts.ts";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawn, factorRange } from "../range.ts";
import type { Transform } from "../transform.ts";
import { adjustBrightness, adjustContrast, adjustSaturation } from "./blend.ts";
import { adjustHue } from "./hue.ts";

type Adjustment = "brightness" | "contrast" | "saturation" | "hue";

const adjustments: Readonly<Record<Adjustment, (image: Image, value: number) => Image>> = {
  brightness: adjustBrightness,
  contrast: adjustContrast,
  saturation: adjustSaturation,
  hue: adjustHue,
};

/** The adjustments in the order in which they are made: factors, and for the hue a share of the colour circle. */
export type ColorJitterParameters = readonly (readonly [adjustment: Adjustment, value: number])[];

export interface ColorJitterOptions extends Chance {
  /** Factors; a number a stands for 1 - a to 1 + a. Default none. */
  readonly brightness?: number | Range;
  /** Factors; a number a stands for 1 - a to 1 + a. Default none. */
  readonly contrast?: number | Range;
  /** Factors; a number a stands for 1 - a to 1 + a. Default none. */
  readonly saturation?: number | Range;
  /** Shares of the colour circle, from -0.5 to 0.5; a number a stands for -a to a. Default none. */
  readonly hue?: number | Range;
}

/** The image after the adjustments. */
function jittered(image: Image, parameters: ColorJitterParameters): Image {
  return parameters.reduce((made, [name, value]) => adjustments[name](made, value), image);
}

/** The adjustments that are asked for, each from its range, in random order. The probability is 1. @throws AttributeError for an option out of range */
export function colorJitter(options: ColorJitterOptions): Transform<ColorJitterParameters | null> {
  const { brightness, contrast, saturation, hue, probability = 1 } = options;
  const name = "colorJitter";
  const ranges: (readonly [Adjustment, Range])[] = [];
  if (brightness !== undefined) ranges.push(["brightness", factorRange(name, "brightness", brightness)]);
  if (contrast !== undefined) ranges.push(["contrast", factorRange(name, "contrast", contrast)]);
  if (saturation !== undefined) ranges.push(["saturation", factorRange(name, "saturation", saturation)]);
  if (hue !== undefined)
    ranges.push(["hue", checkedRange(name, "hue", typeof hue === "number" ? [-hue, hue] : hue, -0.5, 0.5)]);
  return photometric(
    name,
    probability,
    (random) => {
      const left = ranges.map(([adjustment, range]) => [adjustment, drawn(random, range)] as const);
      return ranges.flatMap(() => left.splice(random.integer(left.length), 1));
    },
    jittered,
  );
}
