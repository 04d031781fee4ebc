// How a reader of files from anywhere says no: with the file's name, the fault and what to do.
import { FormatError } from "@stria/core";

/** What the errors of a damaged file end with. */
export const damaged = "the file is damaged or is of another kind; get it again";

/** Throws: `source` is the file, `remedy` what to do. @throws FormatError always */
export function refuse(source: string, fault: string, remedy: string = damaged): never {
  throw new FormatError(source, fault, remedy);
}
