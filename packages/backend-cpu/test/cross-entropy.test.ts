// Cross-entropy and its gradient against float64: rows and classes around those of vectors, images with labels, labels that are no class, and both in one kernel.
import {
  at,
  compile,
  fromHost,
  grad,
  mean,
  mul,
  type Shape,
  sizeOf,
  softmaxCrossEntropy,
  type Tensor,
  transpose,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { expect, test } from "vitest";
import { explain } from "../src/index.ts";
import { Random } from "./support/random.ts";
import { usualBackends } from "./support/usual-backends.ts";

const backends = usualBackends({ threads: 1, layout: "row-major" });

/** Of one row: the loss, and its gradient. */
function inDoubles(row: readonly number[], label: number): { loss: number; gradient: number[] } {
  if (label < 0 || label >= row.length) return { loss: NaN, gradient: row.map(() => NaN) };
  const largest = Math.max(...row);
  const sum = row.reduce((all, value) => all + Math.exp(value - largest), 0);
  return {
    loss: Math.log(sum) - (at(row, label) - largest),
    gradient: row.map((value, place) => Math.exp(value - largest) / sum - (place === label ? 1 : 0)),
  };
}

/** The same for logits [n, classes, ...places]. */
function wantedOf(
  logits: Float32Array,
  labels: Int32Array,
  [n = 0, classes = 0, ...places]: Shape,
): { losses: number[]; gradient: number[] } {
  const size = sizeOf(places);
  const gradient = Array<number>(logits.length).fill(0);
  const losses = Array.from({ length: n * size }, (_, index) => {
    const [image, place] = [Math.floor(index / size), index % size];
    const where = Array.from({ length: classes }, (__, k) => (image * classes + k) * size + place);
    const row = inDoubles(
      where.map((k) => at(logits, k)),
      at(labels, index),
    );
    where.forEach((k, which) => (gradient[k] = at(row.gradient, which)));
    return row.loss;
  });
  return { losses, gradient };
}

const algorithms = async (f: Parameters<typeof explain>[0], ...args: Tensor[]): Promise<string[]> =>
  (await explain(f, args)).units.map(({ algorithm }) => algorithm);

/** Largest error, as a share of the larger of the number and 1: the difference to the largest logit is rounded, then come some roundings. */
const tolerance = 4e-6;

/** What is wrong. */
function faults(found: Float32Array, wanted: readonly number[]): string[] {
  if (found.length !== wanted.length) return [`${found.length} numbers instead of ${wanted.length}`];
  return wanted.flatMap((want, place) => {
    const got = at(found, place);
    const isRight = Object.is(got, want) || Math.abs(got - want) <= tolerance * Math.max(1, Math.abs(want));
    return isRight ? [] : [`${got} instead of ${want} at ${place}`];
  });
}

const shapes: readonly (readonly [n: number, classes: number, ...places: number[]])[] = [
  [1, 1],
  [1, 2],
  [3, 10],
  [4, 5],
  [9, 33],
  [66, 7],
  [2, 100],
  [2, 3, 5],
  [2, 2, 3, 5],
  [1, 9, 4, 4],
  [2, 4, 2, 3, 2],
];

test.each(shapes.map((shape) => ({ shape })))("losses and gradients of logits $shape", async ({ shape }) => {
  const random = new Random(sizeOf(shape));
  const [n, classes, ...places] = shape;
  const labelShape = [n, ...places];
  const logits = Float32Array.from(random.value(shape).data, (value) => value * 5);
  // Some labels are no class.
  const labels = Int32Array.from({ length: sizeOf(labelShape) }, (_, index) =>
    index % 7 === 5 ? -1 : index % 7 === 6 ? classes : random.integer(0, classes - 1),
  );
  const weights = Float32Array.from(random.value(labelShape).data);
  const { losses, gradient } = wantedOf(logits, labels, shape);
  const size = sizeOf(places);
  const weighed = gradient.map((value, place) => {
    const image = Math.floor(place / (classes * size));
    return value * at(weights, image * size + (place % size));
  });
  const all: Float32Array[][] = [];
  for (const backend of backends) {
    await useBackend(backend);
    const [x, y] = [fromHost(logits.slice(), shape, "float32"), fromHost(labels.slice(), labelShape, "int32")];
    const w = fromHost(weights.slice(), labelShape, "float32");
    const alone = compile((a: Tensor, b: Tensor) => softmaxCrossEntropy(a, b));
    const both = compile((a: Tensor, b: Tensor, c: Tensor) => {
      const { value, grads } = valueAndGrad((z: Tensor) => mul(softmaxCrossEntropy(z, b), c).sum())(a);
      return [value, grads];
    });
    const plain = compile((a: Tensor, b: Tensor) => {
      const { value, grads } = valueAndGrad((z: Tensor) => softmaxCrossEntropy(z, b).sum())(a);
      return [value, grads];
    });
    const gradients = compile((a: Tensor, b: Tensor) => grad((z: Tensor) => softmaxCrossEntropy(z, b).sum())(a));
    const results = [alone(x, y), at(both(x, y, w), 1), at(plain(x, y), 1), gradients(x, y), softmaxCrossEntropy(x, y)];
    const found = await Promise.all(results.map(async (result) => Float32Array.from(await result.data())));
    all.push(found);
    expect(faults(at(found, 0), losses)).toEqual([]);
    expect(faults(at(found, 1), weighed)).toEqual([]);
    expect(faults(at(found, 2), gradient)).toEqual([]);
    expect(faults(at(found, 3), gradient)).toEqual([]);
    expect(at(found, 4)).toEqual(at(found, 0));
    // A loss and its gradient are one unit, whatever the loss is weighed with beforehand.
    expect((await algorithms(plain, x, y)).filter((name) => name.includes("crossEntropy"))).toHaveLength(1);
    expect((await algorithms(both, x, y, w)).filter((name) => name.includes("crossEntropy"))).toHaveLength(1);
  }
  expect(all[1]).toEqual(all[0]);
});

test("a gradient that waits for its loss is a kernel of its own", async () => {
  for (const backend of backends) {
    await useBackend(backend);
    const x = fromHost(Float32Array.of(1, 2, 3, 0, 0, 0), [2, 3], "float32");
    const y = fromHost(Int32Array.of(2, 0), [2], "int32");
    const f = compile((a: Tensor, b: Tensor) => {
      const { value, grads } = valueAndGrad((z: Tensor) => softmaxCrossEntropy(z, b).square().sum())(a);
      return [value, grads];
    });
    const rows = [inDoubles([1, 2, 3], 2), inDoubles([0, 0, 0], 0)];
    const wanted = rows.flatMap(({ loss, gradient }) => gradient.map((value) => 2 * loss * value));
    expect(faults(Float32Array.from(await at(f(x, y), 1).data()), wanted)).toEqual([]);
    expect((await algorithms(f, x, y)).filter((name) => name.includes("crossEntropy"))).toHaveLength(2);
  }
});

test("infinities and NaN", async () => {
  const rows: readonly (readonly [row: number[], label: number, loss: number])[] = [
    [[-Infinity, 0, 0], 0, Infinity],
    [[-Infinity, 0, 0], 1, Math.log(2)],
    [[Infinity, 0, 0], 0, NaN],
    [[NaN, 0, 0], 1, NaN],
    [[0, 0, NaN], 1, NaN],
    [[-Infinity, -Infinity, -Infinity], 0, NaN],
    [[3e38, -3e38, 3e38], 2, Math.log(2)],
  ];
  for (const backend of backends) {
    await useBackend(backend);
    const x = fromHost(Float32Array.from(rows.flatMap(([row]) => row)), [rows.length, 3], "float32");
    const y = fromHost(
      Int32Array.from(rows, ([, label]) => label),
      [rows.length],
      "int32",
    );
    const f = compile((a: Tensor, b: Tensor) => softmaxCrossEntropy(a, b));
    const losses = rows.map(([, , loss]) => loss);
    expect(faults(Float32Array.from(await f(x, y).data()), losses)).toEqual([]);
  }
});

test("turned logits, no rows, and a mean over an odd number of them", async () => {
  const random = new Random(4);
  const data = Float32Array.from(random.value([5, 7]).data);
  const labels = Int32Array.of(0, 1, 2, 3, 4, 0, 1);
  const turned = Float32Array.from({ length: 35 }, (_, place) => at(data, (place % 5) * 7 + Math.floor(place / 5)));
  const { losses } = wantedOf(turned, labels, [7, 5]);
  for (const backend of backends) {
    await useBackend(backend);
    const [x, y] = [fromHost(data.slice(), [5, 7], "float32"), fromHost(labels.slice(), [7], "int32")];
    const f = compile((a: Tensor, b: Tensor) => mean(softmaxCrossEntropy(transpose(a), b)));
    expect(await f(x, y).item()).toBeCloseTo(losses.reduce((all, loss) => all + loss, 0) / 7, 5);
    const none = compile((a: Tensor, b: Tensor) => softmaxCrossEntropy(a, b));
    const empty = [
      fromHost(new Float32Array(0), [0, 3], "float32"),
      fromHost(new Int32Array(0), [0], "int32"),
    ] as const;
    expect(await none(...empty).data()).toEqual(new Float32Array(0));
  }
});
