// Every op against the reference executor, with random shapes, dtypes and attributes.
import { at, requiredOps } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { onnx } from "../src/index.ts";
import { cases } from "./support/cases.ts";
import { Random } from "./support/random.ts";
import { difference, oneNode, runGraph } from "./support/run.ts";

const rounds = 40;
const backend = await onnx({ threads: 1 });
const oracle = reference();

test.each(Object.entries(cases))("%s agrees with the reference", async (name, make) => {
  const op = allOps[name];
  if (!op) throw new Error(`there is no op ${name}`);
  const differences: string[] = [];
  for (let round = 0; round < rounds; round++) {
    const made = make(new Random(round * 7919 + name.length));
    const graph = oneNode(op, made);
    const data = made.inputs.map((input) => input.data);
    const [found, wanted] = [await runGraph(backend, graph, data), await runGraph(oracle, graph, data)];
    for (const [index, output] of wanted.entries()) {
      const words = difference(at(found, index), output, made.rtol, made.atol);
      const given = made.inputs.map(({ shape, dtype }) => `${dtype}[${shape.join()}]`);
      if (words !== undefined)
        differences.push(`${name}(${given.join()}) ${JSON.stringify(made.attrs)}: output ${index}: ${words}`);
    }
  }
  expect(differences).toEqual([]);
});

test("no op is left out", () => {
  const traceOnly = new Set(["identity", "stopGradient"]);
  expect(Object.keys(cases).toSorted()).toEqual(
    Object.keys(allOps)
      .filter((name) => !traceOnly.has(name))
      .toSorted(),
  );
  for (const name of requiredOps) expect(cases).toHaveProperty(name);
});

test("nothing is left in memory", () => {
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
});
