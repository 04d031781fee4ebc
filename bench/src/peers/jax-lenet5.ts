// LeNet-5's training step in jax-js on its WebAssembly device: SGD with momentum 0.9, softmax cross-entropy, compiled with jit.
import {
  type Array as JaxArray,
  blockUntilReady,
  defaultDevice,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from "@jax-js/jax";

type Parameters = Record<string, JaxArray>;

const shapes: Readonly<Record<string, readonly number[]>> = {
  conv1w: [6, 1, 5, 5],
  conv1b: [6],
  conv2w: [16, 6, 5, 5],
  conv2b: [16],
  fc1w: [400, 120],
  fc1b: [120],
  fc2w: [120, 84],
  fc2b: [84],
  fc3w: [84, 10],
  fc3b: [10],
};

function maxPool2(x: JaxArray): JaxArray {
  const [n, c, h, w] = x.shape;
  if (n === undefined || c === undefined || h === undefined || w === undefined) throw new RangeError("rank 4 expected");
  return np.max(x.reshape([n, c, h / 2, 2, w / 2, 2]), [3, 5]);
}

function loss(p: Parameters, x: JaxArray, oneHot: JaxArray): JaxArray {
  const of = (name: string): JaxArray => {
    const found = p[name];
    if (!found) throw new RangeError(name);
    return found;
  };
  const first = maxPool2(nn.relu(lax.conv(x, of("conv1w"), [1, 1], "VALID").add(of("conv1b").reshape([1, 6, 1, 1]))));
  const second = maxPool2(
    nn.relu(lax.conv(first, of("conv2w"), [1, 1], "VALID").add(of("conv2b").reshape([1, 16, 1, 1]))),
  );
  const flat = second.reshape([-1, 400]);
  const hidden = nn.relu(np.matmul(flat, of("fc1w")).add(of("fc1b")));
  const hidden2 = nn.relu(np.matmul(hidden, of("fc2w")).add(of("fc2b")));
  const logits = np.matmul(hidden2, of("fc3w")).add(of("fc3b"));
  return np.mean(np.sum(nn.logSoftmax(logits).mul(oneHot), -1)).mul(-1);
}

/** Prepares the step; each call of the result runs one and returns its loss. */
export async function jaxLenet5(
  batch: number,
  random: (count: number, scale: number) => Float32Array<ArrayBuffer>,
  labels: Int32Array,
): Promise<() => Promise<number>> {
  await init("wasm");
  defaultDevice("wasm");
  let parameters: Parameters = {};
  let momenta: Parameters = {};
  for (const [name, shape] of Object.entries(shapes)) {
    const size = shape.reduce((a, b) => a * b, 1);
    parameters[name] = np.array(random(size, 0.1)).reshape([...shape]);
    momenta[name] = np.zeros([...shape]);
  }
  const x = np.array(random(batch * 32 * 32, 1)).reshape([batch, 1, 32, 32]);
  const hot = new Float32Array(batch * 10);
  for (const [index, label] of labels.entries()) hot[index * 10 + label] = 1;
  const oneHot = np.array(hot).reshape([batch, 10]);

  const step = jit((p: Parameters, m: Parameters, images: JaxArray, targets: JaxArray) => {
    const [value, gradients] = valueAndGrad(loss)(
      Object.fromEntries(Object.entries(p).map(([name, array]) => [name, array.ref])),
      images,
      targets,
    );
    const [nextP, nextM]: [Parameters, Parameters] = [{}, {}];
    for (const [name, array] of Object.entries(p)) {
      const [momentum, gradient] = [m[name], gradients[name]];
      if (!momentum || !gradient) throw new RangeError(name);
      const next = momentum.mul(0.9).add(gradient);
      nextP[name] = array.sub(next.ref.mul(0.01));
      nextM[name] = next;
    }
    return [value, nextP, nextM] as const;
  });
  return async () => {
    const [value, nextP, nextM] = step(parameters, momenta, x.ref, oneHot.ref);
    await blockUntilReady(nextP);
    [parameters, momenta] = [nextP, nextM];
    return (await value.data())[0] ?? Number.NaN;
  };
}
