// Node's own modules where there are any. Asked of the process, so that no bundler meets an import it cannot resolve.
import type * as FileSystem from "node:fs/promises";
import type * as OperatingSystem from "node:os";
import type * as Path from "node:path";
import type * as Addresses from "node:url";

export interface NodeModules {
  readonly files: typeof FileSystem;
  readonly system: typeof OperatingSystem;
  readonly paths: typeof Path;
  readonly addresses: typeof Addresses;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly processNumber: number;
}

/** Undefined in a browser. */
export function nodeModules(): NodeModules | undefined {
  if (typeof process === "undefined" || typeof process.getBuiltinModule !== "function") return undefined;
  return {
    files: process.getBuiltinModule("node:fs/promises"),
    system: process.getBuiltinModule("node:os"),
    paths: process.getBuiltinModule("node:path"),
    addresses: process.getBuiltinModule("node:url"),
    environment: process.env,
    processNumber: process.pid,
  };
}
