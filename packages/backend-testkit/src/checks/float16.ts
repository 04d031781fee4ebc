// float16 where a backend states it: every pattern is the number it stands for, and rounding is to the nearest, ties to even.
import { type Aval, type Backend, type DType, type TypedArray, at, fromStored, toStored } from "@stria/core";
import type { Check } from "../check.ts";
import { difference } from "../compare.ts";
import { graphOf, runGraph } from "../graphs.ts";

const group = "float16";
const patterns = Uint16Array.from({ length: 2 ** 16 }, (_, pattern) => pattern);

/** All float16 numbers, and what lies a quarter, a half (a tie), and a little more or less than a half before the next one. */
function around(): Float32Array {
  const found: number[] = [Number.NaN, 65519.99609375, 65520, 65536, 1e30, Infinity, 2 ** -25, 2 ** -26, 1e-40];
  for (let pattern = 0; pattern < 0x7c00; pattern++) {
    const [low, high] = [fromStored("float16", pattern), fromStored("float16", pattern + 1)];
    if (!Number.isFinite(high)) continue;
    const half = Math.fround((low + high) / 2);
    found.push(low, half, Math.fround(half * (1 - 2 ** -23)), Math.fround(half * (1 + 2 ** -23)), (3 * low + high) / 4);
  }
  return Float32Array.from([...found, ...found.map((value) => -value)]);
}

async function cast(backend: Backend, data: TypedArray, from: DType, ...to: readonly DType[]): Promise<TypedArray> {
  const aval: Aval = { shape: [data.length], dtype: from };
  const nodes = to.map((dtype, index) => ({ op: "cast", inputs: [index], attrs: { dtype } }));
  return at(await runGraph(backend, graphOf([aval], nodes, [to.length]), [data]), 0);
}

function faultOf(what: string, words: string | undefined): string[] {
  return words === undefined ? [] : [`${what}: ${words}`];
}

function whereStated(run: (backend: Backend) => Promise<string[]>): Check["run"] {
  return async ({ backend }) => (backend.capabilities.dtypes.includes("float16") ? run(backend) : []);
}

export const float16Checks: readonly Check[] = [
  {
    group,
    name: "every pattern is the number it stands for, to float32 and back",
    run: whereStated(async (backend) => {
      const numbers = Float32Array.from(patterns, (pattern) => fromStored("float16", pattern));
      return [
        ...faultOf("to float32", difference(await cast(backend, patterns, "float16", "float32"), numbers, {})),
        ...faultOf("from float32", difference(await cast(backend, numbers, "float32", "float16"), patterns, {})),
      ];
    }),
  },
  {
    group,
    name: "rounds to the nearest, ties to even, also where it is cast back at once",
    run: whereStated(async (backend) => {
      const numbers = around();
      const bits = Uint16Array.from(numbers, (value) => toStored("float16", value));
      const rounded = Float32Array.from(bits, (pattern) => fromStored("float16", pattern));
      return [
        ...faultOf("rounding", difference(await cast(backend, numbers, "float32", "float16"), bits, {})),
        ...faultOf(
          "there and back",
          difference(await cast(backend, numbers, "float32", "float16", "float32"), rounded, {}),
        ),
      ];
    }),
  },
];
