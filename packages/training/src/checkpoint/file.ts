// Checkpoints and models as files, in Node and in a browser's private file system. A file is whole or not there.
import type { LoadOptions, LoadReport } from "@stria/layers";
import { readWhole, writeWhole } from "../files.ts";
import type { TrainingState } from "../training-state.ts";
import { type CheckpointInfo, type Position, checkpointBytes, restoreCheckpoint } from "./checkpoint.ts";
import { loadModel, saveModel } from "./model.ts";

/**
 * Writes a training run to a safetensors file: parameters, state, the optimizer's state, schedules, step and random streams. In a browser the path is one
 * of the origin's private file system.
 * @throws StriaError when the file cannot be written; one that was there is untouched.
 * @example await saveCheckpoint("run.safetensors", step);
 */
export async function saveCheckpoint(
  path: string,
  step: { readonly state: TrainingState },
  position?: Position,
): Promise<void> {
  await writeWhole(path, await checkpointBytes(step, position));
}

/** Sets a training run to what a file holds; see {@link restoreCheckpoint}. @throws StriaError, FormatError. */
export async function loadCheckpoint(path: string, step: { readonly state: TrainingState }): Promise<CheckpointInfo> {
  return restoreCheckpoint(step, await readWhole(path));
}

/** Writes the parameters and states of a model to a safetensors file. @throws StriaError when it cannot be written. */
export async function saveModelFile(path: string, model: object): Promise<void> {
  await writeWhole(path, await saveModel(model));
}

/** Sets a model from a safetensors file; see {@link loadModel}. @throws StriaError, FormatError. */
export async function loadModelFile(path: string, model: object, options: LoadOptions = {}): Promise<LoadReport> {
  return loadModel(model, await readWhole(path), options);
}
