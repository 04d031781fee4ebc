// Checkpoints and models as files, in Node. A file is whole or not there: it is written beside its place, synced, and renamed.
import { StriaError } from "@stria/core";
import type { LoadOptions, LoadReport } from "@stria/layers";
import { nodeModules } from "../node-modules.ts";
import type { TrainingState } from "../training-state.ts";
import { type CheckpointInfo, type Position, checkpointBytes, restoreCheckpoint } from "./checkpoint.ts";
import { loadModel, saveModel } from "./model.ts";

let written = 0;

/** Writes a file so that a crash at any moment leaves the old one or the new one. @throws StriaError naming the file when it cannot be written. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const { files, paths, processNumber } = nodeModules(path);
  const folder = paths.dirname(path);
  const beside = `${path}.${processNumber}-${written++}.tmp`;
  try {
    await files.mkdir(folder, { recursive: true });
    const file = await files.open(beside, "wx");
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(beside, path);
  } catch (error) {
    await files.rm(beside, { force: true }).catch(() => {});
    throw new StriaError(
      path,
      `the file could not be written (${messageOf(error)})`,
      "look for a full disk or a folder without write permission; the file that was there is untouched",
      { cause: error },
    );
  }
  await syncFolder(folder);
}

/** Makes the renaming itself last; not every system lets a folder be opened. */
async function syncFolder(folder: string): Promise<void> {
  const { files } = nodeModules(folder);
  try {
    const handle = await files.open(folder, "r");
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch {
    // the file itself is synced
  }
}

export async function readWhole(path: string): Promise<Uint8Array> {
  const { files } = nodeModules(path);
  try {
    return await files.readFile(path);
  } catch (error) {
    throw new StriaError(path, `the file could not be read (${messageOf(error)})`, "check the path", { cause: error });
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Writes a training run to a safetensors file: parameters, state, the optimizer's state, step and seed.
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
