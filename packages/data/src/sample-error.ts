// The error of an item that cannot be made.
import { StriaError } from "@stria/core";

/** An item that could not be read or transformed. `cause` is what was thrown; `index` its place in the dataset, or in the stream. */
export class SampleError extends StriaError {
  readonly index: number;
  constructor(index: number, what: "reading" | "transforming" | "collating", cause: unknown) {
    const message = cause instanceof Error ? cause.message : String(cause);
    super(
      `sample ${index}`,
      `${what} it failed: ${message.replace(/[.]$/, "")}`,
      "leave the item out (filter, subset), or repair what reads or transforms it; the error's cause says where it was thrown",
      { cause },
    );
    this.index = index;
  }
}
