// The golden models on one executor.
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { BackendName } from "../src/golden/backends.ts";
import { largeGoldens, ownGoldens } from "../src/setting.ts";
import { goldenPath, testGoldenFile } from "./golden-files.ts";
import { onBackend } from "./on-backend.ts";

/** Declares a test for each model. What does not come with the project is left out where it is not at hand, and a line says so. */
export async function testModelGoldens(backend: BackendName, names: readonly string[]): Promise<void> {
  const absent = names.filter((name) => goldenPath(`models/${name}.json`) === undefined);
  if (absent.length > 0)
    process.stdout.write(`Left out on ${backend}, their goldens are not here: the models ${absent.join(", ")}.\n`);
  await onBackend(backend, () => {
    for (const name of names) if (!absent.includes(name)) testGoldenFile(backend, `models/${name}.json`);
  });
}

/** Small ones of different kinds, which every executor answers for: early and modern digits, shortcuts, squeezed, depthwise and dilated convolutions, sound, text, recurrence. */
export const smallModels: readonly string[] = [
  "lenet_1989",
  "lenet5_1998",
  "lenet5",
  "resnet20_cifar",
  "squeezenet1_1",
  "mobilenet_v3_small",
  "context_basic",
  "wavenet_stack",
  "tdnn",
  "text_cnn_rand",
  "cnn_lstm",
  "conv_gru",
  "conv_autoencoder",
  "sppnet",
];

/** Those that take an executor with compiled kernels less than two seconds each. */
export const quickModels: readonly string[] = [
  ...smallModels,
  "lenet1_1990",
  "nin_cifar",
  "all_cnn_c",
  "resnet32_cifar",
  "resnet44_cifar",
  "resnet56_cifar",
  "densenet40_cifar",
  "preact_resnet164_cifar",
  "squeezenet1_0",
  "mobilenet_v2",
  "mnasnet1_0",
  "shufflenet_v2_x1_0",
  "text_cnn_static",
  "text_cnn_multichannel",
];

/** Every model that there is a golden of, the folder with most of them. */
export function allModels(): string[] {
  const folder = [largeGoldens(), ownGoldens].find((path) => path !== undefined && existsSync(join(path, "models")));
  const files = readdirSync(join(folder ?? ownGoldens, "models")).filter((file) => file.endsWith(".json"));
  return files.map((file) => basename(file, ".json")).filter((name) => !notModels.has(name));
}

/** Files beside the models that are about sizes, fields and weights. */
const notModels: ReadonlySet<string> = new Set([
  "sizes",
  "receptive-fields",
  "checkpoint-contents",
  "resnet-cifar10-published",
  "onnx-published",
]);
