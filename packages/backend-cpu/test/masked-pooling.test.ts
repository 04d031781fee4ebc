// The gradient of a rectifier before max pooling: masked where it is small, the same numbers.
import {
  add,
  compile,
  fromHost,
  type Graph,
  grad,
  maxPool,
  mul,
  relu,
  sum,
  type Tensor,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { maskedPooling } from "../src/program/masked-pooling.ts";
import { Random } from "./support/random.ts";

const shape = [2, 3, 9, 8];

/** Many windows have nothing above 0, some have equal elements, one has NaN. */
function image(): Tensor {
  const data = new Random(1).value(shape).data.map((value) => Math.round(2 * value - 1) / 2);
  data[20] = NaN;
  return fromHost(data, shape, "float32");
}

const options = { stride: 2, padding: 1 };
type Net = (x: Tensor) => Tensor;

const pooled: Net = (x) => maxPool(relu(x), 3, options);
const weighted = (net: Net): Net =>
  grad((x: Tensor) => {
    const y = net(x);
    return sum(mul(y, add(y, 0.5)));
  });

function sizesOfMasks({ nodes, values }: Graph): number[] {
  return nodes
    .filter(({ op }) => op.name === "where")
    .map(({ outputs }) => outputs.flatMap((value) => values[value]?.shape ?? []).reduce((a, b) => a * b, 1));
}

test("is masked before it is spread, to the same numbers", async () => {
  const answers: (readonly number[])[] = [];
  for (const backend of [reference(), cpu({ threads: 1 })]) {
    const current = await useBackend(backend);
    answers.push([...(await compile(weighted(pooled))(image()).data())]);
    current.dispose();
  }
  expect(answers[0]?.filter((value) => value > 0).length).toBeGreaterThan(20);
  expect(answers[1]).toEqual(answers[0]);
  const graph = compile(weighted(pooled)).graph(image());
  expect(sizesOfMasks(graph)).toEqual([2 * 3 * 9 * 8]);
  expect(sizesOfMasks(maskedPooling(graph))).toEqual([2 * 3 * 5 * 4]);
});

const others: Record<string, Net> = {
  "another rectifier's winners": (x) =>
    add(maxPool(x, 3, options), maxPool(relu(mul(x, -1)), 5, { stride: 2, padding: 2 })),
  "a rectified image that others read": (x) => {
    const y = relu(x);
    return add(maxPool(y, 3, { stride: 1, padding: 1 }), y);
  },
  "no rectifier": (x) => maxPool(x, 3, options),
};

test.each(Object.entries(others))("%s: right as well", async (_, net) => {
  const answers: (readonly number[])[] = [];
  for (const backend of [reference(), cpu({ threads: 1 })]) {
    const current = await useBackend(backend);
    answers.push([...(await compile(weighted(net))(image()).data())]);
    current.dispose();
  }
  expect(answers[1]).toEqual(answers[0]);
});
