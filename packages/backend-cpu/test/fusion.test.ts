// Whatever is fused with whatever, the numbers stay: random graphs, compiled, against the reference running them node by node.
import {
  add,
  at,
  compile,
  flip,
  fromHost,
  less,
  matmul,
  max,
  maximum,
  mean,
  minimum,
  mul,
  neg,
  relu,
  reshape,
  sub,
  sum,
  tanh,
  transpose,
  useBackend,
  where,
  type Tensor,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

/** One random op of values so far; undefined where the shape does not allow it. */
function grow(random: Random, values: readonly Tensor[]): Tensor | undefined {
  const x = random.pick(values);
  const { rank } = x;
  const y = random.pick(values.filter((value) => value.shape.join() === x.shape.join()));
  const axis = random.integer(0, Math.max(0, rank - 1));
  const kinds: (() => Tensor | undefined)[] = [
    () => add(x, y),
    () => sub(x, y),
    () => mul(x, y),
    () => maximum(x, y),
    () => minimum(x, y),
    () => relu(x),
    () => tanh(x),
    () => where(less(x, y), x, neg(y)),
    () => (rank > 0 ? sum(x, axis, { keepDims: true }) : undefined),
    () => (rank > 0 ? add(x, max(x, axis, { keepDims: true })) : undefined),
    () => (rank > 0 ? mul(x, mean(mul(x, y), axis, { keepDims: true })) : undefined),
    () => (rank > 1 ? transpose(x) : undefined),
    () => (rank > 0 ? reshape(x, [x.size]) : undefined),
    () => (rank > 0 ? flip(x, [axis]) : undefined),
    () => (rank === 2 ? add(matmul(x, y, { transposeB: true }), 0.5) : undefined),
  ];
  return random.pick(kinds)();
}

function program(seed: number): (...inputs: Tensor[]) => Tensor[] {
  return (...inputs) => {
    const random = new Random(seed);
    const values = [...inputs];
    for (let count = random.integer(5, 40); count > 0; count--) {
      const value = grow(random, values);
      if (!value) continue;
      if (random.chance(0.3)) values.push(value);
      // Kept small, so that errors do not grow with the depth of the graph.
      values.push(tanh(value));
    }
    return [at(values, values.length - 1), ...Array.from({ length: random.integer(1, 4) }, () => random.pick(values))];
  };
}

test("random graphs", async () => {
  const backends = [reference(), await cpu({ threads: 2 })];
  const differences: string[] = [];
  for (let seed = 0; seed < 150; seed++) {
    const random = new Random(seed + 1000);
    const shape = random.shape(2, 9);
    const inputs = Array.from({ length: 3 }, () => random.value(shape).data);
    const results = [];
    for (const backend of backends) {
      await useBackend(backend);
      const run = compile(program(seed));
      const outputs = run(...inputs.map((data) => fromHost(data, shape, "float32")));
      results.push(await Promise.all(outputs.map((output) => output.data())));
      run.clear();
    }
    const [wanted = [], found = []] = results;
    for (const [index, output] of wanted.entries()) {
      const words = difference(at(found, index), output, { relative: 1e-4, ofLargest: 1e-4 });
      if (words !== undefined) differences.push(`graph ${seed}, output ${index}: ${words}`);
    }
  }
  expect(differences).toEqual([]);
});

test("what reads the first value of a unit may end before a node that is needed for its last value", async () => {
  const f = (x: Tensor, p: Tensor): Tensor[] => {
    const first = tanh(x);
    const read = sum(first, 0);
    const later = tanh(p);
    // With `last` in the unit of `first`, `product` cannot be in that of `later`: it needs `read`, and so both.
    const last = mul(first, reshape(later, [1, 4]));
    const product = mul(neg(read), later);
    return [last, product];
  };
  const values = new Random(3);
  const inputs = [values.value([3, 4]), values.value([4])];
  const answers: number[][] = [];
  for (const backend of [reference(), await cpu({ threads: 1 })]) {
    await useBackend(backend);
    const given = inputs.map(({ data, aval }) => fromHost(data, aval.shape, "float32"));
    const results = compile(f)(at(given, 0), at(given, 1));
    answers.push((await Promise.all(results.map(async (y) => [...(await y.data())]))).flat());
    backend.dispose();
  }
  const [wanted, found] = [at(answers, 0), at(answers, 1)];
  expect(found).toHaveLength(wanted.length);
  expect(Math.max(...wanted.map((value, index) => Math.abs(value - at(found, index))))).toBeLessThan(1e-5);
});
