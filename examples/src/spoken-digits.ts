// Spoken digits for the example: recordings, and what a network is given of them.
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type RandomKey, at, fillNormal } from "@stria/core";
import { classLabel, logMel, readWav } from "@stria/data";
import { dataFolder } from "./data-folder.ts";

export interface Spoken {
  /** Samples, 8,000 a second. */
  readonly sound: Float32Array;
  readonly y: number;
}

export const [bands, frames] = [40, 100] as const;
export const names: readonly string[] = "zero one two three four five six seven eight nine".split(" ");
export const fields = { x: { shape: [bands, frames], dtype: "float32" }, y: classLabel(names.length) } as const;

/** The Free Spoken Digit Dataset, takes 5 to 9 of every speaker for training. Its official test are takes 0 to 4: 7_jackson_0.wav is the first of jackson's 7. */
export function openSpokenDigits(): { readonly train: readonly Spoken[]; readonly test: readonly Spoken[] } {
  const folder = dataFolder({
    folder: "fsdd",
    files: ["recordings"],
    what: "The Free Spoken Digit Dataset",
    address: "https://github.com/Jakobovski/free-spoken-digit-dataset",
  });
  const [train, test]: [Spoken[], Spoken[]] = [[], []];
  for (const name of readdirSync(join(folder, "recordings")).toSorted()) {
    const [, digit, take] = /^(\d)_\w+_(\d+)\.wav$/.exec(name) ?? [];
    if (Number(take) > 9) continue; // it grows; later takes are left out
    const { channels } = readWav(readFileSync(join(folder, "recordings", name)), name);
    (Number(take) < 5 ? test : train).push({ sound: at(channels, 0), y: Number(digit) });
  }
  return { train, test };
}

/** A second of log-mel energies [bands, frames], less their mean; the sound begins at frame `start`. */
export function energies(sound: Float32Array, start: number = 20): Float32Array {
  const { frames: heard, values } = logMel(sound, { bands });
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const x = new Float32Array(bands * frames);
  for (let band = 0; band < bands; band++)
    for (let frame = 0; frame < Math.min(heard, frames - start); frame++)
      x[band * frames + start + frame] = (at(values, band * heard + frame) - mean) / 4;
  return x;
}

/** The sound in white noise that is so many decibels weaker. */
export function noisy(sound: Float32Array, decibels: number, key: RandomKey): Float32Array {
  const noise = new Float32Array(sound.length);
  fillNormal(key, 0, noise);
  const level = Math.hypot(...sound) / Math.sqrt(sound.length) / 10 ** (decibels / 20);
  return sound.map((sample, index) => sample + level * at(noise, index));
}
