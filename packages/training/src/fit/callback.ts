// What can watch a run of fit, and what it is told.
import type { CallbackState } from "../checkpoint/run-state.ts";
import type { TrainingState } from "../training-state.ts";

/** A run of fit, as its callbacks see it. */
export interface Run {
  readonly model: object;
  /** The optimizer's state and the number of steps. */
  readonly state: TrainingState;
  /** Epochs in all. */
  readonly epochs: number;
  /** Epochs that are complete. */
  readonly epoch: number;
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
  /** Of the epoch, from 1; where several batches make a step, the last of them. */
  readonly batch: number;
  /** Number of the step in the run, from 0. */
  readonly step: number;
  /** Of all batches of the step. */
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

/** Functions that are called in the course of a run, each waited for, those of one callback after those of the one before it. */
export interface Callback {
  /** Under this name what it saves is kept in checkpoints; no two callbacks of a run may have the same. */
  readonly name?: string;
  /** Before the first step; where a run goes on, after `restore`. */
  onStart?(run: Run): void | Promise<void>;
  /** After each step. */
  onStep?(run: Run, step: StepReport): void | Promise<void>;
  /** After each epoch, validation included. */
  onEpochEnd?(run: Run, epoch: EpochReport): void | Promise<void>;
  /** When all callbacks have seen the end of an epoch: the moment to keep the run, what they remember included. */
  afterEpoch?(run: Run, epoch: EpochReport): void | Promise<void>;
  /** Also after a stop; not after an error. */
  onEnd?(run: Run, history: History): void | Promise<void>;
  /** What to keep in a checkpoint. */
  save?(): CallbackState;
  /** Takes back what was saved. @throws FormatError when it cannot be that. */
  restore?(saved: CallbackState): void;
}
