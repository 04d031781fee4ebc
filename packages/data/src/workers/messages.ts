// What a loader and its workers say to each other.
import type { BatchSettings, Draw, Finished } from "../batch-maker.ts";
import type { Fields } from "../dataset.ts";
import type { PlainError } from "./plain-error.ts";
import type { PlainValue } from "./plain-value.ts";

/** What of a batch is said by data alone; the worker has the rest. */
export type WorkerSettings = Pick<
  BatchSettings<unknown, unknown, unknown>,
  "batchSize" | "last" | "checkFinite" | "fields" | "broken"
> & {
  /** The worker's number, from 0. */
  readonly number: number;
  /** Whether batches are written to memory that both threads see. */
  readonly shared: boolean;
  /** The root seed, for what the worker's module draws besides. */
  readonly root: number;
  /** What the loader was given to pass on. */
  readonly data: unknown;
  /** A lock that the worker holds while it lives, where browsers have locks. */
  readonly lock: string;
};

/** Which items a batch is made of: these, or those of a stream from a place on. */
export type BatchRequest = {
  readonly epoch: number;
  readonly seed: number;
} & (
  | { readonly draws: readonly Draw[] }
  | {
      /** Number of the batch in the stream, and of the iteration that goes through it. */
      readonly batch: number;
      readonly pass: number;
    }
);

/** An item that ends the worker: its place in the batch, and what happened. */
export interface FatalRow {
  readonly row: number;
  readonly index: number;
  readonly file: string | undefined;
  readonly reason: string;
}

/** A batch to be made. */
export interface Job {
  readonly id: number;
  readonly request: BatchRequest;
  /** Whether to make item after item, each announced: to find the one that ends the worker. */
  readonly carefully: boolean;
  /** Items that are left out, because they ended a worker. */
  readonly fatal: readonly FatalRow[];
  /** Memory for the batch, where there is some. */
  readonly slot: SharedArrayBuffer | undefined;
}

/** What a worker serves, to be compared with what the loader was given. */
export interface Served {
  /** Undefined for a stream. */
  readonly length: number | undefined;
  readonly fields: Fields;
  readonly transform: boolean;
  readonly collate: boolean;
}

export type ToWorker = { readonly loader: true } & (
  | { readonly kind: "start"; readonly settings: WorkerSettings }
  | { readonly kind: "make"; readonly job: Job }
  | { readonly kind: "leave"; readonly pass: number }
);

/** What was made: arrays in the slot, or transferred; or the value of `collate`. */
export type MadeBatch = Pick<Finished<unknown>, "items" | "skipped"> & {
  readonly content:
    | Extract<Finished<unknown>["content"], { readonly masked: boolean }>
    | { readonly plain: PlainValue };
  /** The memory that it lies in, which can be used again. */
  readonly slot: SharedArrayBuffer | undefined;
};

/** An item that is begun. */
export interface Beginning {
  readonly row: number;
  readonly index: number;
  readonly file: string | undefined;
}

export type FromWorker = { readonly loader: true } & (
  | { readonly kind: "hello" }
  | { readonly kind: "ready"; readonly served: Served }
  | ({ readonly kind: "begins"; readonly id: number } & Beginning)
  | { readonly kind: "made"; readonly id: number; readonly batch: MadeBatch }
  | { readonly kind: "end"; readonly id: number }
  /** Without an id: it cannot serve. */
  | { readonly kind: "failed"; readonly id?: number; readonly error: PlainError }
);

/** Whether a message is of this protocol: a worker of the user's may say other things too. */
function isOurs(message: unknown): boolean {
  return typeof message === "object" && message !== null && "loader" in message && "kind" in message;
}

export function isToWorker(message: unknown): message is ToWorker {
  return isOurs(message);
}

export function isFromWorker(message: unknown): message is FromWorker {
  return isOurs(message);
}
