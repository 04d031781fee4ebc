// Spectra of short pieces of sound: windows, the fast Fourier transform, powers.
import { AttributeError } from "@stria/core";

/** Factors of the transform of a length, computed once. */
interface Plan {
  readonly cosines: Float64Array;
  readonly sines: Float64Array;
  /** Where each element comes from: its index with the bits reversed. */
  readonly order: Uint32Array;
}

function planOf(length: number): Plan {
  const order = new Uint32Array(length);
  for (let index = 1; index < length; index++)
    order[index] = ((order[index >> 1] ?? 0) >> 1) | (index % 2 === 1 ? length >> 1 : 0);
  const turn = (2 * Math.PI) / length;
  return {
    cosines: Float64Array.from({ length: length / 2 }, (_, index) => Math.cos(turn * index)),
    sines: Float64Array.from({ length: length / 2 }, (_, index) => -Math.sin(turn * index)),
    order,
  };
}

/** Transforms in place (Cooley & Tukey 1965, radix 2). */
function transform(real: Float64Array, imaginary: Float64Array, { cosines, sines }: Plan): void {
  const { length } = real;
  for (let half = 1; half < length; half *= 2) {
    const stride = length / (2 * half);
    for (let start = 0; start < length; start += 2 * half)
      for (let even = start; even < start + half; even++) {
        const odd = even + half;
        const c = cosines[(even - start) * stride] ?? 0;
        const s = sines[(even - start) * stride] ?? 0;
        const x = real[odd] ?? 0;
        const y = imaginary[odd] ?? 0;
        const re = x * c - y * s;
        const im = x * s + y * c;
        const a = real[even] ?? 0;
        const b = imaginary[even] ?? 0;
        real[odd] = a - re;
        imaginary[odd] = b - im;
        real[even] = a + re;
        imaginary[even] = b + im;
      }
  }
}

export interface FrameOptions {
  /** Samples of a frame, a power of two. Default 256. */
  readonly frameLength?: number;
  /** Samples from one frame to the next. Default 80: 10 ms at 8,000 samples a second. */
  readonly hop?: number;
}

/**
 * Powers |FFT|^2 of each frame's samples under a periodic Hann window: [frames, frameLength / 2 + 1], row-major. Only whole frames count: 1 + floor((N - frameLength) / hop).
 * @throws AttributeError for a length that is no power of two, a hop below 1, and less sound than one frame
 */
export function powerSpectrum(
  samples: Float32Array,
  { frameLength = 256, hop = 80 }: FrameOptions = {},
): { readonly frames: number; readonly bins: number; readonly powers: Float64Array } {
  if (!Number.isInteger(Math.log2(frameLength)) || frameLength < 2)
    throw new AttributeError("powerSpectrum", `frameLength is ${frameLength}`, "use a power of two");
  if (!Number.isInteger(hop) || hop < 1) throw new AttributeError("powerSpectrum", `hop is ${hop}`, "use 1 or more");
  if (samples.length < frameLength)
    throw new AttributeError(
      "powerSpectrum",
      `there are ${samples.length} samples, a frame has ${frameLength}`,
      "pad the sound with silence, or use a smaller frameLength",
    );
  const plan = planOf(frameLength);
  const window = Float64Array.from(
    { length: frameLength },
    (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / frameLength),
  );
  const frames = 1 + Math.floor((samples.length - frameLength) / hop);
  const bins = frameLength / 2 + 1;
  const powers = new Float64Array(frames * bins);
  const [real, imaginary] = [new Float64Array(frameLength), new Float64Array(frameLength)];
  for (let frame = 0; frame < frames; frame++) {
    for (let n = 0; n < frameLength; n++) {
      const from = plan.order[n] ?? 0;
      real[n] = (samples[frame * hop + from] ?? 0) * (window[from] ?? 0);
    }
    imaginary.fill(0);
    transform(real, imaginary, plan);
    for (let bin = 0; bin < bins; bin++)
      powers[frame * bins + bin] = (real[bin] ?? 0) ** 2 + (imaginary[bin] ?? 0) ** 2;
  }
  return { frames, bins, powers };
}
