// Every op against the reference, with random shapes, attributes and dtypes, on one thread and on three.
import { at, type Attrs, type DType, dtypes } from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { disagreement, type Tolerance } from "./support/agree.ts";
import { Random, type Value } from "./support/random.ts";

interface Case {
  readonly inputs: readonly Value[];
  readonly attrs?: Attrs;
  readonly tolerance?: Tolerance;
}

/** Two units in the last place. */
const twoUnits: Tolerance = { relative: 2.4e-7 };
const exact: Tolerance = {};

function stretched(random: Random, shape: readonly number[]): number[] {
  return shape.map((length) => (random.chance(0.3) ? 1 : length)).slice(random.chance(0.3) && shape.length > 0 ? 1 : 0);
}

function axesOf(random: Random, rank: number): number[] {
  return Array.from({ length: rank }, (_, axis) => axis).filter(() => random.chance(0.5));
}

const unary =
  (tolerance: Tolerance) =>
  (random: Random): Case => ({
    inputs: [random.value(random.chance(0.5) ? [random.integer(0, 900)] : random.shape(3, 9), "float32", "special")],
    tolerance,
  });

/** Far from zero, sines are taken of what float64 can still reduce. */
const angles = (random: Random): Case => {
  const { data, aval } = random.value([500], "float32", "special");
  return {
    inputs: [{ aval, data: data.map((x: number) => (Math.abs(x) > 1e6 && Number.isFinite(x) ? 12345 : x)) }],
    tolerance: twoUnits,
  };
};

const binary =
  (dtype: DType, tolerance: Tolerance = exact) =>
  (random: Random): Case => {
    const shape = random.shape(random.integer(0, 4), 6);
    return {
      inputs: [
        random.value(stretched(random, shape), dtype, "special"),
        random.value(stretched(random, shape), dtype, "special"),
      ],
      tolerance,
    };
  };

const reduction =
  (dtype: DType) =>
  (random: Random): Case => {
    const shape = random.shape(random.integer(0, 4), random.pick([4, 20]));
    return {
      inputs: [random.value(shape, dtype)],
      attrs: { axes: axesOf(random, shape.length), keepDims: random.chance(0.5) },
      tolerance: { ofLargest: 2e-6 },
    };
  };

const moves: Readonly<Record<string, (random: Random, dtype: DType, shape: readonly number[]) => Case>> = {
  reshape: (random, dtype, shape) => ({
    inputs: [random.value(shape, dtype)],
    attrs: { shape: [shape.reduce((a, b) => a * b, 1)] },
  }),
  transpose: (random, dtype, shape) => ({
    inputs: [random.value(shape, dtype)],
    attrs: { permutation: random.shuffled(shape.length) },
  }),
  broadcastTo: (random, dtype, shape) => ({
    inputs: [random.value(stretched(random, shape), dtype)],
    attrs: { shape },
  }),
  pad: (random, dtype, shape) => ({
    inputs: [random.value(shape, dtype)],
    attrs: { padding: shape.map(() => [random.integer(0, 3), random.integer(0, 3)] as const), value: 1 },
  }),
  slice(random, dtype, shape) {
    const start = shape.map((length) => random.integer(0, length - 1));
    const stride = shape.map(() => random.integer(1, 3));
    const size = shape.map((length, axis) =>
      random.integer(0, Math.floor((length - 1 - at(start, axis)) / at(stride, axis)) + 1),
    );
    return { inputs: [random.value(shape, dtype)], attrs: { start, size, stride } };
  },
  flip: (random, dtype, shape) => ({
    inputs: [random.value(shape, dtype)],
    attrs: { axes: axesOf(random, shape.length) },
  }),
  concat(random, dtype, shape) {
    const parts = [1, ...shape];
    const axis = random.integer(0, parts.length - 1);
    const part = (): Value =>
      random.value(
        parts.map((length, k) => (k === axis ? random.integer(0, 5) : length)),
        dtype,
      );
    return { inputs: Array.from({ length: random.integer(1, 4) }, part), attrs: { axis } };
  },
  full: (_random, dtype, shape) => ({ inputs: [], attrs: { shape, value: 1, dtype } }),
  where: (random, dtype, shape) => ({
    inputs: [
      random.value(stretched(random, shape), "bool"),
      random.value(stretched(random, shape), dtype),
      random.value(stretched(random, shape), dtype),
    ],
  }),
  cast: (random, dtype, shape) => ({ inputs: [random.value(shape, dtype)], attrs: { dtype: random.pick(dtypes) } }),
};

const cases: [name: string, make: (random: Random) => Case][] = [
  ...["exp", "log", "tanh", "erf", "sigmoid", "log1p", "expm1"].map((name): [string, (random: Random) => Case] => [
    name,
    unary(twoUnits),
  ]),
  ...["neg", "abs", "sign", "sqrt", "floor", "round", "relu"].map((name): [string, (random: Random) => Case] => [
    name,
    unary(exact),
  ]),
  ["sin", angles],
  ["cos", angles],
  ["pow", binary("float32", twoUnits)],
  ["div", binary("float32")],
  ...["add", "sub", "mul", "maximum", "minimum", "equal", "less", "lessEqual"].flatMap(
    (name): [string, (random: Random) => Case][] => [
      [name, binary("float32")],
      [name, binary("int32")],
    ],
  ),
  ...["equal", "less", "lessEqual"].flatMap((name): [string, (random: Random) => Case][] => [
    [name, binary("uint8")],
    [name, binary("bool")],
  ]),
  ["logicalAnd", binary("bool")],
  ["logicalNot", (random) => ({ inputs: [random.value([random.integer(0, 50)], "bool")] })],
  ...["sum", "prod", "max"].flatMap((name): [string, (random: Random) => Case][] => [
    [name, reduction("float32")],
    [name, reduction("int32")],
  ]),
  ...Object.entries(moves).map(([name, make]): [string, (random: Random) => Case] => [
    name,
    (random) => make(random, random.pick(dtypes), random.shape(random.integer(0, 4), 7)),
  ]),
  [
    "iota",
    (random) => ({
      inputs: [],
      attrs: { shape: random.shape(3, 6), axis: random.integer(0, 2), dtype: random.pick(["float32", "int32"]) },
    }),
  ],
  [
    "argMax",
    (random) => ({
      inputs: [random.value(random.shape(3, 7), random.pick(["float32", "int32"]), "special")],
      attrs: { axis: random.integer(0, 2), keepDims: random.chance(0.5) },
    }),
  ],
  [
    "matmul",
    (random) => {
      const [rows, columns, depth] = [
        random.integer(0, 20),
        random.integer(0, 30),
        random.integer(0, random.pick([20, 600])),
      ];
      const lead = random.shape(random.integer(0, 2), 3);
      const [transposeA, transposeB] = [random.chance(0.5), random.chance(0.5)];
      const leadA = lead.map((length) => (random.chance(0.3) ? 1 : length));
      return {
        inputs: [
          random.value([...leadA, ...(transposeA ? [depth, rows] : [rows, depth])]),
          random.value([...stretched(random, lead), ...(transposeB ? [columns, depth] : [depth, columns])]),
        ],
        attrs: { transposeA, transposeB },
        tolerance: { ofLargest: 3e-6 },
      };
    },
  ],
];

const backends = {
  "one thread": await cpu({ threads: 1 }),
  "three threads, deterministic": await cpu({ threads: 3, deterministic: true }),
};

test.each(cases)("%s", async (name, make) => {
  const differences: string[] = [];
  for (const [title, backend] of Object.entries(backends))
    for (let seed = 0; seed < 25; seed++) {
      const { inputs, attrs = {}, tolerance = exact } = make(new Random(seed));
      const words = await disagreement(backend, name, inputs, attrs, tolerance);
      if (words !== undefined) differences.push(`${title}: ${words}`);
    }
  expect(differences).toEqual([]);
});

test("long sums stay accurate, and axes of length zero reduce to nothing", async () => {
  const random = new Random(3);
  const backend = backends["one thread"];
  const { data, aval } = random.value([300_000]);
  const positive = { aval, data: data.map(Math.abs) };
  expect(
    await disagreement(backend, "sum", [positive], { axes: [0], keepDims: false }, { relative: 1e-6 }),
  ).toBeUndefined();
  for (const name of ["sum", "prod"])
    expect(
      await disagreement(backend, name, [random.value([3, 0, 4])], { axes: [1], keepDims: false }, exact),
    ).toBeUndefined();
});

test("nothing is left in memory", () => {
  for (const backend of Object.values(backends)) {
    expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
    backend.dispose();
  }
});
