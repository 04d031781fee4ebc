// Legalisation: what a backend does not take is said in what it takes, and it is told what stands for what.
import { beforeAll, describe, expect, it } from "vitest";
import { allOps } from "../../src/all-ops.ts";
import {
  type NodeSpec,
  type Tensor,
  at,
  atSite,
  avgPool,
  batchNormTraining,
  compile,
  defineOp,
  applyOne,
  relu,
  requiredOps,
  sigmoid,
  softmax,
  stopGradient,
  tensor,
  useBackend,
} from "../../src/index.ts";
import { explain, legalise } from "../../src/backends.ts";
import { decompositionsApart } from "../../src/passes/decompositions.ts";
import { reference } from "../../src/reference/index.ts";
import { batch, descent, smallModel } from "../support/model.ts";
import { uniform } from "../support/numbers.ts";

beforeAll(() => useBackend(reference()));

const names: readonly string[] = requiredOps;
const required = ({ op }: NodeSpec): boolean => names.includes(op.name);

it("a graph that is taken as it is stays the same object", () => {
  const graph = compile((x: Tensor) => x.mul(2)).graph(tensor(1));
  expect(legalise(graph, required)).toEqual({ graph, rewritten: [] });
  expect(legalise(graph, required).graph).toBe(graph);
  expect(explain([])).toBe("every node is taken as it is");
});

it("decomposes until everything is taken, and names the final ops", () => {
  const graph = compile((x: Tensor) => atSite("block", () => softmax(relu(x), 1))).graph(uniform([2, 3], 1));
  const { graph: legal, rewritten } = legalise(graph, required);
  expect(legal.nodes.every(({ op }) => names.includes(op.name))).toBe(true);
  expect(rewritten).toEqual([
    {
      node: "relu(float32[2, 3])",
      site: "block",
      by: [
        { op: "full", count: 1 },
        { op: "maximum", count: 1 },
      ],
    },
    {
      node: "softmax(float32[2, 3]) {axis 1}",
      site: "block",
      by: [
        { op: "div", count: 1 },
        { op: "exp", count: 1 },
        { op: "max", count: 1 },
        { op: "sub", count: 1 },
        { op: "sum", count: 1 },
      ],
    },
  ]);
  expect(explain(rewritten)).toBe(
    [
      "relu(float32[2, 3])",
      "  -> full, maximum",
      "  at block",
      "softmax(float32[2, 3]) {axis 1}",
      "  -> div, exp, max, sub, sum",
      "  at block",
    ].join("\n"),
  );
});

it("equal kinds of nodes are explained once, with their number and places", () => {
  const graph = compile((x: Tensor) => atSite("b", () => sigmoid(atSite("a", () => sigmoid(x))))).graph(tensor([1]));
  const text = explain(legalise(graph, required).rewritten);
  expect(text).toMatch(/^sigmoid\(float32\[1\]\)\n {2}-> .*full.*\n {2}at b\.a\nsigmoid/); // the second shares the first's constants
  const apart = compile((x: Tensor, y: Tensor) => [relu(x).sum(), relu(y).sum()]).graph(tensor([1]), tensor([2]));
  expect(explain([...legalise(apart, required).rewritten, ...legalise(apart, required).rewritten])).toContain(
    "2 times relu(float32[1])\n  -> full, maximum",
  );
});

it("asks attribute by attribute", () => {
  const graph = compile((x: Tensor) => [avgPool(x, 2), avgPool(x, 3)]).graph(uniform([1, 2, 6, 6], 1));
  const { graph: legal, rewritten } = legalise(
    graph,
    (node) => node.op.name !== "avgPool" || JSON.stringify(node.attrs["kernel"]) === "[2,2]",
  );
  expect(rewritten.map(({ node }) => node)).toEqual([
    "avgPool(float32[1, 2, 6, 6]) {kernel [3, 3], stride [3, 3], dilation [1, 1], padding [[0, 0], [0, 0]]}",
  ]);
  expect(legal.nodes.map(({ op }) => op.name)).toEqual(["avgPool", "full", "conv"]);
});

it("drops what of a decomposition nothing reads", () => {
  const graph = compile((x: Tensor) => batchNormTraining(x, tensor([1, 1]), tensor([0, 0])).mean).graph(
    uniform([3, 2], 1),
  );
  const [only] = legalise(graph, required).rewritten;
  expect(only?.by.map(({ op }) => op)).toEqual(["full", "mul", "sum"]);
});

it("keeps inputs in their places, results and writebacks, and computes the same", async () => {
  const { x, labels } = batch();
  const graph = descent(smallModel()).graph(x, labels);
  const { graph: legal } = legalise(graph, required);
  expect(legal.inputs.map(({ name, role }) => [name, role])).toEqual(
    graph.inputs.map(({ name, role }) => [name, role]),
  );
  expect(legal.nodes.every(({ op }) => names.includes(op.name))).toBe(true);
  const backend = reference();
  const run = async (program: typeof graph): Promise<number[][]> => {
    const inputs = program.inputs.map(({ value }) => {
      const aval = at(program.values, value);
      const length = aval.shape.reduce((a, b) => a * b, 1);
      return backend.upload(
        aval.dtype === "int32" ? new Int32Array(length).fill(1) : Float32Array.from({ length }, (_, i) => Math.cos(i)),
        aval,
      );
    });
    const executable = await backend.compile(program);
    const found = await Promise.all(executable.run(inputs, []).map((buffer) => backend.download(buffer)));
    return found.map((data) => Array.from(data));
  };
  const [wanted, found] = [await run(graph), await run(legal)];
  for (const [index, list] of wanted.entries())
    for (const [i, value] of list.entries()) expect(at(at(found, index), i)).toBeCloseTo(value, 5);
});

it("a value that only stands for its input is its input", () => {
  const graph = compile((x: Tensor) => stopGradient(x)).graph(tensor(1));
  expect(graph.nodes).toEqual([]);
});

describe("what cannot be decomposed", () => {
  const strange = defineOp("strange", { infer: ([x]) => x ?? [] });

  it("is named, with its shapes, its place and the backend", () => {
    const graph = compile((x: Tensor) => atSite("layer7", () => applyOne(strange, [x], {}))).graph(tensor([1]));
    expect(() => legalise(graph, required, 'backend "mine"')).toThrow(
      /strange: backend "mine" does not take strange\(float32\[1\]\) of layer7, and it has no decomposition/,
    );
  });

  it("surfaces where the value is read", async () => {
    const y = applyOne(strange, [tensor([1])], {});
    await expect(y.data()).rejects.toThrow(/backend "reference" does not take strange/);
  });
});

it("every optional op has a decomposition", () => {
  const lacking = Object.values(allOps).filter(
    (op) => !names.includes(op.name) && !op.decompose && !Object.hasOwn(decompositionsApart, op.name),
  );
  expect(lacking.map(({ name }) => name)).toEqual([]);
});
