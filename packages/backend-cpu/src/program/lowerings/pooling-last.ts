// Max pooling where channels lie side by side.
import { at, type GraphNode } from "@stria/core";
import { pooling } from "../../parts/index.ts";
import type { Pieces } from "../../pieces.ts";
import { addMaxPoolGradientLast, addMaxPoolLast, type PoolGeometry } from "../channels-last/pooling.ts";
import { numbers, pairs } from "../classify.ts";
import type { Lowering } from "../lower.ts";
import { inputOf, type Rule } from "./rule.ts";

export function geometry(l: Lowering, node: GraphNode, whole: number, pooled: number): PoolGeometry {
  const [input, output] = [l.shapeOf(whole), l.shapeOf(pooled)];
  return {
    batch: at(input, 0),
    channels: at(input, 1),
    input: input.slice(2),
    places: output.slice(2),
    kernel: numbers(node.attrs, "kernel"),
    stride: numbers(node.attrs, "stride"),
    dilation: numbers(node.attrs, "dilation"),
    before: pairs(node.attrs, "padding").map(([before]) => before),
  };
}

export function last(l: Lowering, value: number): number {
  return l.ordered(value, "channels-last");
}

export function maxPool(l: Lowering, node: GraphNode): void {
  const [x, y, winners] = [inputOf(node, 0), at(node.outputs, 0), at(node.outputs, 1)];
  const g = geometry(l, node, x, y);
  l.write(y, "channels-last", (values) => {
    if (!l.isRead(winners)) return addMaxPoolLast(l.builder, g, { x: last(l, x), values, indices: undefined });
    l.write(winners, "channels-last", (indices) => addMaxPoolLast(l.builder, g, { x: last(l, x), values, indices }));
  });
}

/** Whether indices are those that a pooling with the same windows has written. */
function areOwnWinners(l: Lowering, node: GraphNode, indices: number): boolean {
  const producer = l.producerOf(indices);
  const same = (name: "kernel" | "stride" | "dilation"): boolean =>
    producer !== undefined && numbers(node.attrs, name).join() === numbers(producer.attrs, name).join();
  return (
    producer?.op.name === "maxPool" &&
    same("kernel") &&
    same("stride") &&
    same("dilation") &&
    pairs(node.attrs, "padding").join() === pairs(producer.attrs, "padding").join() &&
    l.shapeOf(at(producer.inputs, 0)).join() === l.shapeOf(at(node.outputs, 0)).join()
  );
}

export function* maxPoolGradient(l: Lowering, node: GraphNode): Pieces<void> {
  const [dy, indices, dx] = [inputOf(node, 0), inputOf(node, 1), at(node.outputs, 0)];
  const add = areOwnWinners(l, node, indices) ? addMaxPoolGradientLast : (yield* pooling.wait()).addMaxPoolSpreadLast;
  const buffers = { dy: last(l, dy), indices: last(l, indices) };
  l.write(dx, "channels-last", (target) => add(l.builder, geometry(l, node, dx, dy), { ...buffers, dx: target }));
}

/** The first rule where what an op reads or writes has its channels side by side, else the second. */
export function lastOr(ofPixels: Rule, ofPlanes: Rule): Rule {
  return (l, node, epilogue, others) => {
    const isLast = [...node.inputs, ...node.outputs].some(
      (value) => l.isIn(value, "channels-last") && !l.isIn(value, "row-major"),
    );
    return (isLast ? ofPixels : ofPlanes)(l, node, epilogue, others);
  };
}
