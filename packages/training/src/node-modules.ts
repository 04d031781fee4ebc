// Node's own modules. Asked of the process, so that no bundler meets an import it cannot resolve.
import { StriaError } from "@stria/core";
import type * as FileSystem from "node:fs/promises";
import type * as Path from "node:path";

export interface NodeModules {
  readonly files: typeof FileSystem;
  readonly paths: typeof Path;
  readonly processNumber: number;
}

/** @throws StriaError where there is no file system. */
export function nodeModules(subject: string): NodeModules {
  if (typeof process === "undefined" || typeof process.getBuiltinModule !== "function")
    throw new StriaError(
      subject,
      "there is no file system here",
      "use saveModel, loadModel, checkpointBytes and restoreCheckpoint, which work on bytes",
    );
  return {
    files: process.getBuiltinModule("node:fs/promises"),
    paths: process.getBuiltinModule("node:path"),
    processNumber: process.pid,
  };
}
