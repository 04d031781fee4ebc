// The error of an item that cannot be made.
import { StriaError } from "@stria/core";

/** Which item it was, besides its index. */
interface SamplePlace {
  /** Its file, where the dataset knows. */
  readonly file?: string | undefined;
  /** The number of the loader's worker that made it. */
  readonly worker?: number | undefined;
}

/**
 * An item that could not be read or transformed. `cause` is what was thrown; `index` its place in the dataset, or in the stream; `during` what was being done; `file` what the dataset calls
 * it; `worker` the number, from 0, of the loader's worker that made it, where one did.
 */
export class SampleError extends StriaError {
  readonly index: number;
  readonly during: "reading" | "transforming" | "collating";
  readonly file: string | undefined;
  readonly worker: number | undefined;
  constructor(
    index: number,
    during: "reading" | "transforming" | "collating",
    cause: unknown,
    { file, worker }: SamplePlace = {},
  ) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(
      `sample ${index}${file === undefined ? "" : ` (${file})`}`,
      `${during} it${worker === undefined ? "" : ` in worker ${worker}`} failed: ${message.replace(/[.]$/, "")}`,
      'leave the item out (broken: "skip", filter, subset), or repair what reads or transforms it; the error\'s cause says where it was thrown',
      { cause },
    );
    this.index = index;
    this.during = during;
    this.file = file;
    this.worker = worker;
  }
}
