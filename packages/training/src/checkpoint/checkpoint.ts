// A training run as the bytes of a safetensors file: model, optimizer, step, seed and place in the data.
import {
  FormatError,
  contractVersion,
  decodeSafetensors,
  defaultBackend,
  encodeSafetensors,
  namedCells,
  rootSeed,
  setSeed,
  showAval,
} from "@stria/core";
import { loadStateDict } from "@stria/layers";
import { trainableParameters } from "../step-program.ts";
import type { TrainingState } from "../training-state.ts";
import { hostValues } from "./host.ts";
import { kindKey, optimizerPrefix } from "./model.ts";

const formatVersion = "1";

/** Where a run is in its data: what comes next. */
export interface Position {
  /** Epochs that are complete. */
  readonly epoch: number;
  /** Batches of the next epoch that are done. */
  readonly batch: number;
  /** The loader's own number of that epoch, from which its order derives. */
  readonly dataEpoch: number;
}

/** What a checkpoint says of its run. */
export interface CheckpointInfo extends Position {
  readonly steps: number;
  readonly seed: number;
  /** Name of the backend it was made on: only there does a run go on to the same bits. */
  readonly backend: string;
}

const start: Position = { epoch: 0, batch: 0, dataEpoch: 0 };

/** A run as it is now, in the bytes of a safetensors file. Steps that were started count as made. */
export async function checkpointBytes(
  { state }: { readonly state: TrainingState },
  { epoch, batch, dataEpoch }: Position = start,
): Promise<Uint8Array<ArrayBuffer>> {
  state.slotsFor(trainableParameters(state.model));
  const metadata = new Map<string, string>([
    [kindKey, "checkpoint"],
    ["version", formatVersion],
    ["steps", String(state.steps)],
    ["seed", String(rootSeed())],
    ["epoch", String(epoch)],
    ["batch", String(batch)],
    ["dataEpoch", String(dataEpoch)],
    ["backend", defaultBackend().name],
    ["backendContract", String(contractVersion)],
  ]);
  return encodeSafetensors(await hostValues(new Map([...namedCells(state.model), ...state.cells()])), metadata);
}

function whole(metadata: ReadonlyMap<string, string>, key: string): number {
  const value = Number(metadata.get(key) ?? Number.NaN);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new FormatError(
      "checkpoint",
      `"${key}" is ${metadata.get(key) ?? "missing"}`,
      "the file is damaged; take an older checkpoint",
    );
  return value;
}

/**
 * Sets a run to what a checkpoint holds, the root seed included, so that it goes on to the same bits. Everything is checked before anything changes.
 * @throws FormatError for a damaged file, another model or another optimizer.
 */
export function restoreCheckpoint({ state }: { readonly state: TrainingState }, bytes: Uint8Array): CheckpointInfo {
  const { tensors, metadata } = decodeSafetensors(bytes, "checkpoint");
  if (metadata.get(kindKey) !== "checkpoint" || metadata.get("version") !== formatVersion)
    throw new FormatError(
      "checkpoint",
      "the file is no checkpoint of this version",
      "use loadModel for a file that holds a model only",
    );
  const info: CheckpointInfo = {
    steps: whole(metadata, "steps"),
    seed: whole(metadata, "seed"),
    epoch: whole(metadata, "epoch"),
    batch: whole(metadata, "batch"),
    dataEpoch: whole(metadata, "dataEpoch"),
    backend: metadata.get("backend") ?? "unknown",
  };
  state.slotsFor(trainableParameters(state.model));
  const cells = state.cells();
  const ofOptimizer = new Map([...tensors].filter(([name]) => name.startsWith(optimizerPrefix)));
  const faults = [
    ...[...cells].flatMap(([name, { aval }]) => {
      const found = ofOptimizer.get(name);
      if (!found) return [`${name} is missing`];
      return showAval(found) === showAval(aval) ? [] : [`${name} is ${showAval(found)} instead of ${showAval(aval)}`];
    }),
    ...[...ofOptimizer.keys()].filter((name) => !cells.has(name)).map((name) => `${name} is not of this optimizer`),
  ];
  if (faults.length > 0)
    throw new FormatError(
      "checkpoint",
      faults.slice(0, 4).join("; "),
      "resume with the optimizer, and the frozen layers, that the run began with",
    );
  loadStateDict(state.model, new Map([...tensors].filter(([name]) => !ofOptimizer.has(name))));
  for (const [name, cell] of cells) {
    const value = ofOptimizer.get(name);
    if (value) cell.load(value.data);
  }
  state.steps = info.steps;
  setSeed(info.seed);
  return info;
}
