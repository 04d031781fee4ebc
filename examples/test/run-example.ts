// Runs an example as its reader does, in a process of its own, shortened.
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { onTestFinished } from "vitest";

/** The folder with the examples in it. */
export const examplesFolder: string = fileURLToPath(new URL("..", import.meta.url));

export interface ExampleRun {
  /** What it printed. */
  readonly text: string;
  /** A file that it wrote, as text. */
  readonly drawn: (name: string) => string;
  /** What it reached, by name. */
  readonly reached: () => ReadonlyMap<string, unknown>;
}

/** A folder for the test at hand, removed after it. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "stria-example-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `examples/NAME/main.ts --quick`. `environment` comes to that of the tests; data are not looked for unless it names a folder. */
export async function runExample(
  name: string,
  environment: Readonly<Record<string, string>> = {},
  ...flags: readonly string[]
): Promise<ExampleRun> {
  const folder = temporaryFolder();
  const main = join(examplesFolder, name, "main.ts");
  const line = [
    "--conditions=@stria/source",
    "--disable-warning=ExperimentalWarning",
    main,
    "--quick",
    "--out",
    folder,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, [...line, ...flags], {
    env: { ...process.env, STRIA_DATA: join(folder, "no-data"), ...environment },
  });
  const drawn = (file: string): string => readFileSync(join(folder, file), "utf8");
  const reached = (): ReadonlyMap<string, unknown> => {
    const figures: unknown = JSON.parse(drawn("figures.json"));
    return new Map(Object.entries(figures ?? {}));
  };
  return { text: stdout, drawn, reached };
}
