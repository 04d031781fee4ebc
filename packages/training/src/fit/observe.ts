// Telling a schedule that follows a metric what it is after each epoch.
import type { Plateau } from "@stria/optimizers";
import type { Callback } from "./callback.ts";
import { figureOf } from "./monitor.ts";

/**
 * Tells `reduceOnPlateau` a figure after each epoch; its own `mode` says what is better. Where it stands is kept in checkpoints with the optimizer.
 * @param monitor `"loss"` or a metric's name, behind `"validation."` that of the validation data.
 * @example
 * const learningRate = reduceOnPlateau(0.1, { patience: 3 });
 * fit(model, batches, { ..., optimizer: sgd({ learningRate }), validation, callbacks: [observe(learningRate)] });
 * @throws AttributeError in the first epoch for a figure that is not there.
 */
export function observe(schedule: Plateau, monitor = "validation.loss"): Callback {
  return {
    onEpochEnd(_run, report) {
      schedule.observe(figureOf("observe", report, monitor));
    },
  };
}
