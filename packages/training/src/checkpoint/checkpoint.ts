// A training run as the bytes of a safetensors file: model, optimizer, schedules, step, random streams and place in the data.
import {
  FormatError,
  type HostTensor,
  type State,
  contractVersion,
  defaultBackend,
  namedCells,
  randomState,
  setRandomState,
  showAval,
} from "@stria/core";
import { decodeSafetensors, encodeSafetensors } from "@stria/core/safetensors";
import { loadStateDict } from "@stria/layers";
import { statefulSchedules } from "@stria/optimizers";
import { trainableParameters } from "../step-program.ts";
import type { TrainingState } from "../training-state.ts";
import { hostValues } from "./host.ts";
import { isOfModel, kindKey, optimizerPrefix } from "./model.ts";
import { type RunState, callbacksKey, decodeRunState, encodeRunState, nothing } from "./run-state.ts";
import { checkSeal, seal, sealEntry } from "./seal.ts";

const formatVersion = "2";

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

/**
 * A run as it is now, in the bytes of a safetensors file, with a checksum. Steps that were started count as made; batches that wait for a step (`accumulate`) are in it.
 */
export async function checkpointBytes(
  step: { readonly state: TrainingState },
  position: Position = start,
): Promise<Uint8Array<ArrayBuffer>> {
  return encodeRun(step, position, Promise.resolve(nothing));
}

/** The same with what a run of fit holds besides, which may take a moment to be known. */
export async function encodeRun(
  { state }: { readonly state: TrainingState },
  { epoch, batch, dataEpoch }: Position,
  runState: Promise<RunState>,
): Promise<Uint8Array<ArrayBuffer>> {
  const waiting = state.sums?.batches ?? 0;
  const { seed, draws } = randomState();
  const metadata: (readonly [string, string])[] = [
    sealEntry,
    [kindKey, "checkpoint"],
    ["version", formatVersion],
    ...Object.entries({ steps: state.steps, waiting, seed, draws, epoch, batch, dataEpoch }).map(
      ([key, value]) => [key, String(value)] as const,
    ),
    ["schedules", JSON.stringify(statefulSchedules(state.optimizer).map((schedule) => schedule.save()))],
    ["backend", defaultBackend().name],
    ["backendContract", String(contractVersion)],
  ];
  const cells = new Map([...namedCells(state.model), ...cellsOf(state, waiting)]);
  const [values, run] = await Promise.all([hostValues(cells), runState.then(encodeRunState)]); // all cells are read now
  const entries = new Map([...metadata, [callbacksKey, run.metadata] as const]);
  return seal(encodeSafetensors(new Map([...values, ...run.tensors]), entries));
}

/** The cells of a run besides those of the model; the sums of gradients only where batches wait in them. */
function cellsOf(state: TrainingState, waiting: number): Map<string, State> {
  const trainable = trainableParameters(state.model);
  state.slotsFor(trainable);
  const sums = waiting > 0 ? state.sums?.cellsFor(trainable) : undefined;
  return new Map([...state.cells(), ...(sums ?? [])]);
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

/** @throws FormatError where the tensors in the file are not those of the cells. */
function checkCells(cells: ReadonlyMap<string, State>, found: ReadonlyMap<string, HostTensor>): void {
  const faults = [
    ...[...cells].flatMap(([name, { aval }]) => {
      const value = found.get(name);
      if (!value) return [`${name} is missing`];
      return showAval(value) === showAval(aval) ? [] : [`${name} is ${showAval(value)} instead of ${showAval(aval)}`];
    }),
    ...[...found.keys()].filter((name) => !cells.has(name)).map((name) => `${name} is not of this optimizer`),
  ];
  if (faults.length > 0)
    throw new FormatError(
      "checkpoint",
      faults.slice(0, 4).join("; "),
      "resume with the optimizer, and the frozen layers, that the run began with",
    );
}

/**
 * Sets a run to what a checkpoint holds, the random streams included, so that it goes on to the same bits. Everything is checked before anything changes.
 * @throws FormatError for a damaged file, another model or another optimizer.
 */
export function restoreCheckpoint(step: { readonly state: TrainingState }, bytes: Uint8Array): CheckpointInfo {
  return restoreRun(step, bytes).info;
}

/** The same, and what a run of fit held besides. */
export function restoreRun(
  { state }: { readonly state: TrainingState },
  bytes: Uint8Array,
): { readonly info: CheckpointInfo; readonly run: RunState } {
  const { tensors, metadata } = decodeSafetensors(bytes, "checkpoint");
  if (metadata.get(kindKey) !== "checkpoint" || metadata.get("version") !== formatVersion)
    throw new FormatError(
      "checkpoint",
      "the file is no checkpoint of this version",
      "use loadModel for a file that holds a model only",
    );
  checkSeal(bytes, "checkpoint", true);
  const info: CheckpointInfo = {
    steps: whole(metadata, "steps"),
    seed: whole(metadata, "seed"),
    epoch: whole(metadata, "epoch"),
    batch: whole(metadata, "batch"),
    dataEpoch: whole(metadata, "dataEpoch"),
    backend: metadata.get("backend") ?? "unknown",
  };
  const [draws, waiting] = [whole(metadata, "draws"), whole(metadata, "waiting")];
  if (waiting > 0 && !state.sums)
    throw new FormatError(
      "checkpoint",
      `${waiting} batches wait for a step`,
      "resume with the { accumulate } that the run began with",
    );
  const cells = cellsOf(state, waiting);
  const ofOptimizer = new Map([...tensors].filter(([name]) => name.startsWith(optimizerPrefix)));
  checkCells(cells, ofOptimizer);
  const run = decodeRunState(tensors, metadata.get(callbacksKey) ?? "[]");
  const restoreSchedules = schedulesFrom(state, metadata.get("schedules") ?? "[]");
  loadStateDict(state.model, new Map([...tensors].filter(([name]) => isOfModel(name)))); // the last that may throw for another model
  restoreSchedules();
  state.sums?.clear();
  for (const [name, cell] of cells) {
    const value = ofOptimizer.get(name);
    if (value) cell.load(value.data);
  }
  if (state.sums) state.sums.batches = waiting;
  state.steps = info.steps;
  setRandomState({ seed: info.seed, draws });
  return { info, run };
}

/** What puts the optimizer's schedules where they stood. @throws FormatError where they are others. */
function schedulesFrom({ optimizer }: TrainingState, text: string): () => void {
  const schedules = statefulSchedules(optimizer);
  const saved: unknown = JSON.parse(text);
  if (!Array.isArray(saved) || saved.length !== schedules.length)
    throw new FormatError(
      "checkpoint",
      `it has the state of ${Array.isArray(saved) ? saved.length : 0} schedules, the optimizer follows ${schedules.length} that have one`,
      "resume with the schedules that the run began with",
    );
  return () => {
    for (const [index, schedule] of schedules.entries()) schedule.restore(saved[index]);
  };
}
