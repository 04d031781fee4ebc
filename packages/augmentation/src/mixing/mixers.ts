// Mixup and CutMix as values: what is drawn once for a batch, and what becomes of its images and labels.
import { AttributeError } from "@stria/core";
import type { ItemRandom } from "@stria/data";
import { dirichletShares } from "../dirichlet.ts";
import type { Canvas, Pixels } from "../parts.ts";
import type { Window } from "../window.ts";
import { type ImageBatch, cutmixImages, cutmixWindow, mixLabels, mixupImages, shareOutside } from "./batch.ts";

/** A transform of a whole batch, in which each image is mixed with the one before it. */
export interface BatchTransform<Parameters> {
  readonly name: string;
  /** Draws parameters: a function of the random stream and the size of the images alone. */
  draw(random: ItemRandom, canvas: Canvas): Parameters;
  /** The images, mixed. */
  images<Values extends Pixels>(batch: ImageBatch<Values>, parameters: Parameters): ImageBatch<Values>;
  /** The labels as shares `[count, numClasses]`, for images of size `canvas`. */
  labels(labels: ArrayLike<number>, numClasses: number, parameters: Parameters, canvas: Canvas): Float32Array;
}

export interface MixOptions {
  /** Of the beta distribution of the shares: small leaves most of one image, 1 is even. Default 1. */
  readonly alpha?: number;
}

function checkAlpha(name: string, alpha: number): void {
  if (!(alpha > 0 && Number.isFinite(alpha)))
    throw new AttributeError(name, `alpha is ${alpha}`, "use a finite number above 0");
}

/** Images and labels averaged with a random weight (Zhang et al. 2018). @throws AttributeError for an alpha that is not above 0 */
export function mixup({ alpha = 1 }: MixOptions = {}): BatchTransform<{ readonly lambda: number }> {
  checkAlpha("mixup", alpha);
  return {
    name: "mixup",
    draw: (random) => ({ lambda: dirichletShares(random, 2, alpha)[0] ?? 1 }),
    images: (batch, { lambda }) => mixupImages(batch, lambda),
    labels: (labels, numClasses, { lambda }) => mixLabels(labels, numClasses, lambda),
  };
}

/** A rectangle of the other image, and labels by area (Yun et al. 2019). The parameters are the rectangle. @throws AttributeError for an alpha that is not above 0 */
export function cutmix({ alpha = 1 }: MixOptions = {}): BatchTransform<Window> {
  checkAlpha("cutmix", alpha);
  return {
    name: "cutmix",
    draw(random, canvas) {
      const lambda = dirichletShares(random, 2, alpha)[0] ?? 1;
      return cutmixWindow(lambda, random.integer(canvas.width), random.integer(canvas.height), canvas);
    },
    images: cutmixImages,
    labels: (labels, numClasses, window, canvas) => mixLabels(labels, numClasses, shareOutside(window, canvas)),
  };
}
