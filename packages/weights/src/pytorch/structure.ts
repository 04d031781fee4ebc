// The names of the tensors in a nested value: the keys and indices that lead to each.
import type { StoredTensor } from "@stria/core";
import type { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { PyTorchTensor } from "./tensor.ts";
import { describeItem, Global, type Item, type PyTorchValue, StorageView } from "./values.ts";

const stepsAllowed = 200_000;
const refusedParts: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

function checkName(name: string, source: string): void {
  if (name.split(".").some((part) => refusedParts.has(part)))
    refuse(source, `a tensor may not be called ${JSON.stringify(name)}`, "rename it");
}

/**
 * Walks `root`, finds it plain, and adds its tensors to `tensors`. One that stands alone is called "tensor"; names are keys and
 * indices with dots between.
 * @param largest the pickle's length in bytes: more steps than that are due to values that share or contain themselves
 * @throws FormatError when something else than data and tensors is left, when two tensors have one name, or for endless structures
 */
export function nameTensors(
  root: Item | PyTorchValue,
  tensors: Map<string, StoredTensor>,
  largest: number,
  budget: Budget,
): asserts root is PyTorchValue {
  const { source } = budget;
  const pending: { readonly item: Item | PyTorchValue; readonly name: string }[] = [{ item: root, name: "" }];
  let steps = 0;
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const { item, name } = next;
    if (item instanceof PyTorchTensor) {
      const called = name === "" ? "tensor" : name.slice(1);
      budget.spend(64 + 2 * called.length, "the names of its tensors");
      checkName(called, source);
      if (tensors.has(called)) refuse(source, `two tensors are called ${JSON.stringify(called)}`, "rename one");
      tensors.set(called, item);
    } else if (item instanceof Global || item instanceof StorageView)
      refuse(source, `${describeItem(item)} is a value of its own`, "save the state dict alone");
    else {
      steps += item instanceof Map ? item.size : Array.isArray(item) ? item.length : 0;
      if (steps > stepsAllowed + largest)
        refuse(source, "a value contains itself, or is shared beyond counting", "save the state dict alone");
      const children = item instanceof Map ? item : Array.isArray(item) ? item.entries() : [];
      const named = [...children].map(([key, child]) => ({ item: child, name: `${name}.${String(key)}` }));
      for (const child of named.toReversed()) pending.push(child); // the first is taken next: names in the file's order
    }
  }
}
