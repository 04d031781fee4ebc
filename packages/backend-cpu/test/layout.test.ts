// Images lie plane by plane or with their channels side by side: small networks, forward and backward, against the reference, in both orders.
import {
  at,
  type Backend,
  compile,
  concat,
  conv,
  fromHost,
  grad,
  type Graph,
  matmul,
  maxPool,
  relu,
  tanh,
  type Tensor,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { plainTile } from "../src/kernels/tile.ts";
import { cpu } from "../src/index.ts";
import { loadAllParts } from "../src/parts/index.ts";
import { atOnce } from "../src/pieces.ts";
import { classify } from "../src/program/classify.ts";
import { layOut } from "../src/program/layout.ts";
import { lower } from "../src/program/lower.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";
import { randomNetwork } from "./support/random-cnn.ts";

await loadAllParts();

const networks = 30;
const orders = ["row-major", "channels-last"] as const;

/** Values of a random network, and gradients by its input and its weights. */
async function answers(backend: Backend, seed: number): Promise<Float32Array[]> {
  await useBackend(backend);
  const random = new Random(seed);
  const shape = [random.integer(1, 3), random.integer(1, 9), ...random.shape(random.integer(1, 3), 7)];
  const x = fromHost(random.value(shape).data, shape, "float32");
  const drawn = random.integer(0, 1e6);
  // The first trace draws the weights; later ones are given them.
  const given: Tensor[] = [];
  const network = (first: Tensor, ...weights: Tensor[]): Tensor[] => {
    const of = new Random(drawn);
    let next = 0;
    return randomNetwork(of, first, (size) => {
      const known = weights[next++];
      if (known) return known;
      const made = fromHost(new Random(next).value(size).data, size, "float32");
      given.push(made);
      return made;
    });
  };
  network(x);
  const run = compile((...inputs: Tensor[]) => [
    ...network(at(inputs, 0), ...inputs.slice(1)),
    ...grad((list: Tensor[]) => at(network(at(list, 0), ...list.slice(1)), 0))(inputs),
  ]);
  const outputs = run(x, ...given);
  const data = await Promise.all(outputs.map(async (output) => Float32Array.from(await output.data())));
  run.clear();
  return data;
}

test("random networks, forward and backward", async () => {
  const backends = [
    reference(),
    ...(await Promise.all(orders.flatMap((layout) => [1, 3].map((threads) => cpu({ layout, threads }))))),
  ];
  const faults: string[] = [];
  for (let seed = 0; seed < networks; seed++) {
    const all: Float32Array[][] = [];
    for (const backend of backends) all.push(await answers(backend, seed));
    const [oracle = [], ...others] = all;
    others.forEach((outputs, which) => {
      oracle.forEach((output, index) => {
        const words = difference(at(outputs, index), output, { relative: 1e-3, ofLargest: 2e-4 });
        if (words !== undefined)
          faults.push(
            `network ${seed}, ${at(orders, which >> 1)}, ${[1, 3][which & 1]} threads, output ${index}: ${words}`,
          );
      });
    });
    // Threads change no bit.
    for (const first of [0, 2])
      if (
        at(others, first).some(
          (output, index) =>
            Buffer.compare(Buffer.from(output.buffer), Buffer.from(at(at(others, first + 1), index).buffer)) !== 0,
        )
      )
        faults.push(`network ${seed}: ${at(orders, first >> 1)} has other bits on 3 threads`);
  }
  expect(faults).toEqual([]);
  for (const backend of backends) backend.dispose();
});

/** The graph of a function of tensors of these shapes. */
function graphOf(f: (...inputs: Tensor[]) => Tensor, ...shapes: number[][]): Graph {
  return compile(f).graph(
    ...shapes.map((shape) => fromHost(new Float32Array(shape.reduce((a, b) => a * b)), shape, "float32")),
  );
}

test("what flows between convolutions has its channels side by side, weights and results have not", async () => {
  await useBackend(reference());
  const graph = graphOf(
    (x, w, v, b) => {
      const y = relu(conv(x, w, { padding: 1 }).add(b));
      return conv(y.add(y.mean([2, 3], { keepDims: true })), v.mul(2), { padding: 1 });
    },
    [2, 3, 6, 6],
    [4, 3, 3, 3],
    [5, 4, 3, 3],
    [4, 1, 1],
  );
  const c = layOut(graph);
  const orderOf = (name: string): string[] =>
    graph.nodes.filter(({ op }) => op.name === name).map(({ outputs }) => at(c.orders, at(outputs, 0)));
  expect(orderOf("conv")).toEqual(["channels-last", "channels-last"]);
  expect(orderOf("relu")).toEqual(["channels-last"]);
  // The scaled weight is no image.
  expect(
    graph.nodes
      .filter(({ op }) => op.name === "mul")
      .map(({ outputs }) => [graph.values[at(outputs, 0)]?.shape.join(), at(c.orders, at(outputs, 0))]),
  ).toContainEqual(["5,4,3,3", "row-major"]);
  for (const { value } of graph.inputs) expect(at(c.orders, value)).toBe("row-major");
  const { turned } = atOnce(lower(graph, { tile: plainTile, threads: 1, layout: "channels-last", algorithms: "all" }));
  // What comes in and the result.
  expect(turned.map(({ to }) => to)).toEqual(["channels-last", "row-major"]);
});

test("without a convolution nothing is laid out anew", async () => {
  await useBackend(reference());
  const graph = graphOf((x) => relu(maxPool(x, 2)).add(1), [2, 3, 6, 6]);
  expect(layOut(graph)).toEqual(classify(graph));
});

test("what is concatenated along the channels is written where it belongs", async () => {
  await useBackend(reference());
  const graph = graphOf(
    (x, w, v) => {
      const first = relu(conv(x, w, { padding: 1 }));
      const second = concat([first, relu(conv(first, v, { padding: 1 }))], 1);
      return conv(concat([second, tanh(second)], 1), concat([w, w.mul(2), w], 1), { padding: 1 });
    },
    [2, 4, 5, 5],
    [4, 4, 3, 3],
    [2, 4, 3, 3],
  );
  const c = layOut(graph);
  const concats = graph.nodes
    .filter(({ op, attrs }) => op.name === "concat" && attrs["axis"] === 1)
    .map(({ outputs }) => at(outputs, 0));
  const hosts = [...c.placements].map(([root, { host, channel }]) => [
    graph.nodes[at(c.producers, root)]?.op.name,
    concats.indexOf(host),
    channel,
  ]);
  expect(hosts).toEqual([
    ["relu", 0, 0],
    ["relu", 0, 4],
    ["concat", 1, 0],
    ["tanh", 1, 6],
  ]);
});

// A bias makes the product's result an elementwise one, which may lie as the image that it is added to.
test.each([[[2, 6, 9]], [[2, 6, 4, 5]]])(
  "a product with bias joins an image of %j that lies channels-last",
  async (shape) => {
    const [images = 0, channels = 0, ...places] = shape;
    const [columns, kernel] = [at(shape, shape.length - 1), places.map(() => 3)];
    const drawn = (seed: number, size: readonly number[]): Tensor =>
      fromHost(new Random(seed).value(size).data, size, "float32");
    const results: number[][] = [];
    for (const layout of orders) {
      const backend = await useBackend(cpu({ threads: 1, deterministic: true, layout }));
      const f = compile((x: Tensor, first: Tensor, a: Tensor, b: Tensor, bias: Tensor, second: Tensor) => {
        const image = conv(x, first, { padding: 1 }).add(relu(matmul(a, b).add(bias)));
        return conv(image, second, { padding: 1 });
      });
      const output = f(
        drawn(1, [images, 3, ...places]),
        drawn(2, [channels, 3, ...kernel]),
        drawn(3, [...shape.slice(0, -1), 7]),
        drawn(4, [7, columns]),
        drawn(5, [columns]),
        drawn(6, [4, channels, ...kernel]),
      );
      results.push([...(await output.data())]);
      backend.dispose();
    }
    const [planes = [], pixels = []] = results;
    const worst = Math.max(...planes.map((value, index) => Math.abs(value - at(pixels, index))));
    expect(worst).toBeLessThan(1e-4); // sums of some hundred terms near 1, in another order
  },
);
