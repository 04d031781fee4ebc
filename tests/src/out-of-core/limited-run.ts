// A training process whose memory is limited by the system once it has begun.
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What the process said at its end. */
export interface Ended {
  /** The most bytes of memory that it held at once. */
  readonly resident: number;
  readonly steps: number;
  readonly first: number;
  readonly last: number;
}

/** Whether a running process can be given a limit here: Linux's prlimit does it. */
export const canLimit: boolean = spawnSync("prlimit", ["--version"]).status === 0;

/**
 * Trains on the file. After twelve steps the process may take `more` bytes than it has, and no further ones.
 * @returns undefined where it ended early
 */
export async function limitedRun(
  path: string,
  more: number,
  ...options: readonly string[]
): Promise<Ended | undefined> {
  const program = fileURLToPath(new URL("child.ts", import.meta.url));
  const child = spawn(
    process.execPath,
    ["--conditions=@stria/source", "--max-old-space-size=64", program, path, ...options],
    { stdio: ["pipe", "pipe", "ignore"] },
  );
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const begun = await lines.next();
    if (begun.done === true) return undefined;
    const { bytes } = JSON.parse(begun.value) as { readonly bytes: number };
    execFileSync("prlimit", ["--pid", String(child.pid), `--data=${bytes + more}`]);
    child.stdin.on("error", () => undefined);
    child.stdin.write("limited\n");
    const ended = await lines.next();
    return ended.done === true ? undefined : (JSON.parse(ended.value) as Ended);
  } finally {
    child.kill();
  }
}
