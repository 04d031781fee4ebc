// Listening to the calls of a model's layers.
import { atSite, namedModules } from "@stria/core";

/** One call of a layer's `forward`. */
export interface LayerCall {
  /** Path in the model; empty for the model itself. */
  readonly path: string;
  readonly layer: object;
  readonly output: unknown;
}

type Forward = (...inputs: readonly unknown[]) => unknown;

function forwardOf(layer: object): Forward | undefined {
  const found: unknown = Reflect.get(layer, "forward");
  return typeof found === "function" ? (found as Forward) : undefined;
}

/**
 * Runs `f`, and tells `listener` of each call of a layer of `model` when it returns, so that the calls inside a layer come before its own. The nodes that
 * are traced in a layer are marked with its path, unless a layer in it marks them.
 */
export function observeCalls<T>(model: object, listener: (call: LayerCall) => void, f: () => T): T {
  const undo: (() => void)[] = [];
  for (const [path, layer] of namedModules(model)) {
    const forward = forwardOf(layer);
    if (!forward) continue;
    const own = Object.getOwnPropertyDescriptor(layer, "forward");
    const call = (...inputs: readonly unknown[]): unknown => {
      const run = (): unknown => Reflect.apply(forward, layer, inputs);
      const output = path === "" ? run() : atSite(path, run);
      listener({ path, layer, output });
      return output;
    };
    Object.defineProperty(layer, "forward", { value: call, configurable: true, enumerable: false });
    undo.push(() => {
      if (own) Object.defineProperty(layer, "forward", own);
      else Reflect.deleteProperty(layer, "forward");
    });
  }
  try {
    return f();
  } finally {
    for (const restore of undo) restore();
  }
}
