// Dropout (Srivastava et al. 2014).
import { type Tensor, bernoulli, isTraining, mul } from "@stria/core";
import { checkProbability } from "./check.ts";
import { Module, inLayer, placeOf } from "./module.ts";

/**
 * In training each element is 0 with `probability`, and the others are divided by 1 - probability; in evaluation nothing happens. Any shape.
 * What is dropped is a function of the seed, the step and the layer's path: the same on every backend.
 * @throws AttributeError when the probability is not from 0 to 1; ModeError when a gradient is taken without a mode.
 */
export class Dropout extends Module {
  readonly probability: number;

  constructor(probability = 0.5) {
    super();
    checkProbability("Dropout", probability);
    this.probability = probability;
  }

  override forward(x: Tensor): Tensor {
    const kept = 1 - this.probability;
    if (!isTraining(this, placeOf(this, "Dropout")) || kept === 1) return x;
    return inLayer(this, "Dropout", () =>
      kept === 0 ? mul(x, 0) : mul(mul(x, bernoulli(x.shape, kept, placeOf(this, "Dropout"))), 1 / kept),
    );
  }
}

/** A {@link Dropout}. */
export function dropout(probability = 0.5): Dropout {
  return new Dropout(probability);
}
