// What speech is recognised from: energies in bands as the ear divides them (log-mel), and their cosine transform (MFCC).
import { AttributeError } from "@stria/core";
import { type FrameOptions, powerSpectrum } from "./spectrum.ts";

export interface MelOptions extends FrameOptions {
  /** Samples a second. Default 8000. */
  readonly sampleRate?: number;
  /** Bands. Default 40. */
  readonly bands?: number;
}

export interface MfccOptions extends MelOptions {
  /** Default 13, the 0th among them. */
  readonly coefficients?: number;
}

/** Numbers [rows, frames], row-major: what a 1-D convolution reads as channels and time. */
export interface Features {
  readonly rows: number;
  readonly frames: number;
  readonly values: Float32Array;
}

/** Least energy of a band, so that silence has a logarithm. */
const floor = 1e-10;

const melOf = (hertz: number): number => 2595 * Math.log10(1 + hertz / 700);
const hertzOf = (mel: number): number => 700 * (10 ** (mel / 2595) - 1);

/**
 * Triangular filters of height 1, equally spaced on the mel scale 2595 log10(1 + f / 700) from 0 to half the sample rate: [bands, bins], row-major, taken at the frequencies
 * of the bins of a spectrum (Davis & Mermelstein 1980).
 * @throws AttributeError for fewer than one band or bin
 */
export function melFilters(bands: number, bins: number, sampleRate: number): Float64Array {
  if (!Number.isInteger(bands) || bands < 1 || !Number.isInteger(bins) || bins < 2 || !(sampleRate > 0))
    throw new AttributeError(
      "melFilters",
      `${bands} bands of ${bins} bins at ${sampleRate} samples a second`,
      "use whole numbers from 1 on, and a rate above 0",
    );
  const top = melOf(sampleRate / 2);
  const points = Array.from({ length: bands + 2 }, (_, index) => hertzOf((top * index) / (bands + 1)));
  const filters = new Float64Array(bands * bins);
  const width = sampleRate / 2 / (bins - 1);
  for (let band = 0; band < bands; band++) {
    const [low = 0, middle = 0, high = 0] = points.slice(band, band + 3);
    for (let bin = 0; bin < bins; bin++) {
      const hertz = bin * width;
      const height = Math.min((hertz - low) / (middle - low), (high - hertz) / (high - middle));
      filters[band * bins + bin] = Math.max(0, height);
    }
  }
  return filters;
}

/**
 * Logarithms of the energies in mel bands: [bands, frames]. The natural logarithm of at least 1e-10, of the powers under a periodic Hann window, whole frames alone.
 * @throws AttributeError for less sound than one frame and options out of range
 * @example const { values, frames } = logMel(readWav(bytes, name).channels[0], { bands: 16 });
 */
export function logMel(samples: Float32Array, options: MelOptions = {}): Features {
  const { sampleRate = 8000, bands = 40 } = options;
  const { frames, bins, powers } = powerSpectrum(samples, options);
  const filters = melFilters(bands, bins, sampleRate);
  const values = new Float32Array(bands * frames);
  for (let band = 0; band < bands; band++) {
    const own = filters.subarray(band * bins, (band + 1) * bins);
    const first = Math.max(
      0,
      own.findIndex((height) => height > 0),
    );
    const end = own.findLastIndex((height) => height > 0) + 1;
    for (let frame = 0; frame < frames; frame++) {
      let energy = 0;
      for (let bin = first; bin < end; bin++) energy += (own[bin] ?? 0) * (powers[frame * bins + bin] ?? 0);
      values[band * frames + frame] = Math.log(Math.max(energy, floor));
    }
  }
  return { rows: bands, frames, values };
}

/**
 * Mel-frequency cepstral coefficients: the orthonormal DCT-II of {@link logMel} over its bands, [coefficients, frames] (Davis & Mermelstein 1980).
 * @throws AttributeError for more coefficients than bands, and what logMel throws
 */
export function mfcc(samples: Float32Array, options: MfccOptions = {}): Features {
  const { coefficients = 13 } = options;
  const { rows, frames, values } = logMel(samples, options);
  if (!Number.isInteger(coefficients) || coefficients < 1 || coefficients > rows)
    throw new AttributeError("mfcc", `coefficients is ${coefficients}`, `use 1 to ${rows}, the number of bands`);
  const result = new Float32Array(coefficients * frames);
  for (let k = 0; k < coefficients; k++) {
    const scale = Math.sqrt((k === 0 ? 1 : 2) / rows);
    for (let frame = 0; frame < frames; frame++) {
      let sum = 0;
      for (let band = 0; band < rows; band++)
        sum += (values[band * frames + frame] ?? 0) * Math.cos((Math.PI * k * (2 * band + 1)) / (2 * rows));
      result[k * frames + frame] = scale * sum;
    }
  }
  return { rows: coefficients, frames, values: result };
}
