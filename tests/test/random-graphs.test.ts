// Random networks, forward and backward: the CPU backend has the reference's numbers on 1 thread and 4, the same bits on both, and writes nowhere else.
// `npm run random-graphs` tries more.
import { afterAll, expect, test } from "vitest";
import { at, type Backend, printGraph } from "@stria/core";
import { checkNetwork, cpuContenders } from "../src/random-graphs/check.ts";
import { randomNetwork } from "../src/random-graphs/network.ts";

const contenders = await cpuContenders();
afterAll(() => {
  for (const { backend } of contenders) backend.dispose();
});

test.each(Array.from({ length: 10 }, (_, index) => index * 10))("networks %i to ten more", async (first) => {
  for (let seed = first; seed < first + 10; seed++) expect(await checkNetwork(seed, contenders)).toEqual([]);
});

test("a backend is found out whose results are off by a hundredth, in one element", async () => {
  const right = at(contenders, 0).backend;
  const wrong: Backend = {
    name: "wrong",
    contractVersion: right.contractVersion,
    capabilities: right.capabilities,
    lost: right.lost,
    upload: (data, aval) => right.upload(data, aval),
    async download(buffer) {
      const data = await right.download(buffer);
      const places = [...data.keys()].toSorted((a, b) => Math.abs(at(data, b)) - Math.abs(at(data, a)));
      const largest = at(places, 0);
      data[largest] = at(data, largest) * 1.01;
      return data;
    },
    free: (buffer) => right.free(buffer),
    memory: () => right.memory(),
    supports: (node) => right.supports(node),
    compile: (graph) => right.compile(graph),
    dispose: () => {},
  };
  const [found] = await checkNetwork(7, [{ name: "wrong", backend: wrong }]);
  expect(found).toMatchObject({ seed: 7, contender: "wrong" });
  expect(found?.what).toMatch(/^the loss has .* instead of /);
  const bits = await checkNetwork(7, [at(contenders, 0), { name: "wrong", backend: wrong, sameAs: "1 thread" }]);
  expect(bits.map(({ what }) => what)).toContain("other bits than on 1 thread");
});

test("a backend that cannot compile a network is found out", async () => {
  const right = at(contenders, 0).backend;
  const backend = Object.create(right, { compile: { value: () => Promise.reject(new Error("no")) } }) as Backend;
  const [found] = await checkNetwork(7, [{ name: "none", backend }]);
  expect(found).toMatchObject({ seed: 7, contender: "none", what: "Error: no" });
});

test("a network is a function of its seed, and all kinds of layers occur", () => {
  expect(printGraph(randomNetwork(3).graph)).toBe(printGraph(randomNetwork(3).graph));
  expect(randomNetwork(3).values(0)).toEqual(randomNetwork(3).values(0));
  expect(randomNetwork(3).values(1)).not.toEqual(randomNetwork(3).values(0));
  const ops = new Set<string>();
  const facts = new Set<string>();
  for (let seed = 0; seed < 100; seed++) {
    const { graph, told } = randomNetwork(seed);
    for (const { op } of graph.nodes) ops.add(op.name);
    facts.add(graph.writebacks.length > 0 ? "updated" : "gradients");
    facts.add(told.at(-1) ?? "");
    for (const { shape } of graph.inputs.map(({ value }) => at(graph.values, value))) {
      if (shape[0] === 0) facts.add("empty batch");
      facts.add(`${shape.length} axes`);
    }
  }
  for (const name of ["conv", "convTranspose", "convWeightGradient", "maxPool", "maxPoolGradient", "avgPool"])
    expect(ops).toContain(name);
  for (const name of ["avgPoolGradient", "batchNormTraining", "batchNormGradient", "concat", "pad", "matmul", "max"])
    expect(ops).toContain(name);
  for (const name of ["softmaxCrossEntropy", "softmax", "logSoftmax", "flip", "exp", "tanh", "sigmoid", "erf", "log1p"])
    expect(ops).toContain(name);
  for (const name of ["expm1", "sin", "abs", "pow", "div", "where", "less", "sqrt", "softplus", "minimum", "maximum"])
    expect(ops).toContain(name);
  for (const fact of ["gradients", "updated", "Adam", "SGD", "SGD with momentum", "empty batch", "3 axes", "5 axes"])
    expect(facts).toContain(fact);
});
