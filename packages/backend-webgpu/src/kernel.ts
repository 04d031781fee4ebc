// The signature of a kernel.
import type { Aval, NodeSpec } from "@stria/core";
import type { Runtime } from "./runtime.ts";
import type { DeviceTensor } from "./tensor.ts";

/** Enqueues a node. Never writes to its inputs; what it returns is the caller's to free. */
export type Kernel = (runtime: Runtime, node: NodeSpec, inputs: readonly DeviceTensor[]) => DeviceTensor[];

/** The aval of output `index`. */
export function outputOf(node: NodeSpec, index = 0): Aval {
  const output = node.outputs[index];
  if (!output) throw new RangeError(`${node.op.name} has no output ${index}`);
  return output;
}
