// Scopes: what a callback made is freed when it returns, its result aside.
import type { Tensor } from "../tensor/tensor.ts";
import { flatten } from "../tensor/tree.ts";

let current: Set<Tensor> | undefined;

/** @internal Every concrete tensor is noted in the scope in which it is made. */
export function trackInScope(tensor: Tensor): void {
  current?.add(tensor);
}

/** Runs the synchronous `f` and frees every tensor it made, apart from those in its result (a tensor, or arrays and objects of them). */
export function scope<T>(f: () => T): T {
  const outer = current;
  const made = new Set<Tensor>();
  current = made;
  try {
    const result = f();
    for (const kept of flatten(result, "scope").leaves) {
      if (made.delete(kept)) outer?.add(kept);
    }
    return result;
  } finally {
    current = outer;
    for (const tensor of made) tensor.dispose();
  }
}
