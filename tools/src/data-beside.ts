// Data that lie beside the repository are taken before any are downloaded.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { root } from "./command.ts";

/** The environment of programs that look for data. */
export function environmentWithData(): Record<string, string | undefined> {
  const beside = join(root, "..", "shared", "data");
  return { ...(existsSync(beside) && { STRIA_DATA: beside }), ...process.env };
}
