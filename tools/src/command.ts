// Runs a program quietly: its output is kept, and shown only when it fails.
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The folder of the whole workspace. */
export const root: string = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

/** A program ended with another exit status than 0; the message is the command line and everything it wrote. */
export class CommandError extends Error {
  readonly output: string;

  constructor(line: string, status: number | null, output: string) {
    super(`${line} (exit status ${status})\n${output}`);
    this.name = "CommandError";
    this.output = output;
  }
}

export interface CommandOptions {
  cwd?: string;
  env?: Record<string, string | undefined>;
}

/** Runs `program` and resolves to what it wrote to both streams; throws {@link CommandError} when it fails. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { cwd = root, env = {} } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, NO_COLOR: "1", ...env },
      stdio: ["ignore", "pipe", "pipe"],
      shell: process.platform === "win32",
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    child.on("error", reject);
    child.on("close", (status) => {
      if (status === 0) resolve(output);
      else reject(new CommandError([program, ...args].join(" "), status, output));
    });
  });
}

/** Runs pnpm, in the one version that the workspace names, without asking that it be installed. */
export function pnpm(args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { packageManager: string };
  return command("npx", ["--yes", packageManager, ...args], options);
}

/** Builds every package, or the named one with all it depends on. */
export async function build(only?: string): Promise<void> {
  const filter = only === undefined ? [] : [`--filter=${only}`];
  await pnpm(["exec", "turbo", "run", "build", "--output-logs=errors-only", "--ui=stream", ...filter]);
}

/** Writes the pages of the public functions and classes into docs/api. Fails where one is not documented, or a link leads nowhere. */
export async function documentation(): Promise<void> {
  const folder = join(root, "tools", "docs");
  await command(process.execPath, [join(folder, "node_modules", "typedoc", "bin", "typedoc")], { cwd: folder });
}
