// What the page and the training worker say to each other.
import type { Measurement } from "./curves/history.ts";
import type { Entry } from "./list/kinds.ts";

export const optimizerNames = ["adam", "adamW", "sgd", "rmsprop"] as const;
export type OptimizerName = (typeof optimizerNames)[number];

export const backendNames = ["cpu", "webgpu"] as const;
export type BackendName = (typeof backendNames)[number];

export const dataNames = ["drawn", "mnist", "files"] as const;
export type DataName = (typeof dataNames)[number];

export interface Settings {
  readonly entries: readonly Entry[];
  /** The list as text: it is saved with the model. */
  readonly list: string;
  readonly data: DataName;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly batchSize: number;
  readonly seed: number;
  readonly backend: BackendName;
}

/** A file that the user gave. */
export interface GivenFile {
  readonly name: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export type ToWorker =
  /** A new run. What cannot be started leaves the run that is there alone. */
  | { readonly type: "start"; readonly settings: Settings; readonly running: boolean }
  /** A new run with the values, and where it says so the list, of a safetensors file; all else as in the run that is there. */
  | { readonly type: "load"; readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly type: "pause" }
  | { readonly type: "resume" }
  | { readonly type: "step" }
  /** The digit that is predicted and whose maps are shown: 28x28 bytes. */
  | { readonly type: "digit"; readonly pixels: Uint8Array<ArrayBuffer> }
  /** The pixels of some digit of this class that is not trained on. */
  | { readonly type: "example"; readonly label: number }
  /** The layer whose maps are shown. */
  | { readonly type: "layer"; readonly index: number }
  /** IDX files, gzipped or not. */
  | { readonly type: "files"; readonly files: readonly GivenFile[] }
  | { readonly type: "save" };

/** Pictures of one size, one after the other; the largest value of all is 1 or the smallest -1. */
export interface Sheet {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  /** How many there are, `count` of which are here. */
  readonly total: number;
  readonly values: Float32Array<ArrayBuffer>;
}

export interface LayerInfo {
  readonly index: number;
  readonly name: string;
  /** [channels, height, width] */
  readonly shape: readonly [number, number, number];
}

/** What was built for a run. */
export interface Built {
  readonly settings: Settings;
  readonly dataName: string;
  readonly trainLength: number;
  readonly testLength: number;
  readonly stepsPerEpoch: number;
  readonly parameters: number;
  readonly backend: BackendName;
  readonly threads: number;
  /** The layers that give images. */
  readonly layers: readonly LayerInfo[];
  /** How many digits are tested with at a time. */
  readonly tested: number;
}

export interface Progress {
  readonly step: number;
  readonly epoch: number;
  readonly stepsPerSecond: number | undefined;
  readonly measurements: readonly Measurement[];
  readonly tests: readonly Measurement[];
  /** Of the ten classes; undefined where there is no digit. */
  readonly prediction: readonly number[] | undefined;
  readonly filters: Sheet | undefined;
  readonly maps: Sheet | undefined;
}

export type FromWorker =
  | { readonly type: "built"; readonly built: Built }
  | { readonly type: "state"; readonly state: "running" | "paused"; readonly step: number }
  | ({ readonly type: "progress" } & Progress)
  | { readonly type: "example"; readonly label: number; readonly pixels: Uint8Array<ArrayBuffer> }
  /** What was asked for cannot be done; all else goes on. `entry`, from 0, is the layer at fault. */
  | { readonly type: "refused"; readonly what: ToWorker["type"]; readonly message: string; readonly entry?: number }
  /** Something to know, such as how far a download is. */
  | { readonly type: "note"; readonly text: string }
  | { readonly type: "files"; readonly text: string }
  | { readonly type: "saved"; readonly bytes: Uint8Array<ArrayBuffer> }
  /** The run has ended for a fault. */
  | { readonly type: "failed"; readonly message: string };
