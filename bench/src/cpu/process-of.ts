// A process that runs a file of the workspace once, and what it says.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

export interface Said {
  readonly text: string;
  /** Milliseconds from its start to its first words. */
  readonly milliseconds: number;
}

/** Milliseconds after which a process is ended. */
const patience = 600_000;

/** Runs a command until it ends. @throws when it fails, or takes too long. */
export function processOf(command: readonly string[]): Promise<Said> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(command[0] ?? "", command.slice(1), {
      stdio: ["ignore", "pipe", "inherit"],
      timeout: patience,
      killSignal: "SIGKILL",
    });
    let text = "";
    let milliseconds = Number.NaN;
    child.stdout.on("data", (words: Buffer) => {
      if (text === "") milliseconds = performance.now() - start;
      text += words.toString();
    });
    child.on("error", reject);
    child.on("close", (code, signal) => {
      if (code === 0) resolve({ text, milliseconds });
      else reject(new Error(`${command.join(" ")} ended with ${signal ?? `status ${code}`}`));
    });
  });
}

/** The command that runs a TypeScript file beside this one. */
export function nodeOn(file: string, ...words: readonly string[]): string[] {
  const flags = ["--conditions=@stria/source", "--disable-warning=ExperimentalWarning"];
  return [process.execPath, ...flags, fileURLToPath(new URL(file, import.meta.url)), ...words];
}
