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

/** Runs `f`; meanwhile each call of a layer's `forward` goes through `around`. A layer may be there under several paths. */
export function aroundCalls<T>(
  layers: Iterable<readonly [path: string, layer: object]>,
  around: (path: string, layer: object, run: () => unknown) => unknown,
  f: () => T,
): T {
  const undo: (() => void)[] = [];
  for (const [path, layer] of layers) {
    const forward = forwardOf(layer);
    if (!forward) continue;
    const own = Object.getOwnPropertyDescriptor(layer, "forward");
    const call = (...inputs: readonly unknown[]): unknown =>
      around(path, layer, () => Reflect.apply(forward, layer, inputs));
    Object.defineProperty(layer, "forward", { value: call, configurable: true, enumerable: false });
    undo.unshift(() => {
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

/**
 * Runs `f`, and tells `listener` of each call of a layer of `model` when it returns, so that the calls inside a layer come before its own. The nodes that
 * are traced in a layer are marked with its path, unless a layer in it marks them.
 */
export function observeCalls<T>(model: object, listener: (call: LayerCall) => void, f: () => T): T {
  const around = (path: string, layer: object, run: () => unknown): unknown => {
    const output = path === "" ? run() : atSite(path, run);
    listener({ path, layer, output });
    return output;
  };
  return aroundCalls(namedModules(model), around, f);
}
