// softmax along the last axis; along others core's decomposition does.
import { at, type GraphNode, sizeOf } from "@stria/core";
import { softmaxKernel } from "../../kernels/softmax.ts";
import type { Lowering } from "../lower.ts";
import { inputOf } from "./rule.ts";

/** Vector operations for four elements. */
const cost = 24;

export function softmax(l: Lowering, node: GraphNode): void {
  const [x, y] = [inputOf(node, 0), at(node.outputs, 0)];
  const shape = l.shapeOf(x);
  const [source, length] = [l.dense(x), at(shape, shape.length - 1)];
  l.write(y, "row-major", (target) =>
    l.builder.step({
      kernel: softmaxKernel(l.tile.fused),
      arguments: [{ buffer: source }, { buffer: target }, length * 4],
      units: sizeOf(shape) / length,
      cost: (sizeOf(shape) / 4) * cost,
      reads: [source],
      writes: [target],
    }),
  );
}
