// Random views from other sides.
import { AttributeError } from "@stria/core";
import { type Chance } from "../photometric.ts";
import { checkProbability } from "../range.ts";
import type { Transform } from "../transform.ts";
import type { Point } from "./matrix.ts";
import { type PerspectiveParameters, perspectiveWarp } from "./perspective.ts";
import { type WarpOptions, warpRules } from "./warp-rules.ts";

export interface RandomPerspectiveOptions extends WarpOptions, Chance {
  /** How far the corners move inwards, from 0 to 1: at most so much of half of the image's sides. Default 0.5. */
  readonly distortionScale?: number;
}

/** Each corner of the image moved inwards, with a probability of 0.5; null stands for nothing done. @throws AttributeError for an option out of range */
export function randomPerspective(options: RandomPerspectiveOptions = {}): Transform<PerspectiveParameters | null> {
  const { distortionScale = 0.5, probability = 0.5 } = options;
  checkProbability("randomPerspective", probability);
  if (!(distortionScale >= 0 && distortionScale < 1))
    throw new AttributeError(
      "randomPerspective",
      `distortionScale is ${distortionScale}`,
      "use a number from 0, below 1",
    );
  return {
    name: "randomPerspective",
    draw(random, { height, width }) {
      if (!random.chance(probability)) return null;
      const inwards = (side: number): number => random.uniform(0, (distortionScale * side) / 2);
      const corner = (x: number, y: number): Point => [
        x === 0 ? inwards(width) : x - inwards(width),
        y === 0 ? inwards(height) : y - inwards(height),
      ];
      return {
        startpoints: [
          [0, 0],
          [width, 0],
          [width, height],
          [0, height],
        ],
        endpoints: [corner(0, 0), corner(width, 0), corner(width, height), corner(0, height)],
      };
    },
    sizeAfter: (canvas) => canvas,
    rules: warpRules(
      "randomPerspective",
      (parameters: PerspectiveParameters | null, canvas) =>
        parameters ? perspectiveWarp(canvas, parameters) : undefined,
      options,
    ),
  };
}
