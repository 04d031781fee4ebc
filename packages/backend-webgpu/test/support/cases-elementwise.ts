// Elementwise ops against JavaScript's own arithmetic: random shapes that broadcast, up to rank 8, and the numbers where things go wrong.
import type { DType } from "@stria/core";
import type { Case } from "./case.ts";
import { type Dice, type Value, make, readBroadcast, stored } from "./value.ts";

type Unary = (x: number) => number;
type Binary = (a: number, b: number) => number;

/** erf by its Taylor series, which float64 sums exactly enough up to 5. */
function erf(x: number): number {
  if (Math.abs(x) > 5) return Math.sign(x);
  let [term, sum] = [x, x];
  for (let n = 1; n < 120; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}

function roundToEven(x: number): number {
  const rounded = Math.round(x);
  return Math.abs(x % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded;
}

/** C's pow: JavaScript makes 1 ** NaN and (+-1) ** infinity NaN. */
function power(a: number, b: number): number {
  return a === 1 || (a === -1 && Math.abs(b) === Infinity) ? 1 : a ** b;
}

const unary: Readonly<Record<string, { readonly of: Unary; readonly dtypes: readonly DType[] }>> = {
  neg: { of: (x) => -x, dtypes: ["float32", "int32"] },
  abs: { of: Math.abs, dtypes: ["float32", "int32"] },
  sign: { of: Math.sign, dtypes: ["float32", "int32"] },
  exp: { of: Math.exp, dtypes: ["float32"] },
  log: { of: Math.log, dtypes: ["float32"] },
  sqrt: { of: Math.sqrt, dtypes: ["float32"] },
  sin: { of: Math.sin, dtypes: ["float32"] },
  cos: { of: Math.cos, dtypes: ["float32"] },
  tanh: { of: Math.tanh, dtypes: ["float32"] },
  erf: { of: erf, dtypes: ["float32"] },
  floor: { of: Math.floor, dtypes: ["float32"] },
  logicalNot: { of: (x) => 1 - x, dtypes: ["bool"] },
  sigmoid: { of: (x) => 1 / (1 + Math.exp(-x)), dtypes: ["float32"] },
  relu: { of: (x) => (x < 0 ? 0 : x), dtypes: ["float32"] },
  log1p: { of: Math.log1p, dtypes: ["float32"] },
  expm1: { of: Math.expm1, dtypes: ["float32"] },
  round: { of: roundToEven, dtypes: ["float32"] },
};

const binary: Readonly<
  Record<string, { readonly of: Binary; readonly dtypes: readonly DType[]; readonly result?: DType }>
> = {
  add: { of: (a, b) => a + b, dtypes: ["float32", "int32"] },
  sub: { of: (a, b) => a - b, dtypes: ["float32", "int32"] },
  mul: { of: (a, b) => a * b, dtypes: ["float32", "int32"] },
  div: { of: (a, b) => a / b, dtypes: ["float32"] },
  pow: { of: power, dtypes: ["float32"] },
  maximum: { of: Math.max, dtypes: ["float32", "int32"] },
  minimum: { of: Math.min, dtypes: ["float32", "int32"] },
  equal: { of: (a, b) => Number(a === b), dtypes: ["float32", "int32", "uint8", "bool"], result: "bool" },
  less: { of: (a, b) => Number(a < b), dtypes: ["float32", "int32", "uint8", "bool"], result: "bool" },
  lessEqual: { of: (a, b) => Number(a <= b), dtypes: ["float32", "int32", "uint8", "bool"], result: "bool" },
  logicalAnd: { of: (a, b) => a & b, dtypes: ["bool"] },
};

const edges = [
  0,
  -0,
  1,
  -1,
  0.5,
  -0.5,
  2,
  -2,
  1.5,
  2.5,
  3,
  -3,
  100,
  -100,
  1e-4,
  -1e-4,
  1e-30,
  1e30,
  NaN,
  Infinity,
  -Infinity,
  0.999,
  7.25,
];
const bigWholes = [16777217, -16777217, 2147483647, -2147483648, 0, 1, -1, 46341];

/** Shapes that broadcast to the first. */
const shapes: readonly (readonly [number[], number[], number[]])[] = [
  [[], [], []],
  [[7], [7], [7]],
  [
    [2, 8],
    [2, 8],
    [2, 8],
  ],
  [[3, 4], [4], [3, 1]],
  [[3, 4], [], [3, 4]],
  [
    [2, 3, 4, 5],
    [3, 1, 1],
    [2, 3, 4, 5],
  ],
  [
    [2, 3, 2, 2, 3],
    [2, 1, 2, 1, 3],
    [3, 1, 2, 1],
  ],
  [
    [2, 1, 2, 2, 1, 2, 2, 2],
    [2, 1, 1, 2, 1, 2, 1, 2],
    [2, 2, 1, 1, 2, 2],
  ],
  [[0, 3], [0, 3], [3]],
];

const pairwise = (list: readonly number[]): [number[], number[]] => [
  list.flatMap((a) => list.map(() => a)),
  list.flatMap(() => list),
];
const vector = (data: number[], dtype: DType): Value => stored({ shape: [data.length], dtype, data });

export function elementwiseCases(dice: Dice): Case[] {
  const cases: Case[] = [];
  for (const [op, { of, dtypes }] of Object.entries(unary))
    for (const dtype of dtypes) {
      const inputs = [
        dice.value([3, 5], dtype),
        dice.value([2, 1, 2, 1, 2, 1, 2, 3], dtype),
        dice.value([], dtype),
        dice.value([0, 2], dtype),
      ];
      if (dtype !== "bool") inputs.push(vector(dtype === "float32" ? edges : bigWholes, dtype));
      if (op === "log") inputs.push(vector([1e-38, 1e-40, -1e-40], dtype));
      for (const x of inputs) {
        // The sine of a float32 as large as 1e30 is any number.
        const kept =
          op === "sin" || op === "cos" ? { ...x, data: x.data.map((item) => (Math.abs(item) > 1e6 ? 0 : item)) } : x;
        cases.push({
          op,
          inputs: [kept],
          attrs: {},
          expected: [make(x.shape, dtype, (_, index) => of(kept.data[index] ?? 0))],
        });
      }
    }
  for (const [op, { of, dtypes, result }] of Object.entries(binary))
    for (const dtype of dtypes) {
      const [left, right] = pairwise(dtype === "float32" ? edges : bigWholes);
      const pairs = shapes.map(([shape, a, b]): [Value, Value, number[]] => [
        dice.value(a, dtype),
        dice.value(b, dtype),
        shape,
      ]);
      if (dtype !== "bool" && dtype !== "uint8") pairs.push([vector(left, dtype), vector(right, dtype), [left.length]]);
      for (const [a, b, shape] of pairs) {
        const wanted = make(shape, result ?? dtype, (place) =>
          (op === "mul" && dtype === "int32" ? Math.imul : of)(readBroadcast(a, place), readBroadcast(b, place)),
        );
        cases.push({ op, inputs: [a, b], attrs: {}, expected: [wanted], ...(op === "pow" && { tolerance: 1e-5 }) });
      }
    }
  for (const dtype of ["float32", "int32", "uint8", "bool"] as const)
    for (const [shape, a, b] of shapes) {
      const [condition, yes, no] = [dice.value(b, "bool"), dice.value(a, dtype), dice.value(shape, dtype)];
      const wanted = make(shape, dtype, (at) =>
        readBroadcast(condition, at) === 0 ? readBroadcast(no, at) : readBroadcast(yes, at),
      );
      cases.push({ op: "where", inputs: [condition, yes, no], attrs: {}, expected: [wanted] });
    }
  return [...cases, ...castCases(dice)];
}

/** Floats become the nearest whole number that the type holds, NaN 0. */
function converted(item: number, from: DType, to: DType): number {
  if (to === "bool") return Number(item !== 0);
  if (to === "float32" || from !== "float32") return item;
  const [least, most] = to === "uint8" ? [0, 255] : [-(2 ** 31), 2 ** 31 - 1];
  return Number.isNaN(item) ? 0 : Math.trunc(Math.min(Math.max(item, least), most));
}

function castCases(dice: Dice): Case[] {
  const all = ["float32", "int32", "uint8", "bool"] as const;
  return all.flatMap((from) =>
    all.flatMap((to): Case[] => {
      const inputs = [dice.value([2, 3], from), dice.value([0], from)];
      if (from === "float32")
        inputs.push(
          vector(
            [0, -0, 1.9, -1.9, 255, 1e-30, 0.4, -0.4, NaN, Infinity, -Infinity, 3e9, -3e9, 256, -1, 2147483520],
            from,
          ),
        );
      return inputs.map((x) => {
        const data = x.data.map((item) => converted(item, from, to));
        return {
          op: "cast",
          inputs: [x],
          attrs: { dtype: to },
          expected: [stored({ shape: x.shape, dtype: to, data })],
        };
      });
    }),
  );
}
