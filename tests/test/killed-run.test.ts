// A process that trains is killed (SIGKILL) again and again, at any moment; what goes on in its place ends with the bits of a run that was left alone.
import { spawn } from "node:child_process";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";

const program = fileURLToPath(new URL("killed-run.ts", import.meta.url));
const folders: string[] = [];

async function newFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "stria-killed-"));
  folders.push(folder);
  return folder;
}

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** Runs the program; killed `delay` ms after its step `steps`, or never. Resolves to the hash at its end, undefined when it was killed before. */
function run(folder: string, threads: number, kill?: { steps: number; delay: number }): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--conditions=@stria/source", program, folder, String(threads)]);
    let [output, faults] = ["", ""];
    let planned = false;
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      faults += text;
    });
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      if (!kill || planned || output.split("step ").length <= kill.steps) return;
      planned = true;
      setTimeout(() => child.kill("SIGKILL"), kill.delay);
    });
    child.on("error", reject);
    child.on("close", (status, signal) => {
      const [, hash] = /ended (\w+)/.exec(output) ?? [];
      if (hash !== undefined || signal === "SIGKILL") resolve(hash);
      else reject(new Error(`exit status ${status}: ${faults}`));
    });
  });
}

async function logged(folder: string): Promise<string[]> {
  const lines = (await readFile(join(folder, "log.csv"), "utf8")).trimEnd().split("\n");
  return lines.map((line) => line.split(",").toSpliced(2, 1).join()); // without the seconds
}

describe("a run that is killed at any moment", () => {
  it("goes on to the same bits, on 1 and 2 threads, with each epoch once in its log", async () => {
    const alone = await newFolder();
    const expected = await run(alone, 1);
    expect(expected).toMatch(/^[0-9a-f]{64}$/);
    for (const first of [1, 2]) {
      const folder = await newFolder();
      let found: string | undefined;
      let kills = 0;
      for (; found === undefined; kills++) {
        // Any moment will do: in a step, while a file is written, in a validation. After six kills it may end.
        const moment = kills < 6 ? { steps: 1 + (kills % 3), delay: Math.random() * 25 } : undefined;
        found = await run(folder, 1 + ((first + kills) % 2), moment);
      }
      expect(kills).toBeGreaterThan(3);
      expect(found).toBe(expected);
      expect(await logged(folder)).toEqual(await logged(alone));
      expect((await readdir(folder)).toSorted()).toEqual(["log.csv", "run.safetensors"]);
    }
  });
});
