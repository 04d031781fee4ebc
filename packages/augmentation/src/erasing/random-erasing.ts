// Random erasing (Zhong et al. 2020): one rectangle becomes a colour, or noise.
import { AttributeError, type RandomKey, fillNormal, splitKey } from "@stria/core";
import type { Fill } from "../fill.ts";
import type { Image, Pixels } from "../parts.ts";
import { type Chance, photometric } from "../photometric.ts";
import { type Range, checkedRange, drawn } from "../range.ts";
import type { Transform } from "../transform.ts";
import type { Window } from "../window.ts";
import { eraseImage } from "./erase.ts";

export interface RandomErasingOptions extends Chance {
  /** The rectangle's area, as shares of the image's. Default 0.02 to 0.33. */
  readonly scale?: Range;
  /** Its height over its width, drawn evenly of the logarithm. Default 0.3 to 3.3. */
  readonly ratio?: Range;
  /** What it becomes: a number, one for each channel, or `"random"`, normal noise. Default 0. */
  readonly value?: Fill | "random";
}

/** The rectangle, and the noise that it becomes where noise is asked for. */
export interface ErasingParameters {
  readonly window: Window;
  readonly noise: RandomKey;
}

const attempts = 10;

/** Normal noise for a window: of bytes around the middle grey, a quarter of the range wide. */
function noiseFor(image: Image, { height, width }: Window, key: RandomKey): Pixels {
  const values = new Float32Array(image.shape[0] * height * width);
  fillNormal(key, 0, values);
  return image.values instanceof Uint8Array
    ? Uint8Array.from(Uint8ClampedArray.from(values, (value) => 127.5 + 64 * value))
    : values;
}

/** A rectangle erased; masks, boxes and key points stay. The probability is 0.5; null also stands for a rectangle that did not fit. @throws AttributeError for an option out of range */
export function randomErasing(options: RandomErasingOptions = {}): Transform<ErasingParameters | null> {
  const { value = 0, probability = 0.5 } = options;
  const scale = checkedRange("randomErasing", "scale", options.scale ?? [0.02, 0.33], 0, 1);
  const ratio = checkedRange("randomErasing", "ratio", options.ratio ?? [0.3, 3.3], 1e-6);
  if (typeof value === "string" && value !== "random")
    throw new AttributeError("randomErasing", `value is ${JSON.stringify(value)}`, 'use numbers, or "random"');
  const logarithms: Range = [Math.log(ratio[0]), Math.log(ratio[1])];
  return photometric<ErasingParameters | null>(
    "randomErasing",
    probability,
    (random, canvas) => {
      for (let attempt = 0; attempt < attempts; attempt++) {
        const area = canvas.height * canvas.width * drawn(random, scale);
        const proportion = Math.exp(drawn(random, logarithms));
        const [height, width] = [Math.round(Math.sqrt(area * proportion)), Math.round(Math.sqrt(area / proportion))];
        if (height < 1 || width < 1 || height >= canvas.height || width >= canvas.width) continue;
        const top = random.integer(canvas.height - height + 1);
        const left = random.integer(canvas.width - width + 1);
        return { window: { top, left, height, width }, noise: splitKey(random.key, "noise") };
      }
      return null;
    },
    (image, parameters) => {
      if (!parameters) return image;
      const fill = value === "random" ? noiseFor(image, parameters.window, parameters.noise) : value;
      return eraseImage(image, parameters.window, fill);
    },
  );
}
