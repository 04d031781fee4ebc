// Pooling where channels lie side by side.
import { at, type GraphNode } from "@stria/core";
import {
  addAveragePoolGradientLast,
  addAveragePoolLast,
  addMaxPoolGatherLast,
  addMaxPoolGradientLast,
  addMaxPoolLast,
  type PoolGeometry,
} from "../channels-last/pooling.ts";
import { numbers, pairs } from "../classify.ts";
import type { Lowering } from "../lower.ts";
import { inputOf, type Rule } from "./rule.ts";

function geometry(l: Lowering, node: GraphNode, whole: number, pooled: number): PoolGeometry {
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

function last(l: Lowering, value: number): number {
  return l.ordered(value, "channels-last");
}

function maxPool(l: Lowering, node: GraphNode): void {
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

function maxPoolGradient(l: Lowering, node: GraphNode): void {
  const [dy, indices, dx] = [inputOf(node, 0), inputOf(node, 1), at(node.outputs, 0)];
  const buffers = { dy: last(l, dy), indices: last(l, indices) };
  const own = areOwnWinners(l, node, indices);
  l.write(dx, "channels-last", (target) =>
    addMaxPoolGradientLast(l.builder, geometry(l, node, dx, dy), { ...buffers, dx: target }, own),
  );
}

function maxPoolGather(l: Lowering, node: GraphNode): void {
  const [x, indices, y] = [inputOf(node, 0), inputOf(node, 1), at(node.outputs, 0)];
  const buffers = { x: last(l, x), indices: last(l, indices) };
  l.write(y, "channels-last", (target) =>
    addMaxPoolGatherLast(l.builder, geometry(l, node, x, y), { ...buffers, y: target }),
  );
}

function avgPool(l: Lowering, node: GraphNode): void {
  const [x, y] = [inputOf(node, 0), at(node.outputs, 0)];
  const source = last(l, x);
  l.write(y, "channels-last", (target) =>
    addAveragePoolLast(l.builder, geometry(l, node, x, y), { x: source, y: target }),
  );
}

function avgPoolGradient(l: Lowering, node: GraphNode): void {
  const [dy, dx] = [inputOf(node, 0), at(node.outputs, 0)];
  const source = last(l, dy);
  l.write(dx, "channels-last", (target) =>
    addAveragePoolGradientLast(l.builder, geometry(l, node, dx, dy), { dy: source, dx: target }),
  );
}

const rules: ReadonlyMap<string, Rule> = new Map<string, Rule>([
  ["maxPool", maxPool],
  ["maxPoolGradient", maxPoolGradient],
  ["maxPoolGather", maxPoolGather],
  ["avgPool", avgPool],
  ["avgPoolGradient", avgPoolGradient],
]);

/** The rule of an op, where what it reads or writes has its channels side by side; else the one that is given. */
export function lastOr(rowMajor: Rule): Rule {
  return (l, node, epilogue) => {
    const isLast = [...node.inputs, ...node.outputs].some(
      (value) => l.isIn(value, "channels-last") && !l.isIn(value, "row-major"),
    );
    const rule = isLast ? rules.get(node.op.name) : undefined;
    (rule ?? rowMajor)(l, node, epilogue);
  };
}
