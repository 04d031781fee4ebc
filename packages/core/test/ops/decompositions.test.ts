// Every optional op is what its decomposition into required ops says, for random shapes and attributes.
import * as fc from "fast-check";
import { beforeAll, expect, it } from "vitest";
import { allOps } from "../../src/all-ops.ts";
import {
  type Aval,
  type Backend,
  type Tensor,
  apply,
  at,
  requiredOps,
  sizeOf,
  tensor,
  useBackend,
} from "../../src/index.ts";
import type { Attrs, Op } from "../../src/op.ts";
import { reference } from "../../src/reference/index.ts";
import { requiredOnly } from "../support/backends.ts";
import { distance, integers, uniform } from "../support/numbers.ts";
import { type Sample, indexingSamples } from "./indexing-samples.ts";

let decomposing: Backend;
beforeAll(async () => {
  await useBackend(reference());
  decomposing = requiredOnly();
});

async function expectEqual(op: Op, { inputs, attrs }: Sample): Promise<void> {
  const wanted = apply(op, inputs, attrs);
  const moved = await Promise.all(inputs.map((input) => input.to(decomposing)));
  const found = apply(op, moved, attrs);
  expect(found).toHaveLength(wanted.length);
  for (const [index, tensorWanted] of wanted.entries())
    expect(await distance(at(found, index), tensorWanted)).toBeLessThan(1e-5);
  for (const each of [...inputs, ...moved, ...wanted, ...found]) each.dispose();
}

const seed = fc.integer({ min: 0, max: 1e6 });

/** A window over 1 to 3 spatial axes: it fits, and each place sees a real element. */
const windows = fc
  .record({
    axes: fc.array(
      fc.record({
        length: fc.integer({ min: 1, max: 6 }),
        kernel: fc.integer({ min: 1, max: 3 }),
        stride: fc.integer({ min: 1, max: 3 }),
        dilation: fc.integer({ min: 1, max: 2 }),
        before: fc.integer({ min: 0, max: 2 }),
        after: fc.integer({ min: 0, max: 2 }),
      }),
      { minLength: 1, maxLength: 3 },
    ),
    batch: fc.integer({ min: 0, max: 2 }),
    channels: fc.integer({ min: 0, max: 3 }),
    seed,
  })
  .filter(({ axes }) =>
    axes.every(({ length, kernel, dilation, before, after }) => dilation * (kernel - 1) + 1 <= length + before + after),
  )
  .map(({ axes, batch, channels, seed: start }) => {
    const spatial = axes.map(({ length }) => length);
    const attrs = {
      kernel: axes.map(({ kernel }) => kernel),
      stride: axes.map(({ stride }) => stride),
      dilation: axes.map(({ dilation }) => dilation),
      padding: axes.map(({ before, after }): readonly [number, number] => [before, after]),
    };
    const places = axes.map(
      ({ length, kernel, stride, dilation, before, after }) =>
        Math.floor((length + before + after - dilation * (kernel - 1) - 1) / stride) + 1,
    );
    return { batch, channels, spatial, attrs, places, seed: start };
  });

const anyShape = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
const special = tensor([
  0,
  -0,
  1e-9,
  -1e-9,
  0.5,
  -0.5,
  1.5,
  2.5,
  -2.5,
  1e30,
  -1e30,
  3e38,
  Infinity,
  -Infinity,
  Number.NaN,
  -1,
  88,
  -88,
  0.1,
  -0.999,
]);

const elementwise: fc.Arbitrary<Sample> = fc.oneof(
  fc
    .record({ shape: anyShape, seed })
    .map(({ shape, seed: start }) => ({ inputs: [uniform(shape, start, -4, 4)], attrs: {} })),
  fc.constant({ attrs: {} }).map(({ attrs }) => ({ inputs: [special.add(0)], attrs })),
);

const alongAxis: fc.Arbitrary<Sample> = fc
  .record({
    shape: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 4 }),
    place: fc.nat(),
    seed,
    scale: fc.constantFrom(1, 50),
  })
  .map(({ shape, place, seed: start, scale }) => ({
    inputs: [uniform(shape, start, -scale, scale)],
    attrs: { axis: place % shape.length },
  }));

const logits = fc
  .record({ shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 4 }), seed })
  .map(({ shape, seed: start }) => {
    const places = shape.toSpliced(1, 1);
    // One label in a few is no class.
    return {
      x: uniform(shape, start, -9, 9),
      labels: integers(places, start + 1, -1, at(shape, 1) + 1),
      dy: uniform(places, start + 2),
    };
  });

const normalised = fc
  .record({
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 2, maxLength: 5 }),
    seed,
    epsilon: fc.constantFrom(1e-5, 0.1),
  })
  .map(({ shape, seed: start, epsilon }) => {
    const channels = [at(shape, 1)];
    const parameter = (k: number, low = -1): Tensor => uniform(channels, start + k, low, 2);
    return {
      x: uniform(shape, start, -3, 3),
      dy: uniform(shape, start + 1),
      weight: parameter(2),
      bias: parameter(3),
      mean: parameter(4),
      variance: parameter(5, 0.2),
      epsilon,
    };
  });

const samples: Readonly<Record<string, fc.Arbitrary<Sample>>> = {
  ...indexingSamples,
  sigmoid: elementwise,
  softplus: elementwise,
  relu: elementwise,
  log1p: elementwise,
  expm1: elementwise,
  round: elementwise,
  softmax: alongAxis,
  logSoftmax: alongAxis,
  softmaxCrossEntropy: logits.map(({ x, labels }) => ({ inputs: [x, labels], attrs: {} })),
  softmaxCrossEntropyGradient: logits.map(({ x, labels, dy }) => ({ inputs: [dy, x, labels], attrs: {} })),
  batchNormTraining: normalised.map(({ x, weight, bias, epsilon }) => ({
    inputs: [x, weight, bias],
    attrs: { epsilon },
  })),
  batchNormGradient: normalised.map(({ x, dy, weight, mean, variance, epsilon }) => ({
    inputs: [dy, x, weight, mean, variance],
    attrs: { epsilon },
  })),
  avgPool: windows.map(({ batch, channels, spatial, attrs, seed: start }) => ({
    inputs: [uniform([batch, channels, ...spatial], start)],
    attrs,
  })),
  avgPoolGradient: windows.map(({ batch, channels, spatial, attrs, places, seed: start }) => ({
    inputs: [uniform([batch, channels, ...places], start)],
    attrs: { ...attrs, inputSize: spatial },
  })),
  unfold: windows.map(({ batch, channels, spatial, attrs, seed: start }) => ({
    inputs: [uniform([batch, channels, ...spatial], start)],
    attrs,
  })),
  fold: windows.map(({ batch, channels, spatial, attrs, places, seed: start }) => ({
    inputs: [uniform([batch, channels * sizeOf(attrs.kernel), sizeOf(places)], start)],
    attrs: { ...attrs, outputSize: spatial },
  })),
  convWeightGradient: fc
    .record({
      window: windows,
      groups: fc.integer({ min: 1, max: 3 }),
      outputs: fc.integer({ min: 1, max: 2 }),
      cut: fc.boolean(),
    })
    .map(({ window, groups, outputs, cut }) => {
      const { batch, channels, spatial, attrs, places, seed: start } = window;
      // dy may have fewer places than conv gives, where a transposed convolution had output padding.
      const seen = places.map((count) => (cut && count > 1 ? count - 1 : count));
      return {
        inputs: [
          uniform([batch, channels * groups, ...spatial], start),
          uniform([batch, outputs * groups, ...seen], start + 1),
        ],
        attrs: { ...attrs, groups },
      };
    }),
  maxPoolGradient: pooled((dy, indices, attrs, inputSize) => ({
    inputs: [dy, indices],
    attrs: { ...attrs, inputSize },
  })),
  maxPoolGather: pooled((dy, indices, attrs, inputSize) => ({
    inputs: [uniform([...dy.shape.slice(0, 2), ...inputSize], dy.size), indices],
    attrs,
  })),
};

/** Indices as max pooling gives them: of elements that the windows do see. */
function pooled(
  make: (dy: Tensor, indices: Tensor, attrs: Attrs, inputSize: readonly number[]) => Sample,
): fc.Arbitrary<Sample> {
  const op = allOps["maxPool"];
  return windows
    .map(({ batch, channels, spatial, attrs, seed: start }) => {
      const x = uniform([batch, channels, ...spatial], start);
      try {
        const [values, indices] = op ? apply(op, [x], attrs) : [];
        return values && indices ? make(uniform(values.shape, start), indices, attrs, spatial) : undefined;
      } catch {
        return undefined; // a window that sees padding only
      }
    })
    .filter((sample): sample is Sample => sample !== undefined);
}

const required: readonly string[] = [...requiredOps, "identity", "stopGradient"];
const optional = Object.values(allOps).filter(({ name }) => !required.includes(name));

it.each(optional.map((op) => ({ name: op.name, op })))("$name", async ({ name, op }) => {
  const arbitrary = samples[name];
  if (!arbitrary) throw new Error(`no samples for ${name}: an optional op needs some`);
  const property = fc.asyncProperty(arbitrary, (sample) => expectEqual(op, sample));
  await expect(fc.assert(property, { numRuns: 40, seed: 1 })).resolves.toBeUndefined();
});

it("required ops have no need of another's help", () => {
  const known: readonly Aval[] = [{ shape: [2], dtype: "float32" }];
  for (const name of requiredOps)
    expect(decomposing.supports({ op: allOps[name] ?? fail(name), attrs: {}, inputs: known, outputs: known })).toBe(
      true,
    );
});

function fail(name: string): never {
  throw new Error(`${name} is not in the table of all ops`);
}
