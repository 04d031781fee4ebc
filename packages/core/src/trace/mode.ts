// Training or evaluation: chosen for a call, never a flag of a layer.
import { ModeError } from "../errors.ts";
import { identityOf, isRefusedPromise } from "../tensor/tree.ts";

export type Mode = "training" | "evaluation";

let current: Mode | undefined;
let gradients = 0;
let evaluatedParts: ReadonlySet<object> = new Set();

function withMode<T>(mode: Mode | undefined, parts: ReadonlySet<object>, f: () => T): T {
  const [outerMode, outerParts] = [current, evaluatedParts];
  [current, evaluatedParts] = [mode, parts];
  try {
    const result = f();
    if (isRefusedPromise(result))
      throw new ModeError(
        mode ?? "mode",
        "the function returned a Promise",
        "give it a synchronous function and await what it returns",
      );
    return result;
  } finally {
    [current, evaluatedParts] = [outerMode, outerParts];
  }
}

/** Runs the synchronous `f` in training mode (batch statistics, dropout); layers in `evaluate` stay in evaluation mode. */
export function training<T>(f: () => T, options: { evaluate?: ReadonlySet<object> } = {}): T {
  return withMode("training", options.evaluate ?? new Set(), f);
}

/** Runs the synchronous `f` in evaluation mode (running statistics, no dropout). */
export function evaluating<T>(f: () => T): T {
  return withMode("evaluation", new Set(), f);
}

/** The mode that was chosen, if any. */
export function currentMode(): Mode | undefined {
  return current;
}

/** @internal A text that differs where a trace would: the mode, and what stays in evaluation mode. */
export function modeKey(): string {
  if (evaluatedParts.size === 0) return current ?? "";
  const parts = [...evaluatedParts].map(identityOf).toSorted((a, b) => a - b);
  return `${current ?? ""} ${parts.join()}`;
}

/** Counts a gradient in progress: a layer whose behaviour depends on the mode refuses to guess inside one. */
export function differentiating<T>(f: () => T): T {
  gradients++;
  try {
    return f();
  } finally {
    gradients--;
  }
}

/**
 * Whether `layer` behaves as in training. Without a choice: evaluation, but inside a gradient an error.
 * @throws ModeError when a gradient is taken and no mode was chosen.
 */
export function isTraining(layer: object, name: string): boolean {
  if (current === undefined && gradients > 0)
    throw new ModeError(
      name,
      "it behaves differently in training and in evaluation, and a gradient is taken without a choice",
      "choose training(() => ...) or evaluating(() => ...)",
    );
  return current === "training" && !evaluatedParts.has(layer);
}
