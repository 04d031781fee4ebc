// Which softmax has a kernel: along the last axis; along others core's decomposition does.
import { at, type NodeSpec, sizeOf } from "@stria/core";

/** Whether the kernel computes a node. */
export function takesSoftmax({ attrs, inputs }: NodeSpec): boolean {
  const { shape, dtype } = at(inputs, 0);
  return dtype === "float32" && attrs["axis"] === shape.length - 1 && sizeOf(shape) > 0;
}
