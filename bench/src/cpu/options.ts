// What the parts of the suite are told.
import type { Company } from "./company.ts";

export interface PartOptions {
  /** Numbers of threads, each measured. */
  readonly threads: readonly number[];
  /** Rounds at most, where it is not for the part to say. */
  readonly rounds: number | undefined;
  /** The command that starts a Python with PyTorch, where there is one. */
  readonly python: string | undefined;
  /** Who takes part. */
  readonly company: Company;
}
