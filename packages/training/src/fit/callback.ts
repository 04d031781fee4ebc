// What can watch a run of fit, and what it is told.
import type { TrainingState } from "../training-state.ts";

/** A run of fit, as its callbacks see it. */
export interface Run {
  readonly model: object;
  /** The optimizer's state and the number of steps. */
  readonly state: TrainingState;
  /** Epochs in all. */
  readonly epochs: number;
  /** Batches of an epoch, where the loader says so. */
  readonly batches: number | undefined;
  /** Ends the run when the steps under way are done. */
  stop(): void;
  /** The run as it is now, in the bytes of a checkpoint: `fit(..., { resume })` goes on from it. */
  checkpoint(): Promise<Uint8Array>;
}

/** A step that is done. */
export interface StepReport {
  /** From 1. */
  readonly epoch: number;
  /** Of the epoch, from 1. */
  readonly batch: number;
  /** Number of the step in the run, from 0. */
  readonly step: number;
  readonly loss: number;
  /** The mean of the epoch so far. */
  readonly meanLoss: number;
  readonly learningRate: number;
}

/** An epoch that is done. */
export interface EpochReport<Figures = Readonly<Record<string, unknown>>> {
  /** From 1. */
  readonly epoch: number;
  /** Mean over the epoch's examples, each at the time of its step. */
  readonly loss: number;
  /** Metrics of the training batches, each at the time of its step. */
  readonly metrics: Figures;
  /** Loss and metrics of the validation data after the epoch, where there are such data. */
  readonly validation?: Figures & { readonly loss: number };
  /** Time of the epoch, validation included. */
  readonly seconds: number;
}

export interface History<Figures = Readonly<Record<string, unknown>>> {
  readonly epochs: readonly EpochReport<Figures>[];
  /** Steps in all, those before a resumption included. */
  readonly steps: number;
  /** Whether it ended before its last epoch: by `signal`, or by a callback's `stop`. */
  readonly stopped: boolean;
}

/** Functions that are called in the course of a run, each waited for. */
export interface Callback {
  /** Before the first step. */
  onStart?(run: Run): void | Promise<void>;
  /** After each step. */
  onStep?(run: Run, step: StepReport): void | Promise<void>;
  /** After each epoch, validation included. */
  onEpochEnd?(run: Run, epoch: EpochReport): void | Promise<void>;
  /** Also after a stop; not after an error. */
  onEnd?(run: Run, history: History): void | Promise<void>;
}
