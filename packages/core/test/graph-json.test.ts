// Graphs as JSON: what is written is read again, and computes the same.
import { beforeAll, expect, it } from "vitest";
import { allOps } from "../src/all-ops.ts";
import { type Graph, type Tensor, at, compile, graphDifference, pad, tensor, useBackend } from "../src/index.ts";
import { fromJSON, toJSON } from "../src/graph/graph-json.ts";
import { reference } from "../src/reference/index.ts";
import { gradientCases } from "./ops/cases.ts";
import { everything } from "./support/graphs.ts";
import { batch, descent, smallModel } from "./support/model.ts";

beforeAll(() => useBackend(reference()));

const through = (graph: Graph): Graph => fromJSON(JSON.stringify(toJSON(graph)), allOps);

it("constants to the bit, special numbers, noise, writebacks, sites", () => {
  const graph = everything();
  const again = through(graph);
  expect(again).toEqual(graph);
  expect(Object.is(again.constants[0]?.data[1], -0)).toBe(true);
  expect(JSON.stringify(toJSON(graph))).toContain('"value":"-Infinity"');
});

it.each([0, -0, Number.NaN, Infinity, -Infinity, 1e-45, 0.1])("the attribute %d", (value) => {
  const graph = compile((x: Tensor) => pad(x, [[1, 1]], value)).graph(tensor([1]));
  expect(Object.is(through(graph).nodes[0]?.attrs["value"], value)).toBe(true);
});

it("every op, with its gradient's ops", () => {
  for (const { f, inputs } of gradientCases) {
    const graph = compile((list: typeof inputs) => f(...list)).graph(inputs);
    expect(graphDifference(through(graph), graph)).toBeUndefined();
  }
});

it("a training step, and it computes the same", async () => {
  const backend = reference();
  const { x, labels } = batch();
  const graph = descent(smallModel()).graph(x, labels);
  const results = async (program: Graph): Promise<unknown[]> => {
    const executable = await backend.compile(program);
    const given = program.inputs.map(({ value }) => {
      const aval = at(program.values, value);
      const size = aval.shape.reduce((a, b) => a * b, 1);
      const data =
        aval.dtype === "int32"
          ? Int32Array.from({ length: size }, (_, i) => i % 3)
          : Float32Array.from({ length: size }, (_, i) => Math.sin(i));
      return backend.upload(data, aval);
    });
    return Promise.all(executable.run(given, []).map((buffer) => backend.download(buffer)));
  };
  expect(await results(through(graph))).toEqual(await results(graph));
});
