// The flags that every example takes, and where its pictures go.
import { mkdirSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

export interface Setting {
  /** Whether only to show that it works: little data, no time. Then results mean nothing. */
  readonly quick: boolean;
  readonly epochs: number;
  /** The path of a file that the example writes. */
  file(name: string): string;
}

/** What the command line says. The tests pass `--quick`: one epoch, unless `--epochs` asks for more. */
export function setting({ epochs }: { readonly epochs: number }): Setting {
  const program = dirname(process.argv[1] ?? "example/main.ts");
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      epochs: { type: "string" },
      out: { type: "string" },
    },
  });
  const number = Number(values.epochs ?? (values.quick ? 1 : epochs));
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError(`--epochs ${values.epochs}: use 1 or more`);
  const folder =
    values.out === undefined
      ? join(dirname(program), "out", basename(program))
      : resolve(process.env["INIT_CWD"] ?? ".", values.out);
  mkdirSync(folder, { recursive: true });
  return { quick: values.quick, epochs: number, file: (name) => join(folder, name) };
}

/** Writes a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A share as people read it: 0.9213 is "92.13 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
