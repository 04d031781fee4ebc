// What a check is: one promise of the contract, with a name, and a function that says how a backend breaks it.
import type { Backend } from "@stria/core";

/** Makes a new backend; the kit makes several, and disposes of each. */
export type BackendFactory = () => Backend | Promise<Backend>;

export interface CheckOptions {
  /** Random cases for each op. Default 25. */
  readonly rounds?: number;
  /** Of the random cases. Default 1. */
  readonly seed?: number;
  /** Multiplies the tolerances of rounded results; exact ones stay exact. Default 1. */
  readonly slack?: number;
  /** Whether equal runs must give equal bits. Default true. */
  readonly deterministic?: boolean;
  /** Only the checks whose `group: name` contains this text. */
  readonly filter?: string;
}

/** What a check works on. */
export interface Subject {
  readonly backend: Backend;
  readonly factory: BackendFactory;
  readonly oracle: Backend;
  readonly rounds: number;
  readonly seed: number;
  readonly slack: number;
}

export interface Check {
  readonly group: string;
  readonly name: string;
  /** Sentences that say what is wrong; none when all is well. What it throws is a fault too. */
  run(subject: Subject): Promise<readonly string[]>;
}
