// Quarter turns at random: for pictures without an up, such as cells or the earth from above.
import { AttributeError } from "@stria/core";
import type { Transform } from "../transform.ts";
import { turnBoxes, turnImage, turnKeypoints, turnMask, turnedCanvas } from "./turn.ts";

/** How many quarter turns, counter-clockwise. */
export interface TurnParameters {
  readonly turns: number;
}

export interface QuarterTurnOptions {
  /** The numbers of turns, each as likely. Default 0, 1, 2 and 3; an image that is no square is of another size after an odd one. */
  readonly turns?: readonly number[];
}

/** Quarter turns, which mix no pixels. @throws AttributeError for a number that is not whole, or none */
export function randomQuarterTurn({ turns = [0, 1, 2, 3] }: QuarterTurnOptions = {}): Transform<TurnParameters> {
  if (turns.length === 0 || !turns.every(Number.isSafeInteger))
    throw new AttributeError("randomQuarterTurn", `turns is [${turns.join(", ")}]`, "use whole numbers");
  return {
    name: "randomQuarterTurn",
    draw: (random) => ({ turns: turns[random.integer(turns.length)] ?? 0 }),
    sizeAfter: (canvas, parameters) => turnedCanvas(canvas, parameters.turns),
    rules: {
      image: (part, parameters) => turnImage(part, parameters.turns),
      mask: (part, parameters) => turnMask(part, parameters.turns),
      boxes: (part, parameters, canvas) => turnBoxes(part, parameters.turns, canvas),
      keypoints: (part, parameters, canvas) => turnKeypoints(part, parameters.turns, canvas),
    },
  };
}
