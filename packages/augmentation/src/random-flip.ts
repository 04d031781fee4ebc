// Left and right exchanged, at random: the cheapest of augmentations, right for photographs, wrong for letters.
import { AttributeError } from "@stria/core";
import { type Direction, flipBoxes, flipImage, flipKeypoints, flipMask } from "./flip.ts";
import type { Transform } from "./transform.ts";

export interface FlipOptions {
  /** How likely it is. Default 0.5. */
  readonly probability?: number;
}

/** Whether the sample is flipped. */
export interface FlipParameters {
  readonly flip: boolean;
}

function randomFlip(name: string, direction: Direction, { probability = 0.5 }: FlipOptions): Transform<FlipParameters> {
  if (!(probability >= 0 && probability <= 1))
    throw new AttributeError(name, `probability is ${probability}`, "use a number from 0 to 1");
  return {
    name,
    draw: (random) => ({ flip: random.chance(probability) }),
    sizeAfter: (canvas) => canvas,
    rules: {
      image: (part, { flip }) => (flip ? flipImage(part, direction) : part),
      mask: (part, { flip }) => (flip ? flipMask(part, direction) : part),
      boxes: (part, { flip }, canvas) => (flip ? flipBoxes(part, direction, canvas) : part),
      keypoints: (part, { flip }, canvas) => (flip ? flipKeypoints(part, direction, canvas) : part),
    },
  };
}

/** The mirror image, left and right exchanged, with a probability. @throws AttributeError for a probability that is not from 0 to 1. */
export function horizontalFlip(options: FlipOptions = {}): Transform<FlipParameters> {
  return randomFlip("horizontalFlip", "horizontal", options);
}

/** The mirror image, upside down, with a probability: for pictures without an up. @throws AttributeError for a probability that is not from 0 to 1. */
export function verticalFlip(options: FlipOptions = {}): Transform<FlipParameters> {
  return randomFlip("verticalFlip", "vertical", options);
}
