// Transforms of colours alone: masks, boxes and key points stay as they are.
import type { ItemRandom } from "@stria/data";
import type { Canvas, Image } from "./parts.ts";
import { checkProbability } from "./range.ts";
import type { Rules, Transform } from "./transform.ts";

export interface Chance {
  /** How likely it is that anything is done at all. */
  readonly probability?: number;
}

/** The rules of what changes colours alone. */
export function colourRules<Parameters>(
  image: (part: Image, parameters: Parameters, canvas: Canvas) => Image,
): Rules<Parameters> {
  return { image, mask: (part) => part, boxes: (part) => part, keypoints: (part) => part };
}

/** What draws parameters, or null with the rest of the probability: then all stays as it is. @throws AttributeError for a probability that is not from 0 to 1 */
export function photometric<Parameters>(
  name: string,
  probability: number,
  draw: (random: ItemRandom, canvas: Canvas) => Parameters,
  image: (part: Image, parameters: Parameters) => Image,
): Transform<Parameters | null> {
  checkProbability(name, probability);
  return {
    name,
    draw: (random, canvas) => (random.chance(probability) ? draw(random, canvas) : null),
    sizeAfter: (canvas) => canvas,
    rules: colourRules((part, parameters) => (parameters === null ? part : image(part, parameters))),
  };
}
