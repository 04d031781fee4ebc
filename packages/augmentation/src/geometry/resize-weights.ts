// How much each pixel along an axis counts for each of another number of pixels.
import { AttributeError } from "@stria/core";

/**
 * How an image is resized. `"nearest"` takes the pixel at floor(i old / new), `"nearestExact"` the one under the new pixel's centre; `"bilinear"` is a
 * triangle, `"bicubic"` Keys' cubic (a = -0.5 with antialiasing, else -0.75).
 */
export type Interpolation = "nearest" | "nearestExact" | "bilinear" | "bicubic";

const known: readonly string[] = ["nearest", "nearestExact", "bilinear", "bicubic"] satisfies Interpolation[];

/** @throws AttributeError for what is no interpolation. */
export function checkInterpolation(name: string, interpolation: Interpolation): void {
  if (!known.includes(interpolation))
    throw new AttributeError(name, `interpolation is ${JSON.stringify(interpolation)}`, `use "${known.join('", "')}"`);
}

/** For each new pixel the first old one that counts, and the weights of `taps` from there on. */
export interface AxisWeights {
  readonly taps: number;
  readonly first: Int32Array;
  readonly weights: Float64Array;
}

function triangle(x: number): number {
  return Math.max(0, 1 - Math.abs(x));
}

function cubic(a: number): (x: number) => number {
  return (signed) => {
    const x = Math.abs(signed);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  };
}

/** The weights of the old pixels from `low` to `high` - 1, which may be outside: the border pixel counts for those. */
interface Reach {
  readonly low: number;
  readonly high: number;
  weight(place: number): number;
}

function reachOf(old: number, count: number, interpolation: Interpolation, antialias: boolean): (i: number) => Reach {
  const scale = old / count;
  const one = (place: number): Reach => ({ low: place, high: place + 1, weight: () => 1 });
  if (interpolation === "nearest") return (i) => one(Math.min(Math.floor((i * old) / count), old - 1));
  if (interpolation === "nearestExact")
    return (i) => one(Math.min(Math.floor(((2 * i + 1) * old) / (2 * count)), old - 1));
  const radius = interpolation === "bilinear" ? 1 : 2;
  const shape = interpolation === "bilinear" ? triangle : cubic(antialias ? -0.5 : -0.75);
  const spread = antialias ? Math.max(scale, 1) : 1;
  return (i) => {
    const centre = scale * (i + 0.5);
    const weight = (place: number): number => shape((place + 0.5 - centre) / spread);
    if (!antialias) {
      const left = Math.floor(centre - 0.5);
      return { low: left + 1 - radius, high: left + 1 + radius, weight };
    }
    const low = Math.max(Math.trunc(centre - radius * spread + 0.5), 0);
    const high = Math.min(Math.trunc(centre + radius * spread + 0.5), old);
    let sum = 0;
    for (let place = low; place < high; place++) sum += weight(place);
    return { low, high, weight: (place) => weight(place) / sum };
  };
}

/** The weights that make `count` pixels of `old` ones. Without `antialias`, which is for bilinear and bicubic, the filter does not grow when shrinking. */
export function axisWeights(old: number, count: number, interpolation: Interpolation, antialias: boolean): AxisWeights {
  const reaches = Array.from({ length: count }, (_, i) => reachOf(old, count, interpolation, antialias)(i));
  const taps = Math.min(Math.max(...reaches.map(({ low, high }) => high - low)), old);
  const [first, weights] = [new Int32Array(count), new Float64Array(count * taps)];
  for (const [i, { low, high, weight }] of reaches.entries()) {
    const start = Math.min(Math.max(low, 0), old - taps);
    first[i] = start;
    for (let place = low; place < high; place++) {
      const at = i * taps + Math.min(Math.max(place, 0), old - 1) - start;
      weights[at] = (weights[at] ?? 0) + weight(place);
    }
  }
  return { taps, first, weights };
}
