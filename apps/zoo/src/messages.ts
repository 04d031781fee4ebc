// What the page and the worker say to each other.
import type { KnownWeights, Task } from "@stria/zoo";
import type { Box } from "./anatomy/anatomy.ts";

export const backendNames = ["cpu", "onnx", "webgpu"] as const;
export type BackendName = (typeof backendNames)[number];

export type ToWorker =
  /** A model of the registry: it is made, and drawn. */
  | { readonly type: "open"; readonly name: string }
  /** The drawing of the model that is open, with equal blocks as one or not. */
  | { readonly type: "draw"; readonly folded: boolean }
  | { readonly type: "backend"; readonly name: BackendName }
  | { readonly type: "weights"; readonly file: Blob; readonly name: string }
  /** From an address: one of the model's known weights, by its number, or another, with its SHA-256 where the user knows that. */
  | {
      readonly type: "fetch";
      readonly url: string;
      readonly known: number | undefined;
      readonly sha256: string | undefined;
    }
  | { readonly type: "image"; readonly image: Blob | ImageBitmap }
  /** One of the pictures that come with the app. */
  | { readonly type: "sample"; readonly name: string }
  | { readonly type: "run" }
  /** The maps that a layer gives for the image. */
  | { readonly type: "maps"; readonly path: string; readonly channelsLast: boolean }
  | { readonly type: "times" };

export interface OpenedModel {
  readonly name: string;
  readonly task: Task;
  readonly paper: string;
  readonly authors: string;
  readonly year: number;
  readonly url: string;
  readonly inputShape: readonly number[];
  readonly numClasses: number | null;
  readonly parameters: number;
  readonly multiplyAdds: number;
  readonly weights: readonly KnownWeights[];
  /** Whether it reads pictures, as far as this page can show it one. */
  readonly readsImages: boolean;
  readonly boxes: readonly Box[];
}

/** What came of reading weights. */
export interface WeightsReport {
  /** Of which file. */
  readonly name: string;
  readonly bytes: number;
  /** How many of the model's values were in it, and how many it has. */
  readonly used: number;
  readonly total: number;
  /** Values of the model that keep what was drawn at random. */
  readonly missing: readonly string[];
  /** Keys of the file that the model does not have. */
  readonly left: readonly string[];
  /** With which hash its own was compared: the published one, or that of the user. */
  readonly verified: "published" | "given" | undefined;
  /** Whether the browser's cache has it now, or had it before. */
  readonly cache: "kept" | "found" | undefined;
}

export interface Answer {
  /** The classes with the largest shares, the largest first. */
  readonly top: readonly { readonly index: number; readonly logit: number; readonly share: number }[];
  /** Of one run; of the first, which compiles; on how many threads. */
  readonly milliseconds: number;
  readonly firstMilliseconds: number;
}

/** The class of every pixel. */
export interface Segments {
  readonly height: number;
  readonly width: number;
  /** The class with the largest score, by rows. */
  readonly labels: Uint16Array<ArrayBuffer>;
  /** The classes that occur, the most frequent first. */
  readonly counts: readonly { readonly index: number; readonly pixels: number }[];
  /** Of the only run, which may compile. */
  readonly milliseconds: number;
}

/** The maps of a layer: `count` of one size, one after the other. A vector is one map, in lines of equal length; what is left of the last is NaN. */
export interface Maps {
  readonly path: string;
  readonly isVector: boolean;
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly values: Float32Array<ArrayBuffer>;
}

export interface StageTime {
  readonly name: string;
  readonly milliseconds: number;
  readonly multiplyAdds: number;
}

export interface Times {
  readonly stages: readonly StageTime[];
  readonly total: number;
  /** How far runs of the whole net were apart: half the distance between the quarters. */
  readonly spread: number;
  readonly runs: number;
}

export type FromWorker =
  /** The names of all models, when the worker is there. */
  | { readonly type: "models"; readonly names: readonly string[] }
  | { readonly type: "opened"; readonly model: OpenedModel }
  | { readonly type: "drawn"; readonly svg: string; readonly boxes: readonly Box[]; readonly folded: boolean }
  | { readonly type: "backend"; readonly name: BackendName; readonly threads: number }
  /** undefined: there are none any more, since another model was opened. */
  | { readonly type: "weights"; readonly report: WeightsReport | undefined }
  /** What the model sees: RGBA. */
  | { readonly type: "seen"; readonly image: ImageData }
  | { readonly type: "answer"; readonly answer: Answer | undefined }
  /** undefined: of another image, or by other weights. */
  | { readonly type: "segments"; readonly segments: Segments | undefined }
  | { readonly type: "maps"; readonly maps: Maps }
  | { readonly type: "times"; readonly times: Times }
  /** How much of a file has come; `total` where its server says. */
  | {
      readonly type: "progress";
      readonly file: string;
      readonly received: number;
      readonly total: number | undefined;
    }
  /** How far something is. */
  | { readonly type: "note"; readonly text: string }
  /** What was asked for cannot be done; all else stays as it was. */
  | { readonly type: "refused"; readonly what: ToWorker["type"]; readonly message: string }
  | { readonly type: "failed"; readonly message: string };
