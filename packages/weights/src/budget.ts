// A bound on what a file may make a reader allocate: a small file must not fill the memory.
import { refuse } from "./fault.ts";

const allowance = 32 * 2 ** 20;
const perByte = 8; // bfloat16 doubles in memory, a tensor that several names share is there once

/** The bytes that a reader may still allocate: 32 MiB and eight times the file's size to begin with. */
export class Budget {
  readonly source: string;
  #left: number;
  constructor(source: string, fileBytes: number) {
    this.source = source;
    this.#left = allowance + perByte * fileBytes;
  }

  /** Takes `bytes`, about what `what` needs. @throws FormatError when the file asks for more than its size can justify */
  spend(bytes: number, what: string): void {
    this.#left -= bytes;
    if (!(this.#left >= 0))
      refuse(
        this.source,
        `${what} would take far more memory than the file's size explains`,
        "do not read this file; a sound one with many views of one tensor, or packed very small, can be saved again with copies of each, not compressed",
      );
  }
}
