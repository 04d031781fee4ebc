// What follows a convolution is part of it: batch norm by running statistics, a shortcut, a rectifier with or without a bound from above.
import {
  add,
  batchNormEvaluation,
  compile,
  conv,
  convTranspose,
  div,
  fromHost,
  greaterEqual,
  less,
  lessEqual,
  maximum,
  minimum,
  mul,
  Parameter,
  relu,
  reshape,
  sub,
  type Tensor,
  useBackend,
  where,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cpu, explain } from "../src/index.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

type Backends = Record<"reference" | "one" | "three", Awaited<ReturnType<typeof useBackend>>>;
let backends: Backends;
beforeAll(async () => {
  backends = { reference: reference(), one: await cpu({ threads: 1 }), three: await cpu({ threads: 3 }) };
});
afterAll(() => {
  backends.one.dispose();
  backends.three.dispose();
});

const channels = 7;
const image = [2, channels, 6, 9];

const drawn = (seed: number, shape: readonly number[]): Float32Array<ArrayBuffer> =>
  Float32Array.from(new Random(seed).value(shape).data);

/** Parameters by name, each made when it is first asked for; those whose name says variance are above 0. */
class Drawn {
  readonly cells: Record<string, Parameter> = {};

  of(name: string, shape: readonly number[]): Tensor {
    const draw = (): Float32Array<ArrayBuffer> => {
      const data = drawn(Object.keys(this.cells).length + 7, shape);
      return name === "variance" ? data.map((value) => 0.5 + Math.abs(value)) : data;
    };
    return (this.cells[name] ??= new Parameter([...shape], draw)).value;
  }

  norm(x: Tensor): Tensor {
    const [mean, variance, scale, shift] = ["mean", "variance", "scale", "shift"].map((name) =>
      this.of(name, [channels]),
    );
    if (!mean || !variance || !scale || !shift) throw new Error("there are four");
    return batchNormEvaluation(x, scale, shift, { mean, variance });
  }

  perChannel(name: string): Tensor {
    return reshape(this.of(name, [channels]), [channels, 1, 1]);
  }

  conv(x: Tensor, groups = 1): Tensor {
    return conv(x, this.of("weight", [channels, channels / groups, 3, 3]), { padding: 1, groups });
  }

  pointwise(x: Tensor): Tensor {
    return conv(x, this.of("pointwise", [channels, channels, 1, 1]));
  }
}

function clamp(x: Tensor, high: number): Tensor {
  const above = where(lessEqual(x, 0), 0, x);
  return where(greaterEqual(above, high), high, above);
}

type Body = (d: Drawn, x: Tensor) => Tensor;

/** The last part of each: ops of the convolution's unit, as explain tells them. */
const folded: Readonly<Record<string, readonly [body: Body, ops: string]>> = {
  "batch norm": [(d, x) => relu(d.norm(d.conv(x))), "conv mul add relu"],
  "batch norm behind a bias": [(d, x) => d.norm(add(d.conv(x), d.perChannel("bias"))), "conv add mul add"],
  "batch norm of a depthwise convolution": [(d, x) => relu(d.norm(d.conv(x, channels))), "conv mul add relu"],
  "batch norm of a transposed convolution": [
    (d, x) => d.norm(convTranspose(x, d.of("weight", [channels, channels, 3, 3]), { stride: 2 })),
    "convTranspose mul add",
  ],
  "any numbers": [
    (d, x) => div(sub(mul(sub(d.conv(x), 0.25), d.perChannel("scale")), d.perChannel("shift")), 0.75),
    "conv sub mul sub div",
  ],
  "a shortcut that is a convolution itself": [(d, x) => relu(add(d.norm(d.conv(x)), d.pointwise(x))), "conv add relu"],
  "a shortcut that is made later": [(d, x) => relu(add(d.pointwise(x), d.norm(d.conv(x)))), "conv mul add add relu"],
  "a bound from above": [(d, x) => minimum(maximum(d.norm(d.conv(x)), 0), 0.5), "conv mul add maximum minimum"],
  "the same, chosen": [(d, x) => clamp(d.conv(x), 0.5), "conv lessEqual where lessEqual where"],
};

/** What is no part of the convolution, and why. */
const apart: Readonly<Record<string, readonly [body: Body, ops: string]>> = {
  "a factor that a run is given": [(d, x) => mul(d.conv(x), x.sum([0, 2, 3], { keepDims: true })), "conv"],
  "a value that is read twice": [
    (d, x) => {
      const y = d.conv(x);
      return add(d.norm(y), where(less(y, 0), y, 1));
    },
    "conv",
  ],
  "what is divided by the convolution": [(d, x) => div(d.perChannel("scale"), add(d.conv(x), 100)), "conv add"],
  "a factor for each row": [(d, x) => mul(d.conv(x), d.of("rows", [6, 1])), "conv"],
  "a shortcut that needs the convolution": [
    (d, x) => {
      const y = d.conv(x);
      return add(y, d.pointwise(y));
    },
    "conv",
  ],
};

async function answers(body: Body): Promise<{ data: Float32Array[]; units: string[] }> {
  const data: Float32Array[] = [];
  const units: string[] = [];
  for (const backend of [backends.reference, backends.one, backends.three]) {
    await useBackend(backend);
    const d = new Drawn();
    const run = (x: Tensor): Tensor => body(d, x);
    const x = fromHost(drawn(3, image), image, "float32");
    run(x);
    const f = compile(run, { modules: [d.cells] });
    data.push(Float32Array.from(await f(x).data()));
    if (backend === backends.one)
      for (const { ops } of (await explain(f, [x])).units) if (ops[0]?.startsWith("conv")) units.push(ops.join(" "));
  }
  return { data, units };
}

describe.each([
  ["is part of the convolution", folded],
  ["is left apart", apart],
])("%s", (_, cases) => {
  test.each(Object.entries(cases))("%s", async (_name, [body, ops]) => {
    const { data, units } = await answers(body);
    const [wanted, one, three] = data;
    if (!wanted || !one || !three) throw new Error("there are three");
    // 63 products and a few roundings more.
    expect(difference(one, wanted, { ofLargest: 1e-5 })).toBeUndefined();
    expect(three).toEqual(one);
    expect(units).toContain(ops);
  });
});

test("batch norm that is folded follows its statistics when they change", async () => {
  const d = new Drawn();
  const found: Float32Array[] = [];
  for (const backend of [backends.reference, backends.one]) {
    await useBackend(backend);
    const x = fromHost(drawn(3, image), image, "float32");
    d.norm(d.conv(x));
    const f = compile((y: Tensor) => d.norm(d.conv(y)), { modules: [d.cells] });
    for (const seed of [50, 51]) {
      d.cells["mean"]?.set(fromHost(drawn(seed, [channels]), [channels], "float32"));
      found.push(Float32Array.from(await f(x).data()));
    }
  }
  const [first, second, ours, later] = found;
  if (!first || !second || !ours || !later) throw new Error("there are four");
  expect(difference(ours, first, { ofLargest: 1e-5 })).toBeUndefined();
  expect(difference(later, second, { ofLargest: 1e-5 })).toBeUndefined();
  expect(difference(first, second, { ofLargest: 1e-2 })).toBeDefined();
});

test("a bound keeps NaN, and infinities are bounded", async () => {
  await useBackend(backends.one);
  const f = compile((x: Tensor, w: Tensor) => clamp(conv(x, w), 6));
  const x = fromHost(Float32Array.of(NaN, Infinity, -Infinity, 2, 9, -1), [1, 1, 2, 3], "float32");
  const w = fromHost(Float32Array.of(1, 1), [2, 1, 1, 1], "float32");
  const plane = [NaN, 6, 0, 2, 6, 0];
  expect([...(await f(x, w).data())]).toEqual([...plane, ...plane]);
});

test("a bound of a depthwise convolution of planes keeps NaN too, and is part of it", async () => {
  await useBackend(backends.one);
  const f = compile((x: Tensor, w: Tensor) => clamp(conv(x, w, { groups: 2 }), 6));
  const plane = [NaN, Infinity, -Infinity, 2, 9, -1, 6, 0];
  const x = fromHost(Float32Array.of(...plane, ...plane), [1, 2, 1, 8], "float32");
  const w = fromHost(Float32Array.of(1, 1), [2, 1, 1, 1], "float32");
  const wanted = [NaN, 6, 0, 2, 6, 0, 6, 0];
  expect([...(await f(x, w).data())]).toEqual([...wanted, ...wanted]);
  const { units } = await explain(f, [x, w]);
  expect(units.map(({ algorithm, ops }) => [algorithm, ops.length])).toEqual([["depthwisePlanes", 5]]);
});

test("a graph of parameters alone is put in an order in which it can run", async () => {
  const found: Float32Array[] = [];
  for (const backend of [backends.reference, backends.one]) {
    await useBackend(backend);
    const d = new Drawn();
    const run = (): Tensor => {
      const x = d.of("x", image);
      return relu(add(d.norm(d.conv(x)), d.norm(d.pointwise(x))));
    };
    run();
    found.push(Float32Array.from(await compile(run, { modules: [d.cells] })().data()));
  }
  const [wanted, ours] = found;
  if (!wanted || !ours) throw new Error("there are two");
  expect(difference(ours, wanted, { ofLargest: 1e-5 })).toBeUndefined();
});
