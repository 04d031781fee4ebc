// Colours for classes: each as far as can be from all before it, so that neighbours in a map are told apart.
import type { Rgb } from "../../../page/theme.ts";

type Lab = readonly [lightness: number, a: number, b: number];

const levels = [0, 51, 102, 153, 204, 255];
/** So many are far enough apart; then they begin again. */
const mostColours = 64;
/** Class 0 is what is left over in most data sets. */
const first: Rgb = [102, 102, 102];
/** Darker and lighter ones look all the same over an image. */
const lightest = 0.93;
const darkest = 0.38;

/** A byte of sRGB in proportion to the light. */
function linear(byte: number): number {
  const value = byte / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
}

/** Oklab, in which distances are about those that are seen (Ottosson 2020, https://bottosson.github.io/posts/oklab/). */
export function labOf([red, green, blue]: Rgb): Lab {
  const [r, g, b] = [linear(red), linear(green), linear(blue)];
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

/** How far apart two colours look; black and white are 1. */
export function distance(one: Lab, other: Lab): number {
  return Math.hypot(one[0] - other[0], one[1] - other[1], one[2] - other[2]);
}

function makePalette(): readonly Rgb[] {
  const chosen: Rgb[] = [first];
  const from = labOf(first);
  const candidates = levels
    .flatMap((red) => levels.flatMap((green) => levels.map((blue): Rgb => [red, green, blue])))
    .map((colour) => ({ colour, lab: labOf(colour), apart: distance(labOf(colour), from) }))
    .filter(({ lab: [lightness] }) => lightness >= darkest && lightness <= lightest);
  while (chosen.length < mostColours) {
    const next = candidates.reduce((best, candidate) => (candidate.apart > best.apart ? candidate : best));
    chosen.push(next.colour);
    for (const candidate of candidates) candidate.apart = Math.min(candidate.apart, distance(candidate.lab, next.lab));
  }
  return chosen;
}

let palette: readonly Rgb[] | undefined;

/** The colour of a class, by its number. */
export function classColour(index: number): Rgb {
  palette ??= makePalette();
  return palette[index % mostColours] ?? first;
}
