// WAV files made here, spectra against sums done the long way, and mel bands against their formula.
import { FormatError } from "@stria/core";
import { describe, expect, it } from "vitest";
import { logMel, melFilters, mfcc, powerSpectrum, readWav } from "../src/index.ts";

interface Made {
  readonly encoding?: number;
  readonly channels?: number;
  readonly bits: number;
  readonly data: Uint8Array;
  readonly told?: number;
  readonly before?: Uint8Array;
}

const ascii = (text: string) => new TextEncoder().encode(text);
const word = (value: number, bytes: number) =>
  Uint8Array.from({ length: bytes }, (_, index) => Math.floor(value / 256 ** index) % 256);
const joined = (...parts: readonly Uint8Array[]) => Uint8Array.from(parts.flatMap((part) => [...part]));

function wav({ encoding = 1, channels = 1, bits, data, told = data.length, before = new Uint8Array() }: Made) {
  const frame = (channels * bits) / 8;
  const format = joined(
    word(encoding, 2),
    word(channels, 2),
    word(8000, 4),
    word(8000 * frame, 4),
    word(frame, 2),
    word(bits, 2),
  );
  const body = joined(ascii("WAVEfmt "), word(16, 4), format, before, ascii("data"), word(told, 4), data);
  return joined(ascii("RIFF"), word(body.length, 4), body);
}

const bytesOf = (array: Float32Array | Float64Array | Int16Array | Int32Array) => new Uint8Array(array.buffer);

describe("WAV files", () => {
  it.each([
    ["8-bit", wav({ bits: 8, data: Uint8Array.of(0, 128, 192) }), [-1, 0, 0.5]],
    ["16-bit", wav({ bits: 16, data: bytesOf(Int16Array.of(-32768, 0, 16384)) }), [-1, 0, 0.5]],
    ["24-bit", wav({ bits: 24, data: Uint8Array.of(0, 0, 128, 1, 0, 0, 0, 0, 64) }), [-1, 2 ** -23, 0.5]],
    ["32-bit", wav({ bits: 32, data: bytesOf(Int32Array.of(-(2 ** 31), 0, 2 ** 30)) }), [-1, 0, 0.5]],
    ["float", wav({ encoding: 3, bits: 32, data: bytesOf(Float32Array.of(-1.5, 0, 0.5)) }), [-1.5, 0, 0.5]],
    ["double", wav({ encoding: 3, bits: 64, data: bytesOf(Float64Array.of(-1, 0, 0.5)) }), [-1, 0, 0.5]],
  ])("%s samples are numbers", (_, bytes, expected) => {
    const { sampleRate, channels } = readWav(bytes, "a.wav");
    expect(sampleRate).toBe(8000);
    expect(channels.map((channel) => [...channel])).toEqual([expected]);
  });

  it("have a list for each channel, other parts before the sound, and a length that nobody wrote down", () => {
    const data = bytesOf(Int16Array.of(1, 2, 3, 4, 5, 6));
    const before = joined(ascii("LIST"), word(3, 4), ascii("abc"), Uint8Array.of(0));
    const { channels } = readWav(wav({ bits: 16, channels: 2, data, before, told: 0xffffffff }), "a.wav");
    expect(channels.map((channel) => [...channel].map((value) => value * 32768))).toEqual([
      [1, 3, 5],
      [2, 4, 6],
    ]);
  });

  it.each([
    ["is no WAV file", ascii("ID3 something"), "does not begin as a WAV file"],
    ["is compressed", wav({ encoding: 17, bits: 4, data: new Uint8Array(4) }), "of kind 17 with 4 bits"],
    ["has no sound", wav({ bits: 16, data: new Uint8Array() }).subarray(0, 36), "there is no sound in it"],
    ["has no layout", joined(ascii("RIFF"), word(4, 4), ascii("WAVE")), "does not say how its samples lie"],
    ["has no channels", wav({ bits: 16, channels: 0, data: new Uint8Array(4) }), "0 channels at 8000"],
    [
      "is cut off before its sound",
      wav({ bits: 16, data: new Uint8Array(4), before: joined(ascii("LIST"), word(1e6, 4)) }),
      'part "LIST" of 1000000 bytes is cut off',
    ],
  ])("one that %s is refused by name", (_, bytes, message) => {
    expect(() => readWav(bytes, "broken.wav")).toThrow(FormatError);
    expect(() => readWav(bytes, "broken.wav")).toThrow(`broken.wav: `);
    expect(() => readWav(bytes, "broken.wav")).toThrow(message);
  });

  it("cut anywhere are read or refused, never worse", () => {
    const whole = wav({ bits: 16, data: bytesOf(Int16Array.of(1, 2, 3)) });
    const outcomes = Array.from(whole, (_, length) => {
      try {
        return readWav(whole.subarray(0, length), "cut.wav").channels.length;
      } catch (error) {
        return error instanceof FormatError ? "refused" : "worse";
      }
    });
    expect(outcomes).not.toContain("worse");
  });
});

const noise = (length: number) => Float32Array.from({ length }, (_, n) => Math.sin(n * n * 0.37) * 0.5);

describe("spectra", () => {
  it("are the squared sizes of the Fourier sums under a Hann window", () => {
    const samples = noise(50);
    const { frames, bins, powers } = powerSpectrum(samples, { frameLength: 16, hop: 7 });
    expect([frames, bins]).toEqual([5, 9]);
    const slow = Array.from({ length: frames * bins }, (_, index) => {
      const [frame, bin] = [Math.floor(index / bins), index % bins];
      let [re, im] = [0, 0];
      for (let n = 0; n < 16; n++) {
        const value = (samples[frame * 7 + n] ?? 0) * (0.5 - 0.5 * Math.cos((2 * Math.PI * n) / 16));
        re += value * Math.cos((2 * Math.PI * bin * n) / 16);
        im -= value * Math.sin((2 * Math.PI * bin * n) / 16);
      }
      return re * re + im * im;
    });
    for (const [index, power] of powers.entries()) expect(power).toBeCloseTo(slow[index] ?? Number.NaN, 10);
  });

  it("find a tone in its bin", () => {
    const tone = Float32Array.from({ length: 256 }, (_, n) => Math.cos((2 * Math.PI * 20 * n) / 256));
    const { powers } = powerSpectrum(tone);
    expect(powers.indexOf(Math.max(...powers))).toBe(20);
    expect(powers[20]).toBeCloseTo(64 ** 2, 2); // half of the window's sum of 128
    expect(powers[19]).toBeCloseTo(32 ** 2, 2);
    expect(powers[40]).toBeCloseTo(0, 6);
  });

  it("refuse what they cannot use", () => {
    expect(() => powerSpectrum(noise(300), { frameLength: 100 })).toThrow(
      "frameLength is 100. Remedy: use a power of two",
    );
    expect(() => powerSpectrum(noise(300), { hop: 0 })).toThrow("hop is 0");
    expect(() => powerSpectrum(noise(200))).toThrow("there are 200 samples, a frame has 256. Remedy: pad the sound");
    expect(() => melFilters(0, 129, 8000)).toThrow("0 bands of 129 bins");
    expect(() => mfcc(noise(300), { bands: 8, coefficients: 9 })).toThrow("coefficients is 9. Remedy: use 1 to 8");
  });
});

describe("mel features", () => {
  it("come from triangles that meet: between the first and the last middle they add up to 1", () => {
    const [bands, bins] = [10, 513];
    const filters = melFilters(bands, bins, 16_000);
    const sums = Array.from({ length: bins }, (_none, bin) =>
      Array.from({ length: bands }, (_, band) => filters[band * bins + bin] ?? 0).reduce((a, b) => a + b),
    );
    for (const sum of sums.slice(20, 395)) expect(sum).toBeCloseTo(1, 10);
    expect(sums[0]).toBe(0);
  });

  it("of silence are the logarithm of the floor, and their first coefficient alone is not zero", () => {
    const { rows, frames, values } = logMel(new Float32Array(416), { bands: 4 });
    expect([rows, frames]).toEqual([4, 3]);
    expect([...new Set(values)]).toEqual([Math.fround(Math.log(1e-10))]);
    const cepstrum = mfcc(new Float32Array(416), { bands: 4, coefficients: 2 }).values;
    expect(cepstrum[0]).toBeCloseTo(2 * Math.log(1e-10), 4); // 1 / sqrt(4) of four
    expect(cepstrum[3]).toBeCloseTo(0, 5);
  });
});
