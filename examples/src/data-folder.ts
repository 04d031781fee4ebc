// Folders of data that @stria/data cannot download: found, or said where they are to be had and where to put them.
import { existsSync } from "node:fs";
import { join } from "node:path";

export interface Wanted {
  /** The name of the folder. */
  readonly folder: string;
  /** What must be in it: paths of files or folders. */
  readonly files: readonly string[];
  /** What it is, in words. */
  readonly what: string;
  /** Where it is to be had. */
  readonly address: string;
}

/** The folder, in the one that STRIA_DATA names. Without it there is nothing to learn from: the program says what to do, and ends. */
export function dataFolder({ folder, files, what, address }: Wanted): string {
  const root = process.env["STRIA_DATA"];
  const found = join(root ?? "", folder);
  const missing = root === undefined ? files : files.filter((file) => !existsSync(join(found, file)));
  if (missing.length === 0) return found;
  const place = root === undefined ? `DATA/${folder}, and set the environment variable STRIA_DATA to DATA` : found;
  process.stderr.write(
    `${what}: ${missing.join(" and ")} not found.\nGet it from ${address}\nand put it into ${place}.\n`,
  );
  process.exit(1);
}
