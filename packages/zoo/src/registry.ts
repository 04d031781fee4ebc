// The models by name, each loaded when it is asked for, so that a bundle holds only what is used.
import type { Module } from "@stria/layers";
import { AttributeError } from "@stria/core";
import type { ModelInfo } from "./model-info.ts";

/** Options that every classifier of the zoo takes. */
export interface ClassifierOptions {
  readonly numClasses?: number;
  readonly inChannels?: number;
}

/** A model of the zoo, loaded. */
export interface LoadedModel {
  readonly info: ModelInfo;
  /** Makes the model, with first values of its own. */
  create(options?: ClassifierOptions): Module;
}

const loaders = new Map<string, () => Promise<LoadedModel>>([
  ["lenet5", () => import("./lenet.ts").then(({ lenet5, lenet5Info }) => ({ info: lenet5Info, create: lenet5 }))],
  [
    "resnet20",
    () => import("./cifar-resnet.ts").then(({ resnet20, resnet20Info }) => ({ info: resnet20Info, create: resnet20 })),
  ],
]);

/** The names that {@link loadModelByName} takes. */
export const modelNames: readonly string[] = [...loaders.keys()];

/**
 * A model of the zoo by its name.
 * @throws AttributeError that lists the names when there is none of that name.
 * @example const { create, info } = await loadModelByName("resnet20");
 */
export async function loadModelByName(name: string): Promise<LoadedModel> {
  const load = loaders.get(name);
  if (!load) throw new AttributeError("zoo", `there is no model "${name}"`, `use one of ${modelNames.join(", ")}`);
  return load();
}
