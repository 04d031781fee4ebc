// Dawn in a process of Node: it outlives the collection of what backends leave behind, and lets the process end.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { openOrReason } from "./support/device.ts";

const opened = await openOrReason();
if ("backend" in opened) opened.backend.dispose();
const why = "reason" in opened ? ` (skipped: ${opened.reason})` : "";

it.skipIf("reason" in opened)(
  `a process opens and disposes of backends, collects the garbage, and ends by itself with one still open${why}`,
  async () => {
    const program = fileURLToPath(new URL("support/open-and-drop.ts", import.meta.url));
    // Rejects where the process crashes.
    const { stdout } = await promisify(execFile)(process.execPath, [
      "--conditions=@stria/source",
      "--expose-gc",
      program,
    ]);
    expect(stdout).toBe("done");
  },
);
