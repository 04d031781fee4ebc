// What ONNX Runtime costs beside the computation: the copies of inputs and outputs at every run; and a training step of LeNet-5 on it.
import { onnx } from "@stria/backend-onnx";
import {
  type Backend,
  type CompiledFunction,
  type Executable,
  Parameter,
  type Tensor,
  add,
  compile,
  conv,
  matmul,
  maxPool,
  mul,
  namedCells,
  relu,
  reshape,
  softmaxCrossEntropy,
  sub,
  tensor,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { compete } from "./timing.ts";

function uniform(length: number, bound: number): Float32Array {
  let state = 12345;
  return Float32Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 31 - 1) * bound;
  });
}

function parameter(shape: readonly number[]): Parameter {
  const fanIn = shape.slice(1).reduce((product, length) => product * length, 1);
  return new Parameter(shape, (of) =>
    uniform(
      of.reduce((product, length) => product * length, 1),
      1 / Math.sqrt(fanIn),
    ),
  );
}

class Lenet {
  conv1: Parameter = parameter([6, 1, 5, 5]);
  conv2: Parameter = parameter([16, 6, 5, 5]);
  full1: Parameter = parameter([120, 400]);
  full2: Parameter = parameter([84, 120]);
  full3: Parameter = parameter([10, 84]);

  forward(x: Tensor): Tensor {
    const first = maxPool(relu(conv(x, this.conv1.value, { padding: 2 })), 2);
    const second = maxPool(relu(conv(first, this.conv2.value)), 2);
    const flat = reshape(second, [x.shape[0] ?? 0, 400]);
    const dense = (input: Tensor, weight: Parameter): Tensor => matmul(input, weight.value, { transposeB: true });
    return dense(relu(dense(relu(dense(flat, this.full1)), this.full2)), this.full3);
  }
}

/** A step of SGD with momentum, as one graph. */
function lenetStep(): CompiledFunction<[Tensor, Tensor], Tensor> {
  const model = new Lenet();
  const cells = new Map(namedCells(model));
  const momenta = new Map(
    [...cells].map(([path, cell]) => [
      path,
      new Parameter(cell.shape, (shape) => new Float32Array(shape.reduce((product, length) => product * length, 1))),
    ]),
  );
  return compile((x: Tensor, labels: Tensor): Tensor => {
    const { value, grads } = valueAndGrad(model, (m) => softmaxCrossEntropy(m.forward(x), labels).mean());
    for (const [path, gradient] of grads) {
      const [cell, momentum] = [cells.get(path), momenta.get(path)];
      if (!cell || !momentum) continue;
      const moved = add(mul(momentum.value, 0.9), gradient);
      momentum.set(moved);
      cell.set(sub(cell.value, mul(moved, 0.01)));
    }
    return value;
  });
}

/** A run that adds `count` numbers to a tensor of `length` elements, one after the other; the result is not read back. */
async function chain(backend: Backend, length: number, count: number): Promise<() => Promise<void>> {
  const made = (size: number, additions: number): Promise<Executable> => {
    const f = compile((x: Tensor): Tensor =>
      Array.from({ length: additions }, (_, index) => index + 1).reduce((y, number) => add(y, number), x),
    );
    return backend.compile(f.graph(tensor(new Float32Array(size))));
  };
  const [program, flush] = [await made(length, count), await made(1, 1)];
  const x = backend.upload(new Float32Array(length), { shape: [length], dtype: "float32" });
  const small = backend.upload(new Float32Array(1), { shape: [1], dtype: "float32" });
  return async () => {
    for (const y of program.run([x], [])) backend.free(y);
    // Runs are in order: when this one's result is there, the other is done.
    for (const y of flush.run([small], [])) {
      await backend.download(y);
      backend.free(y);
    }
  };
}

const backend = await useBackend(onnx({ threads: 1 }));
console.log("copies: a run that adds one number to every element, and what of it is not the addition");
for (const kilobytes of [1, 64, 1024, 4096, 16384]) {
  const length = kilobytes * 256;
  const [one, nine] = await compete(
    [
      { name: "1", run: await chain(backend, length, 1) },
      { name: "9", run: await chain(backend, length, 9) },
    ],
    { rounds: 25 },
  );
  if (!one || !nine) continue;
  // The fastest of the rounds: what the machine does besides is no part of it.
  const addition = (nine.fastest - one.fastest) / 8;
  console.log(
    `${String(kilobytes).padStart(6)} kB in and out: run ${one.fastest.toFixed(3)} ms, addition ${addition.toFixed(3)} ms, rest ${(one.fastest - addition).toFixed(3)} ms`,
  );
}

const batch = 64;
const x = tensor(uniform(batch * 784, 1), { shape: [batch, 1, 28, 28] });
const labels = tensor(Int32Array.from({ length: batch }, (_, index) => index % 10));
const step = lenetStep();
const start = performance.now();
await step.ready(x, labels);
console.log(`LeNet-5, batch ${batch}: compiled in ${(performance.now() - start).toFixed(0)} ms`);
const [timing] = await compete([{ name: "step", run: () => step(x, labels).item() }], { rounds: 60, warmUp: 10 });
console.log(
  `LeNet-5, batch ${batch}, 1 thread: ${timing?.median.toFixed(2)} ms a step (fastest ${timing?.fastest.toFixed(2)})`,
);
