// Rewriting node by node: what stays keeps its shapes as long as it is given what it was given.
import { beforeAll, expect, it } from "vitest";
import { type Graph, type Tensor, at, cast, compile, exp, mul, rewrite, sum, useBackend } from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";
import { uniform } from "../support/numbers.ts";

beforeAll(() => useBackend(reference()));

const shapes = ({ nodes, values }: Graph): string[] =>
  nodes.map(
    ({ op, outputs }) => `${op.name} ${at(values, at(outputs, 0)).dtype} [${at(values, at(outputs, 0)).shape.join()}]`,
  );

it("keeps the shapes of what stays behind a node that is said in other ops", () => {
  const graph = compile((x: Tensor) => sum(exp(x), 1)).graph(uniform([2, 3], 1));
  const rewritten = rewrite(graph, ({ op }, inputs) =>
    op.name === "exp" ? [mul(exp(at(inputs, 0)), exp(at(inputs, 0)))] : null,
  );
  expect(shapes(rewritten.graph)).toEqual([
    "exp float32 [2,3]",
    "exp float32 [2,3]",
    "mul float32 [2,3]",
    "sum float32 [2]",
  ]);
  expect(rewritten.origins).toEqual([0, 0, 0, 1]);
});

it("finds them again behind one that is given another dtype", () => {
  const graph = compile((x: Tensor) => sum(exp(x), 1)).graph(uniform([2, 3], 1));
  const { graph: rewritten } = rewrite(graph, ({ op }, inputs) =>
    op.name === "exp" ? [cast(at(inputs, 0), "int32")] : null,
  );
  expect(shapes(rewritten)).toEqual(["cast int32 [2,3]", "sum int32 [2]"]);
});
