// AugMix (Hendrycks et al. 2020): chains of operations, mixed with each other and with the image.
import { AttributeError } from "@stria/core";
import { truncated } from "../colour/levels.ts";
import { dirichletShares } from "../dirichlet.ts";
import type { Fill } from "../fill.ts";
import type { WarpInterpolation } from "../geometry/warp.ts";
import type { Image } from "../parts.ts";
import type { Transform } from "../transform.ts";
import { emptyLike } from "../window.ts";
import { operationsOf } from "./magnitudes.ts";
import { type OperationOptions, applyOperation } from "./operations.ts";
import { type Operations, drawnOperation, oneOfList } from "./policy-transform.ts";

export interface AugMixParameters {
  /** How much of the image itself is in the mixture. */
  readonly own: number;
  /** How much of each chain's image is. */
  readonly weights: readonly number[];
  readonly chains: readonly Operations[];
}

export interface AugMixOptions {
  /** The strongest step of the scale, from 1 to 10. Default 3. */
  readonly severity?: number;
  /** How many chains. Default 3. */
  readonly mixtureWidth?: number;
  /** How many operations a chain has. Default: from 1 to 3, drawn. */
  readonly chainDepth?: number;
  /** Of the Dirichlet distributions that the weights are drawn from: small is one chain alone, large is all alike. Default 1. */
  readonly alpha?: number;
  /** Whether brightness, colour, contrast and sharpness are among the operations. Default true. */
  readonly allOps?: boolean;
  /** Default `"bilinear"`. */
  readonly interpolation?: WarpInterpolation;
  /** Default 0. */
  readonly fill?: Fill;
}

const bins = 10;

/** The mixture of an image and of what chains of operations make of it. Bytes are cut off. */
function mixChains(image: Image, { own, weights, chains }: AugMixParameters, options: OperationOptions): Image {
  const { values, shape } = image;
  const sums = Float64Array.from(values, (value) => own * value);
  for (const [index, chain] of chains.entries()) {
    const weight = weights[index] ?? 0;
    const made = chain.reduce((before, operation) => applyOperation(before, operation, options), image);
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] ?? 0) + weight * (made.values[i] ?? 0);
  }
  const mixed = emptyLike(values, values.length);
  const bytes = mixed instanceof Uint8Array;
  for (let i = 0; i < sums.length; i++) mixed[i] = bytes ? truncated(Math.fround(sums[i] ?? 0)) : (sums[i] ?? 0);
  return { kind: "image", values: mixed, shape };
}

/**
 * The image mixed with chains of operations (Hendrycks et al. 2020). There is no rule for masks, boxes and key points: each chain moves them elsewhere.
 * @throws AttributeError for an option out of range
 */
export function augMix(options: AugMixOptions = {}): Transform<AugMixParameters, "image"> {
  const { severity = 3, mixtureWidth = 3, chainDepth, alpha = 1, allOps = true } = options;
  const { interpolation = "bilinear", fill = 0 } = options;
  if (!Number.isSafeInteger(severity) || severity < 1 || severity > bins)
    throw new AttributeError("augMix", `severity is ${severity}`, `use a whole number from 1 to ${bins}`);
  for (const [what, count] of Object.entries({ mixtureWidth, chainDepth: chainDepth ?? 1 }))
    if (!Number.isSafeInteger(count) || count < 1)
      throw new AttributeError("augMix", `${what} is ${count}`, "use a whole number from 1");
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new AttributeError("augMix", `alpha is ${alpha}`, "use a number above 0");
  const names = operationsOf.augMix.slice(0, allOps ? undefined : -4);
  return {
    name: "augMix",
    draw(random, canvas) {
      const [own = 0, others = 0] = dirichletShares(random, 2, alpha);
      const weights = dirichletShares(random, mixtureWidth, alpha).map((weight) => weight * others);
      const chains = weights.map(() =>
        Array.from({ length: chainDepth ?? 1 + random.integer(3) }, () => {
          const name = oneOfList(random, names);
          return drawnOperation(random, "augMix", name, random.integer(severity), bins, canvas);
        }),
      );
      return { own, weights, chains };
    },
    sizeAfter: (canvas) => canvas,
    rules: { image: (part, parameters) => mixChains(part, parameters, { interpolation, fill }) },
  };
}
