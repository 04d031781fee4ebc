// explain and profile of the CPU backend, on LeNet-5: its multiply-adds are published, and every layer is told.
import { cpu, explain, profile } from "@stria/backend-cpu";
import { type Backend, compile, fromHost, setSeed, type Tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import {
  conv2d,
  crossEntropy,
  dense,
  dropout,
  flatten,
  maxPool2d,
  type Module,
  sequential,
  stateDict,
} from "@stria/layers";
import { adam, rmsprop, sgd } from "@stria/optimizers";
import { type TrainStep, trainStep } from "@stria/training";
import { expect, test } from "vitest";

const batch = 2;

interface Labelled {
  readonly x: Tensor;
  readonly y: Tensor;
}

function lenet(): Module {
  return sequential(
    [
      conv2d(6, 5, { activation: "relu" }),
      maxPool2d(2),
      conv2d(16, 5, { activation: "relu" }),
      maxPool2d(2),
      flatten(),
      dense(120, { activation: "relu" }),
      dense(84, { activation: "relu" }),
      dense(10),
    ],
    { inputShape: [1, 32, 32] },
  );
}

async function stepOn(made: Promise<Backend> | Backend): Promise<{
  backend: Backend;
  model: Module;
  given: Labelled;
  step: TrainStep<Labelled, Tensor>;
}> {
  const backend = await useBackend(made);
  setSeed(1);
  const model = lenet();
  const step = trainStep(model, sgd({ learningRate: 0.01, momentum: 0.9 }), (m, { x, y }: Labelled) =>
    crossEntropy(m.forward(x), y),
  );
  const x = fromHost(new Float32Array(batch * 32 * 32).fill(0.5), [batch, 1, 32, 32], "float32");
  return { backend, model, step, given: { x, y: fromHost(Int32Array.of(3, 7), [batch], "int32") } };
}

/** LeNet-5 with all connections in its second convolution: 117,600 + 240,000 + 48,000 + 10,080 + 840. */
const forward = 416_520;
/** No gradient reaches the image. */
const backward = 2 * forward - 117_600;

test("explain tells units, layers, multiply-adds and memory", async () => {
  const { backend, step, given } = await stepOn(cpu({ threads: 1 }));
  const found = await explain(step, [given]);
  const sum = (units: readonly { multiplyAdds: number }[]): number =>
    units.reduce((all, unit) => all + unit.multiplyAdds, 0);
  expect(sum(found.units.filter((unit) => !unit.backward))).toBe(batch * forward);
  expect(sum(found.units.filter((unit) => unit.backward))).toBe(batch * backward);
  const layers = new Set(found.units.map((unit) => unit.layer));
  layers.delete("4"); // flattening costs a copy, or nothing
  expect(layers).toEqual(new Set(["", "0", "1", "2", "3", "5", "6", "7"]));
  expect(found.units.flatMap((unit) => unit.steps).toSorted((a, b) => a - b)).toEqual([...Array(found.steps).keys()]);
  // Weights, momenta, image and labels are given; the new weights and momenta and the loss are results.
  const parameters = 61_706 * 4;
  expect(found.memory.inputs).toBeGreaterThan(2 * parameters + batch * 4096);
  expect(found.memory.inputs).toBeLessThan(2 * parameters + batch * 4096 + 80 * 40);
  expect(found.memory.results).toBeGreaterThan(2 * parameters);
  // What is no convolution has no choice; one of 5 x 5 has two, which multiply the same.
  for (const { ops, others } of found.units)
    expect(others.map(({ algorithm }) => algorithm)).toEqual(ops.some((op) => op.startsWith("conv")) ? ["packed"] : []);
  expect(found.units.every(({ others, predicted }) => others.every((one) => one.predicted === predicted))).toBe(true);
  const text = String(found);
  expect(text).toMatch(/predicted ms {2}instead\n/);
  expect(text).toMatch(/convWeightGradient .* indirect: .* packed \d+\.\d{3}$/m);
  expect(text).toContain("1 thread; predicted");
  expect(text).toMatch(/^ *\d+ {2}2 \(gradient\) .* convWeightGradient .* float32\[16, 6, 5, 5\] /m);
  backend.dispose();
});

test.each([
  ["SGD with momentum", sgd({ learningRate: 0.01, momentum: 0.9 })],
  ["Adam", adam({ learningRate: 0.01 })],
  ["RMSprop", rmsprop({ learningRate: 0.01, momentum: 0.9 })],
])(
  "%s updates all parameters in one step; softmax, cross-entropy and its gradient are one, too",
  async (_, optimizer) => {
    const { backend, model, given } = await stepOn(cpu({ threads: 1 }));
    const step = trainStep(model, optimizer, (m, { x, y }: Labelled) => crossEntropy(m.forward(x), y));
    const { units } = await explain(step, [given]);
    const loose = units.filter(({ layer, output }) => layer === "" && !output.endsWith("[]"));
    expect(loose.map(({ algorithm }) => algorithm)).toEqual(["crossEntropy", "segments"]);
    backend.dispose();
  },
);

test("dropout is one pass forward, and none of its own backward: a rectifier's gradient takes it in", async () => {
  const { backend, given } = await stepOn(cpu({ threads: 1 }));
  const model = sequential([flatten(), dense(16, { activation: "relu" }), dropout(0.5), dense(10)], {
    inputShape: [1, 32, 32],
  });
  const step = trainStep(model, sgd({ learningRate: 0.01 }), (m, { x, y }: Labelled) => crossEntropy(m.forward(x), y));
  const { units } = await explain(step, [given]);
  const own = units.filter(({ layer }) => layer === "2");
  expect(own.map((unit) => [unit.backward, unit.ops])).toEqual([
    [false, ["mul", "mul"]],
    [true, ["mul", "mul", "less", "where"]],
  ]);
  backend.dispose();
});

test.each([1, 2])("profile times every unit and changes nothing, on %i threads", async (threads) => {
  const { backend, model, step, given } = await stepOn(cpu({ threads }));
  const first = stateDict(model).get("0.weight");
  const before = await first?.data();
  const live = backend.memory();
  const found = await profile(step, [given], { runs: 2 });
  expect(backend.memory()).toEqual(live);
  expect(await stateDict(model).get("0.weight")?.data()).toEqual(before);
  for (const unit of found.units) expect(unit.milliseconds).toBeGreaterThan(0);
  const sum = found.units.reduce((all, unit) => all + unit.milliseconds, 0);
  expect(found.milliseconds).toBeCloseTo(sum, 6);
  expect(found.layers.reduce((all, layer) => all + layer.milliseconds, 0)).toBeCloseTo(sum, 6);
  expect(found.layers.map((layer) => layer.multiplyAdds).reduce((a, b) => a + b)).toBe(batch * (forward + backward));
  expect(String(found)).toContain(`on ${threads} thread`);
  backend.dispose();
});

test("a profile is a trace file: events that follow one another, and the layers above them", async () => {
  const { backend, step, given } = await stepOn(cpu({ threads: 1 }));
  const found = await profile(step, [given], { runs: 1, clock: "processor" });
  const { traceEvents } = JSON.parse(found.trace()) as {
    traceEvents: { ph: string; tid: number; name: string; ts: number; dur: number; cat: string }[];
  };
  const lines = [1, 2].map((tid) => traceEvents.filter((event) => event.ph === "X" && event.tid === tid));
  for (const events of lines) {
    let now = 0;
    for (const { ts, dur } of events) {
      expect(ts).toBeCloseTo(now, 6);
      now = ts + dur;
    }
    expect(now / 1000).toBeCloseTo(found.milliseconds, 6);
  }
  expect(lines[1]).toHaveLength(found.units.length);
  expect(lines[0]?.[0]?.name).toBe("0");
  backend.dispose();
});

test("a compiled function is explained too, on a backend that is named", async () => {
  const backend = await cpu({ threads: 1 });
  await useBackend(reference());
  const model = lenet();
  const predict = compile((x: Tensor): Tensor => model.forward(x));
  const x = fromHost(new Float32Array(1024), [1, 1, 32, 32], "float32");
  const { units } = await explain(predict, [x], { backend });
  expect(units.reduce((sum, unit) => sum + unit.multiplyAdds, 0)).toBe(forward);
  // Parameters are made ready once: a prediction does not pack them again.
  const timed = await profile(predict, [x], { backend, runs: 1 });
  const once = timed.units.filter((unit) => unit.once);
  expect(once.length).toBeGreaterThan(0);
  expect(once.reduce((sum, unit) => sum + unit.milliseconds, 0)).toBeCloseTo(timed.onceMilliseconds, 6);
  expect(once.every((unit) => unit.multiplyAdds === 0)).toBe(true);
  expect(timed.layers.reduce((sum, layer) => sum + layer.milliseconds, 0)).toBeCloseTo(timed.milliseconds, 6);
  await expect(explain(predict, [x])).rejects.toThrow(
    'explain: the backend is "reference". Remedy: choose the CPU\'s first, with useBackend(cpu()), or pass { backend }',
  );
  await expect(profile(predict, [x], { backend, runs: 0 })).rejects.toThrow(
    "profile: runs is 0. Remedy: use a whole number above 0",
  );
  const clock: unknown = "sun";
  await expect(profile(predict, [x], { backend, clock: clock as "wall" })).rejects.toThrow(
    'profile: there is no clock "sun" here. Remedy: use "wall", or "processor" in Node',
  );
  backend.dispose();
});
