// The CPU backend lets images lie in either of two orders: the operator goldens about images, and training steps, with each order forced.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { cpu, explain } from "@stria/backend-cpu";
import { ones, type Tensor, useBackend, zeros } from "@stria/core";
import { crossEntropy, type Module } from "@stria/layers";
import { sgd } from "@stria/optimizers";
import { trainStep } from "@stria/training";
import { cifarDenseNet, resnet20, unet } from "@stria/zoo";
import { afterAll, describe, expect, test } from "vitest";
import { readGolden } from "../src/golden/files.ts";
import { asObject } from "../src/golden/json.ts";
import { runTraining } from "../src/golden/training.ts";
import { dataFolder, largeGoldens } from "../src/setting.ts";
import { missesOfGolden } from "./golden-files.ts";

const files = ["ops-conv", "ops-pool", "ops-norm", "ops-network", "ops-resize"];
const runs = ["lenet5-sgd", "resnet20-cifar-sgd-0.01", "unet-isbi-adam"];
const [goldens = "", data] = [largeGoldens(), dataFolder()];

describe.each(["row-major", "channels-last"] as const)("%s", async (layout) => {
  const backend = await cpu({ layout });
  afterAll(() => backend.dispose());

  test.each(files)("cases of %s", async (name) => {
    await useBackend(backend);
    expect(await missesOfGolden(name)).toEqual([]);
  });

  const absent =
    goldens === "" ? "there is no ../shared/golden" : data === undefined ? "there is no data folder (STRIA_DATA)" : "";
  test.skipIf(absent !== "").each(runs)(
    `run %s, one step${absent === "" ? "" : `, left out: ${absent}`}`,
    async (name) => {
      await useBackend(backend);
      const path = join(goldens, "training", `${name}.json`);
      if (!existsSync(path)) throw new Error(`there is no ${path}`);
      const golden = asObject(readGolden({ name, path, kind: "training" }), name);
      expect(await runTraining(golden, data, { steps: 1 })).toMatchObject({ status: "passed" });
    },
  );
});

const networks: [string, () => Module, number[], number[]][] = [
  ["ResNet-20", () => resnet20(), [2, 3, 32, 32], [2]],
  ["DenseNet-40", () => cifarDenseNet({ depth: 40, growth: 12 }), [2, 3, 32, 32], [2]],
  ["U-Net", () => unet({ base: 4, padded: true }), [1, 1, 32, 32], [1, 32, 32]],
];

test.each(networks)("a training step of %s turns images at its borders only", async (_, make, images, labels) => {
  const backend = await useBackend(cpu({ threads: 1 }));
  const model = make();
  const step = trainStep(model, sgd({ learningRate: 0.1 }), (m, { x, y }: { x: Tensor; y: Tensor }) =>
    crossEntropy(m.forward(x), y),
  );
  const { turned } = await explain(step, [{ x: ones(images), y: zeros(labels, "int32") }]);
  // The pictures, where they have more than one channel.
  expect(turned.map(({ shape, to }) => [shape, to])).toEqual(images[1] === 1 ? [] : [[images, "channels-last"]]);
  backend.dispose();
});
