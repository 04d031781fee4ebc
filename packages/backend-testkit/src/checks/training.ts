// A small convolutional network, trained for several steps with every parameter written back: losses, determinism, memory.
import {
  type Backend,
  type DeviceBuffer,
  Parameter,
  type Tensor,
  type TypedArray,
  at,
  batchNormTraining,
  conv,
  matmul,
  maxPool,
  mean,
  relu,
  reshape,
  softmaxCrossEntropy,
  valueAndGrad,
} from "@stria/core";
import type { Check, Subject } from "../check.ts";
import { difference } from "../compare.ts";
import { Random } from "../random.ts";
import { type TracedGraph, traced } from "../trace.ts";
import { unchanged } from "./expect.ts";

const group = "training";
const steps = 6;
/** Errors of float32 sums, grown over the steps: six steps of a smooth network multiply them by about ten. */
const tolerance = { relative: 1e-3, ofLargest: 1e-4 };

const shapes: Readonly<Record<string, readonly number[]>> = {
  "conv.weight": [4, 1, 3, 3],
  "conv.bias": [4],
  "norm.weight": [4],
  "norm.bias": [4],
  "depthwise.weight": [4, 1, 3, 3],
  "dense.weight": [16, 5],
};

/** One step of gradient descent with momentum: the batch and the labels in, the loss before the step out. */
async function trainingStep({ oracle, seed }: Subject): Promise<TracedGraph> {
  const random = new Random(seed + 77);
  const data = new Map<string, TypedArray>();
  const cell = (path: string, shape: readonly number[], scale: number, middle = 0): Parameter => {
    const values = random.operand(shape, "float32", { scale }).data.map((x: number) => x + middle);
    const made = new Parameter(shape, () => values);
    made.name(path);
    data.set(path, values);
    return made;
  };
  const model = new Map(
    Object.entries(shapes).map(([path, shape]) => [path, cell(path, shape, 0.4, path === "norm.weight" ? 1 : 0)]),
  );
  const momenta = new Map(Object.entries(shapes).map(([path, shape]) => [path, cell(`momentum.${path}`, shape, 0)]));
  const of = (list: ReadonlyMap<string, Parameter>, path: string): Parameter => {
    const found = list.get(path);
    if (!found) throw new Error(`no parameter ${path}`);
    return found;
  };
  const loss = (x: Tensor, labels: Tensor, p: (path: string) => Tensor): Tensor => {
    const first = conv(x, p("conv.weight"), { bias: p("conv.bias"), padding: 1 });
    const normal = relu(batchNormTraining(first, p("norm.weight"), p("norm.bias")).y);
    const second = conv(maxPool(normal, 2), p("depthwise.weight"), {
      groups: 4,
      dilation: 2,
      padding: [
        [2, 1],
        [2, 1],
      ],
    });
    return mean(
      softmaxCrossEntropy(
        matmul(
          reshape(maxPool(relu(second), 2, { ceilMode: true, stride: 2 }), [x.shape[0] ?? 0, -1]),
          p("dense.weight"),
        ),
        labels,
      ),
    );
  };
  const paths = Object.keys(shapes);
  const f = (x: Tensor, labels: Tensor): Tensor => {
    const { value, grads } = valueAndGrad((list: readonly Tensor[]) =>
      loss(x, labels, (path) => at(list, paths.indexOf(path))),
    )(paths.map((path) => of(model, path).value));
    for (const [index, path] of paths.entries()) {
      const [weight, momentum] = [of(model, path), of(momenta, path)];
      const moved = momentum.value.mul(0.9).add(at(grads, index));
      momentum.set(moved);
      weight.set(weight.value.sub(moved.mul(0.05)));
    }
    return value;
  };
  const labels = Int32Array.from(random.list(6, 0, 4));
  return traced(
    oracle,
    f,
    [random.operand([6, 1, 8, 8], "float32", { scale: 1 }), { shape: [6], dtype: "int32", data: labels }],
    data,
  );
}

interface Run {
  /** Loss of every step, then the new values of all parameters. */
  readonly results: readonly TypedArray[];
  /** What memory() said after the first and the last step. */
  readonly memory: readonly { readonly bytes: number; readonly buffers: number }[];
}

async function train(backend: Backend, { graph, inputs }: TracedGraph, donate = true): Promise<Run> {
  const program = await backend.compile(graph);
  const position = new Map(graph.inputs.map(({ value }, index) => [value, index]));
  const written = graph.writebacks.map(({ to }) => position.get(to) ?? -1);
  const held: DeviceBuffer[] = graph.inputs.map(({ value }, index) =>
    backend.upload(at(inputs, index), at(graph.values, value)),
  );
  const losses: DeviceBuffer[] = [];
  const memory: Run["memory"][number][] = [];
  for (let step = 0; step < steps; step++) {
    const results = program.run([...held], donate ? written : []);
    if (!donate) for (const index of written) backend.free(at(held, index));
    const loss = at(results, 0);
    losses.push(loss);
    for (const [index, place] of written.entries()) held[place] = at(results, graph.outputs.length + index);
    if (step === 0 || step === steps - 1) memory.push(backend.memory());
  }
  const wanted = [...losses, ...written.map((index) => at(held, index))];
  const results = await Promise.all(wanted.map((buffer) => backend.download(buffer)));
  for (const buffer of [...losses, ...held]) backend.free(buffer);
  program.dispose();
  return { results, memory };
}

function differences(
  found: Run,
  wanted: Run,
  what: string,
  within: Parameters<typeof difference>[2],
  slack: number,
): string[] {
  return wanted.results.flatMap((result, index) => {
    const words = difference(at(found.results, index), result, within, slack);
    const name = index < steps ? `loss of step ${index}` : `new parameter ${index - steps}`;
    return words === undefined ? [] : [`${what}: ${name}: ${words}`];
  });
}

export const trainingChecks: readonly Check[] = [
  {
    group,
    name: "a small network learns as the reference does",
    run: async (subject) => {
      const step = await trainingStep(subject);
      const wanted = await train(subject.oracle, step);
      const [first, last] = [at(at(wanted.results, 0), 0), at(at(wanted.results, steps - 1), 0)];
      const faults = differences(await train(subject.backend, step), wanted, "with donation", tolerance, subject.slack);
      faults.push(
        ...differences(await train(subject.backend, step, false), wanted, "without donation", tolerance, subject.slack),
      );
      if (!(last < first)) faults.push(`the kit's own network does not learn: ${first}, then ${last}`);
      return faults;
    },
  },
  {
    group,
    name: "a step leaves nothing behind but its loss",
    run: async (subject) => {
      const { backend } = subject;
      const step = await trainingStep(subject);
      const before = backend.memory();
      const { memory } = await train(backend, step);
      const [first, last] = [at(memory, 0), at(memory, 1)];
      const faults = unchanged(backend, before, "training");
      if (last.buffers - first.buffers !== steps - 1 || last.bytes - first.bytes !== 4 * (steps - 1))
        faults.push(
          `after ${steps} steps there are ${last.buffers - first.buffers} buffers and ${last.bytes - first.bytes} bytes more than after one; the losses are ${steps - 1} buffers, ${4 * (steps - 1)} bytes`,
        );
      return faults;
    },
  },
  {
    group: "determinism",
    name: "the same training gives the same bits",
    run: async (subject) => {
      const step = await trainingStep(subject);
      const [one, two] = [await train(subject.backend, step), await train(subject.backend, step)];
      return differences(two, one, "the second time", {}, 1);
    },
  },
];
