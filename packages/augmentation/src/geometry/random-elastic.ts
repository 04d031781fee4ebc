// Random local distortions: elastic, of a grid, and of one place.
import { AttributeError, type RandomKey, fillUniform, splitKey } from "@stria/core";
import { type Range, checkedRange, drawn } from "../range.ts";
import type { Canvas } from "../parts.ts";
import type { Transform } from "../transform.ts";
import { type ElasticStrength, checkStrength, elasticDisplacement, elasticWarp } from "./elastic.ts";
import { type GridParameters, gridWarp } from "./grid-distortion.ts";
import { type LocalWarpParameters, localWarp, longestPull } from "./local-warp.ts";
import type { Warp } from "./warp.ts";
import { type WarpOptions, warpRules } from "./warp-rules.ts";

/** The noise is a stream of random numbers that its key names. */
export interface ElasticParameters extends ElasticStrength {
  readonly noise: RandomKey;
}

export interface ElasticOptions extends WarpOptions, Partial<ElasticStrength> {}

function elastic({ noise, ...strength }: ElasticParameters, canvas: Canvas): Warp {
  const values = new Float32Array(2 * canvas.height * canvas.width);
  fillUniform(noise, 0, values);
  const both = values.map((value) => 2 * value - 1);
  return elasticWarp(canvas, elasticDisplacement(both, canvas, strength));
}

/** Every pixel moved by smoothed noise (Simard, Steinkraus & Platt 2003). `alpha` is 50 and `sigma` 5 by default. @throws AttributeError for an option out of range */
export function elasticTransform(options: ElasticOptions = {}): Transform<ElasticParameters> {
  const { alpha = 50, sigma = 5 } = options;
  checkStrength({ alpha, sigma });
  return {
    name: "elasticTransform",
    draw: (random) => ({ alpha, sigma, noise: splitKey(random.key, "elastic") }),
    sizeAfter: (canvas) => canvas,
    rules: warpRules("elasticTransform", elastic, options),
  };
}

export interface GridDistortionOptions extends WarpOptions {
  /** How many whole cells each way. Default 5. */
  readonly numSteps?: number;
  /** How much wider or narrower cells become, from 0, below 1. Default 0.3. */
  readonly distortLimit?: number;
}

/** The cells of a grid made wider or narrower at random; what is outside is the image's mirror image. @throws AttributeError for an option out of range */
export function gridDistortion(options: GridDistortionOptions = {}): Transform<GridParameters> {
  const { numSteps = 5, distortLimit = 0.3 } = options;
  if (!Number.isSafeInteger(numSteps) || numSteps < 1)
    throw new AttributeError("gridDistortion", `numSteps is ${numSteps}`, "use a whole number from 1");
  if (!(distortLimit >= 0 && distortLimit < 1))
    throw new AttributeError("gridDistortion", `distortLimit is ${distortLimit}`, "use a number from 0, below 1");
  return {
    name: "gridDistortion",
    draw(random) {
      const steps = (): number[] =>
        Array.from({ length: numSteps + 1 }, () => random.uniform(1 - distortLimit, 1 + distortLimit));
      return { stepsX: steps(), stepsY: steps() };
    },
    sizeAfter: (canvas) => canvas,
    rules: warpRules("gridDistortion", (parameters: GridParameters, canvas) => gridWarp(canvas, parameters), options),
  };
}

export interface LocalWarpOptions extends WarpOptions {
  /** The radius of what moves, as shares of the shorter side. Default 0.2 to 0.5. */
  readonly radius?: Range;
  /** How far it is pulled at most, from 0, below 1: as a share of the longest pull that does not fold the image. Default 0.5. */
  readonly strength?: number;
}

/** What is around a random point pulled to another place. @throws AttributeError for an option out of range */
export function randomLocalWarp(options: LocalWarpOptions = {}): Transform<LocalWarpParameters> {
  const { strength = 0.5 } = options;
  const radii = checkedRange("randomLocalWarp", "radius", options.radius ?? [0.2, 0.5], 1e-6);
  if (!(strength >= 0 && strength < 1))
    throw new AttributeError("randomLocalWarp", `strength is ${strength}`, "use a number from 0, below 1");
  return {
    name: "randomLocalWarp",
    draw(random, { height, width }) {
      const radius = drawn(random, radii) * Math.min(height, width);
      const [length, angle] = [random.uniform() * strength * longestPull * radius, random.uniform(0, 2 * Math.PI)];
      return {
        centre: [random.uniform(0, width), random.uniform(0, height)],
        radius,
        shift: [length * Math.cos(angle), length * Math.sin(angle)],
      };
    },
    sizeAfter: (canvas) => canvas,
    rules: warpRules(
      "randomLocalWarp",
      (parameters: LocalWarpParameters, canvas) => localWarp(canvas, parameters),
      options,
    ),
  };
}
