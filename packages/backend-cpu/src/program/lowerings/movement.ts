// Ops that move numbers or tell where they are: padding, concatenation, argMax.
import { at, sizeOf, type GraphNode } from "@stria/core";
import { argMaxKernel } from "../../kernels/arg-max.ts";
import { numberOf, pairs } from "../classify.ts";
import type { Lowering } from "../lower.ts";
import { sameView } from "../order.ts";
import { slice } from "../view.ts";
import { inputOf } from "./rule.ts";

export function pad(l: Lowering, node: GraphNode): void {
  const input = inputOf(node, 0);
  const output = at(node.outputs, 0);
  const { dtype, shape } = at(l.graph.values, output);
  const whole = l.whole(output);
  const before = pairs(node.attrs, "padding").map(([first]) => first);
  const source = l.read(input);
  const target = l.buffer(output);
  const value = node.attrs["value"];
  l.fill(target, sizeOf(shape), typeof value === "boolean" ? Number(value) : numberOf(node.attrs, "value"), dtype);
  l.copy(
    source.buffer,
    source.view,
    target,
    slice(
      whole,
      before,
      source.view.shape,
      shape.map(() => 1),
    ),
    dtype,
  );
}

export function concat(l: Lowering, node: GraphNode): void {
  const output = at(node.outputs, 0);
  const { dtype, shape } = at(l.graph.values, output);
  const axis = numberOf(node.attrs, "axis");
  const target = l.buffer(output);
  let start = 0;
  for (const input of node.inputs) {
    const { buffer, view } = l.read(input);
    const to = slice(
      l.whole(output),
      shape.map((_, k) => (k === axis ? start : 0)),
      view.shape,
      shape.map(() => 1),
    );
    // What was written there already is not moved.
    if (buffer !== target || !sameView(view, to)) l.copy(buffer, view, target, to, dtype);
    start += at(view.shape, axis);
  }
}

export function argMax(l: Lowering, node: GraphNode): void {
  const input = inputOf(node, 0);
  const { dtype, shape } = at(l.graph.values, input);
  const axis = numberOf(node.attrs, "axis");
  const [source, target] = [l.dense(input), l.buffer(at(node.outputs, 0))];
  const length = at(shape, axis);
  l.builder.step({
    kernel: argMaxKernel({ dtype, length, inner: sizeOf(shape.slice(axis + 1)) }),
    arguments: [{ buffer: source }, { buffer: target }],
    units: sizeOf(l.shapeOf(at(node.outputs, 0))),
    cost: sizeOf(shape),
    reads: [source],
    writes: [target],
  });
}
