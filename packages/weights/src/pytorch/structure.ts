// The names of the tensors in a nested value: the keys and indices that lead to each.
import type { StoredTensor } from "@stria/core";
import type { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { checkTensorName } from "../tensor-name.ts";
import { PyTorchTensor } from "./pytorch-tensor.ts";
import { describeItem, Global, type Item, type PyTorchKey, type PyTorchValue, StorageView } from "./values.ts";

const stepsAllowed = 200_000;
const deepest = 1000; // Python's own pickler gives up before
interface Level {
  readonly children: Iterator<[PyTorchKey, Item | PyTorchValue]>;
  at: PyTorchKey;
}

/**
 * Walks `root`, finds it plain, and adds its tensors to `tensors`. One that stands alone is called "tensor"; names are keys and
 * indices with dots between.
 * @param largest the pickle's length in bytes: more steps than that are due to values that share or contain themselves
 * @throws FormatError when something else than data and tensors is left, when two tensors have one name, or for structures without an end
 */
export function nameTensors(
  root: Item | PyTorchValue,
  tensors: Map<string, StoredTensor>,
  largest: number,
  budget: Budget,
): asserts root is PyTorchValue {
  const { source } = budget;
  const around: Level[] = []; // the containers that the walk is in, and how far it is in each
  let steps = 0;

  function visit(item: Item | PyTorchValue): void {
    if (item instanceof PyTorchTensor) {
      const called = around.length === 0 ? "tensor" : around.map(({ at }) => String(at)).join(".");
      budget.spend(64 + 2 * called.length, "the names of its tensors");
      checkTensorName(called, source);
      if (tensors.has(called)) refuse(source, `two tensors are called ${JSON.stringify(called)}`, "rename one");
      tensors.set(called, item);
    } else if (item instanceof Global || item instanceof StorageView)
      refuse(source, `${describeItem(item)} is a value of its own`, "save the state dict alone");
    else if (item instanceof Map || Array.isArray(item)) {
      steps += item instanceof Map ? item.size : item.length;
      if (steps > stepsAllowed + largest || around.length >= deepest)
        refuse(source, "a value contains itself, or is nested or shared beyond counting", "save the state dict alone");
      around.push({ children: item.entries(), at: null });
    }
  }

  visit(root);
  for (let level = around.at(-1); level !== undefined; level = around.at(-1)) {
    const next = level.children.next();
    if (next.done === true) around.pop();
    else {
      const [key, child] = next.value;
      level.at = key;
      visit(child);
    }
  }
}
