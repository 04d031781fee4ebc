// A backend that runs whole graphs only, and is slow to compile: program order holds, and errors surface where a value is read.
import { beforeEach, expect, it } from "vitest";
import { type Backend, type Tensor, compile, cos, grad, sin, tanh, tensor, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";
import { slow } from "./support/backends.ts";
import { batch, descent, smallModel } from "./support/model.ts";

let backend: Backend;
let log: string[];
beforeEach(async () => {
  ({ backend, log } = slow());
  await useBackend(backend);
});

it("eager ops queue, in program order, and equal ones are compiled once", async () => {
  const x = tensor([1, 2]);
  const y = sin(x);
  const z = cos(y);
  const w = sin(z).add(y);
  expect(log).toEqual([]); // nothing has run yet, and nothing waited
  expect((await w.data()).map((value) => Math.round(value * 1e4) / 1e4)).toEqual(
    Float32Array.from([1, 2], (v) => Math.round((Math.sin(Math.cos(Math.sin(v))) + Math.sin(v)) * 1e4) / 1e4),
  );
  expect(log.filter((line) => line.startsWith("run"))).toEqual(["run sin", "run cos", "run sin", "run add"]);
  expect(log.filter((line) => line === "compile sin")).toHaveLength(1);
});

it("a fast program waits for a slow one that was called before it", async () => {
  const f = compile((x: Tensor) => x.exp());
  await f.ready(tensor(1));
  log.length = 0;
  const slowly = tensor(2).sqrt();
  const then = f(slowly);
  const independent = f(tensor(3));
  await Promise.all([then.item(), independent.item()]);
  expect(log.filter((line) => line.startsWith("run"))).toEqual(["run sqrt", "run exp", "run exp"]);
});

it("steps can be called before the first has been compiled, and train as on an eager backend", async () => {
  const { x, labels } = batch();
  const [model, twin] = [smallModel(), smallModel()];
  const step = descent(model);
  const losses = [step(x, labels), step(x, labels), step(x, labels)];
  const found = await Promise.all(losses.map((loss) => loss.item()));
  const weights = await model.conv.weight.value.data();
  await useBackend(reference());
  const eager = descent(twin);
  const again = batch(); // the first batch stays where it was used
  const one = async (): Promise<number> => eager(again.x, again.labels).item();
  const wanted = [await one(), await one(), await one()];
  expect(found).toEqual(wanted);
  expect(weights).toEqual(await twin.conv.weight.value.data());
  expect(log.filter((line) => line.startsWith("compile") && line.includes("conv"))).toHaveLength(1);
});

it("2,000 steps leave nothing behind", async () => {
  const { x, labels } = batch();
  const step = descent(smallModel());
  const run = async (): Promise<void> => {
    const loss = step(x, labels);
    await loss.item();
    loss.dispose();
  };
  await run();
  await run(); // the batch is used again, and stays on the device from now on
  const before = backend.memory();
  for (let i = 0; i < 2000; i++) await run();
  expect(backend.memory()).toEqual(before);
});

it("an op that the backend cannot compile says so where its value is read", async () => {
  const failing: Backend = {
    ...backend,
    name: "failing",
    upload: (data, aval) => backend.upload(data, aval),
    compile: async (graph) => {
      if (graph.nodes.some(({ op }) => op.name === "tanh")) throw new Error("tanh is beyond me");
      return backend.compile(graph);
    },
  };
  await useBackend(failing);
  const x = tensor([1, 2]);
  const bad = x.exp().add(grad((z: Tensor) => z.exp().sum())(x));
  const worse = tanh(bad).add(1);
  await expect(worse.data()).rejects.toThrow("tanh is beyond me");
  expect(await bad.data()).toHaveLength(2);
});

it("a program dropped while it is queued still runs", async () => {
  const f = compile((x: Tensor) => x.exp().mul(2));
  const y = f(tensor(0));
  f.clear();
  expect(await y.item()).toBe(2);
});
