// The error of a folder or file that cannot be read.
import { StriaError } from "@stria/core";

/** A folder or a file that is not there, or cannot be read. */
export class FolderError extends StriaError {}

/** The error for what the system said of `place`. */
export function unreadable(place: string, cause: unknown): FolderError {
  const code: unknown = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const isMissing = code === "ENOENT" || (cause instanceof Error && cause.name === "NotFoundError");
  if (isMissing) return new FolderError(place, "it is not there", "check the path", { cause });
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new FolderError(place, `it cannot be read (${reason})`, "check its permissions", { cause });
}
