// What became of a case.

/** A part of a case that takes long, such as a model's training step. */
export interface Part {
  readonly name: string;
  readonly seconds: number;
  readonly misses: number;
}

interface Judged {
  readonly parts?: readonly Part[];
  readonly notes?: readonly string[];
}

export type Outcome =
  | ({ readonly status: "passed" } & Judged)
  | ({
      readonly status: "failed";
      readonly reason: string;
      /** Whether all that misses are gradients that ties may explain. */
      readonly mayBeTies?: boolean;
    } & Judged)
  | { readonly status: "unsupported"; readonly what: string };

export interface CaseResult {
  /** Path of the golden file below the folder that was given. */
  readonly file: string;
  readonly id: string;
  readonly outcome: Outcome;
}

/** Thrown where Stria has no answer yet: `what` names the call or the kind of file. */
export class Unsupported extends Error {
  readonly what: string;
  constructor(what: string) {
    super(`no answer yet for ${what}`);
    this.what = what;
  }
}

export const passed: Outcome = { status: "passed" };

export function failed(reason: string): Outcome {
  return { status: "failed", reason };
}

/** The message of an error with its causes, on one line. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause === undefined ? "" : ` (${describeError(error.cause)})`;
  return `${error.name}: ${error.message}${cause}`.replaceAll(/\s+/g, " ");
}

/** Runs a case: errors become outcomes, whatever they are. */
export async function outcomeOf(run: () => Promise<Outcome> | Outcome): Promise<Outcome> {
  try {
    return await run();
  } catch (error) {
    return error instanceof Unsupported ? { status: "unsupported", what: error.what } : failed(describeError(error));
  }
}
