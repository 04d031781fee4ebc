// Reductions: several in one pass, and long ones in parts that do not depend on threads.
import {
  abs,
  at,
  batchNormTraining,
  compile,
  conv,
  fromHost,
  grad,
  mean,
  mul,
  relu,
  sub,
  sum,
  type Tensor,
  useBackend,
} from "@stria/core";
import { legalise } from "@stria/core/backends";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { plainTile } from "../src/kernels/tile.ts";
import { atOnce } from "../src/pieces.ts";
import { lower } from "../src/program/lower.ts";
import type { ProgramBuilder } from "../src/program/steps.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

const drawn = (seed: number, shape: readonly number[]): Tensor =>
  fromHost(new Random(seed).value(shape).data, [...shape], "float32");

test.each([
  [3000, 12],
  [40_000, 4],
  [20_001, 19],
  [4097, 33],
  [700, 130],
])("sums of %i rows of %i, three of them over the same rows, on one thread and on three", async (rows, width) => {
  const f = compile((a: Tensor, b: Tensor) => [
    sum(a, 0),
    sum(mul(a, b), 0),
    sum(abs(sub(a, mean(b, 0))), 0, { keepDims: true }),
  ]);
  const answers: Float32Array[][] = [];
  for (const backend of [reference(), cpu({ threads: 1 }), cpu({ threads: 3 })]) {
    await useBackend(backend);
    const outputs = f(drawn(1, [rows, width]), drawn(2, [rows, width]));
    answers.push(await Promise.all(outputs.map(async (output) => Float32Array.from(await output.data()))));
    f.clear();
  }
  const [wanted = [], alone = [], shared] = answers;
  expect(alone).toEqual(shared);
  wanted.forEach((output, index) =>
    // float32 runs of 128 terms, whose sums are added in float64: a few units in the last place of the largest partial sum.
    expect(difference(at(alone, index), output, { relative: 2e-6, ofLargest: 2e-6 })).toBeUndefined(),
  );
});

/** Reductions and fused elementwise steps that touch a whole image: how many they read and how many they write. */
function imageSteps(builder: ProgramBuilder, bytes: number): { kernel: string; reads: number; writes: number }[] {
  const isImage = (id: number): boolean => {
    const buffer = at(builder.buffers, id);
    return buffer.kind === "local" && buffer.bytes === bytes;
  };
  return builder.steps.flatMap(({ kernel, reads, writes, nodes }) => {
    const name = kernel.key.split(" ", 1)[0] ?? "";
    const counts = { reads: new Set(reads.filter(isImage)).size, writes: new Set(writes.filter(isImage)).size };
    const isFused = name === "reduce" || (name === "map" && nodes.length > 1);
    return isFused && counts.reads + counts.writes > 0 ? [{ kernel: name, ...counts }] : [];
  });
}

test("batch normalisation with a rectifier goes over memory four times forward and five times backward", async () => {
  const backend = await useBackend(cpu({ threads: 1 }));
  const [channels, size] = [16, 24];
  const net = (x: Tensor, first: Tensor, scale: Tensor, shift: Tensor, second: Tensor): Tensor => {
    const y = batchNormTraining(conv(x, first, { padding: 1 }), scale, shift).y;
    return sum(conv(relu(y), second, { padding: 1 }));
  };
  const graph = compile((x: Tensor, first: Tensor, scale: Tensor, shift: Tensor, second: Tensor) =>
    grad(([a, b, c, d]: readonly [Tensor, Tensor, Tensor, Tensor]) => net(x, a, b, c, d))([
      first,
      scale,
      shift,
      second,
    ]),
  ).graph(
    drawn(1, [2, 3, size, size]),
    drawn(2, [channels, 3, 3, 3]),
    drawn(3, [channels]),
    drawn(4, [channels]),
    drawn(5, [channels, channels, 3, 3]),
  );
  const { graph: legal } = legalise(graph, (node) => backend.supports(node), "backend-cpu");
  const { builder } = atOnce(
    lower(legal, { tile: plainTile, threads: 1, layout: "channels-last", algorithms: "direct" }),
  );
  expect(imageSteps(builder, 2 * channels * size * size * 4)).toEqual([
    // Mean, variance, normalisation with the rectifier.
    { kernel: "reduce", reads: 1, writes: 0 },
    { kernel: "reduce", reads: 1, writes: 0 },
    { kernel: "map", reads: 1, writes: 1 },
    // Both sums in one pass, the gradient of the input; the mask and the normalised input are computed again.
    { kernel: "reduce", reads: 2, writes: 0 },
    { kernel: "map", reads: 2, writes: 1 },
  ]);
});
