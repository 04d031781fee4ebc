// Structural comparison: what makes two graphs the same program.
import { beforeAll, expect, it } from "vitest";
import { type Graph, type Tensor, compile, equalGraphs, graphDifference, tensor, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { everything } from "./support/graphs.ts";

beforeAll(() => useBackend(reference()));

const f = (x: Tensor): Tensor => x.mul(2).add(x).exp();
it("does not depend on the numbers of values, on sites or on unread operands' order of tracing", () => {
  const graph = compile(f).graph(tensor([1, 2]));
  const last = graph.values.length - 1;
  const mirrored = (value: number): number => last - value;
  const renumbered: Graph = {
    values: graph.values.toReversed(),
    inputs: graph.inputs.map((input) => ({ ...input, value: mirrored(input.value) })),
    constants: [],
    nodes: graph.nodes.map((node) => ({
      ...node,
      inputs: node.inputs.map(mirrored),
      outputs: node.outputs.map(mirrored),
      site: "elsewhere",
    })),
    outputs: graph.outputs.map((output) => ({ ...output, value: mirrored(output.value) })),
    writebacks: [],
  };
  expect(equalGraphs(graph, renumbered)).toBe(true);
});

it("sees ops, attributes, shapes, wiring and constants", () => {
  const graph = compile(f).graph(tensor([1, 2]));
  const others: ((x: Tensor) => unknown)[] = [
    (x) => x.mul(3).add(x).exp(),
    (x) => x.mul(2).sub(x).exp(),
    (x) => x.add(x.mul(2)).exp(),
    (x) => [f(x), x],
  ];
  for (const other of others) expect(equalGraphs(graph, compile(other).graph(tensor([1, 2])))).toBe(false);
  expect(graphDifference(graph, compile(f).graph(tensor([1])))).toEqual([
    '%0: float32[2] = data "argument.0"',
    '%0: float32[1] = data "argument.0"',
  ]);
  const whole = everything();
  const other = {
    ...whole,
    constants: whole.constants.map((constant, index) =>
      index === 0 ? { ...constant, data: Float32Array.of(1.5, 0, -Infinity) } : constant,
    ),
  };
  expect(equalGraphs(whole, other)).toBe(false);
});
