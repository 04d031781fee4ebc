// Deterministic mode: one seed gives the same bits again, on the calling thread, with others beside it, in workers alone, and without memory that is shared.
import { cpu, explain } from "@stria/backend-cpu";
import { fromHost, type Tensor, useBackend } from "@stria/core";
import { crossEntropy } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { expect, test } from "vitest";
import { CpuBackend } from "../../packages/backend-cpu/src/backend.ts";
import { plainTile } from "../../packages/backend-cpu/src/kernels/tile.ts";
import { Pool } from "../../packages/backend-cpu/src/pool/pool.ts";
import { fingerprint, trainedNets } from "./training-run.ts";

const alone = await fingerprint(() => cpu({ threads: 1, deterministic: true }));

test.each([
  { threads: 1 },
  { threads: 2 },
  { threads: 3 },
  { threads: 4 },
  { threads: 8 },
  { threads: 1, worker: true },
  { threads: 3, worker: true },
  { threads: 8, worker: true },
])("%o", async (options) => {
  expect(await fingerprint(() => cpu({ ...options, deterministic: true }))).toBe(alone);
});

test.each([{ worker: true }, { worker: false }])("memory that is not shared, %o", async ({ worker }) => {
  const open = async () => new CpuBackend(await Pool.start({ threads: 1, shared: false, worker }), plainTile);
  expect(await fingerprint(open)).toBe(alone);
});

test("what is trained is computed by Winograd's algorithm too, in every pass", async () => {
  const backend = await useBackend(cpu({ threads: 1, deterministic: true }));
  const step = trainStep(trainedNets.mixed(), sgd({ learningRate: 0.1 }), (m, b: { x: Tensor; y: Tensor }) =>
    crossEntropy(m.forward(b.x), b.y),
  );
  const batch = {
    x: fromHost(new Float32Array(32 * 784), [32, 1, 28, 28], "float32"),
    y: fromHost(new Int32Array(32), [32], "int32"),
  };
  const { units } = await explain(step, [batch]);
  const passes = units.flatMap(({ choice }) => (choice?.algorithm.startsWith("winograd") ? [choice.pass] : []));
  expect(new Set(passes)).toEqual(new Set(["forward", "input gradient", "weight gradient"]));
  backend.dispose();
});
