// The flags that every example takes, and where its pictures go.
import { mkdirSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";

export interface Setting {
  /** Whether only to show that it works: little data, no time. Then results mean nothing. */
  readonly quick: boolean;
  readonly epochs: number;
  /** Of first values, order and augmentation; which examples are held out does not depend on it. */
  readonly seed: number;
  readonly threads: number;
  /** The path of a file that the example writes. */
  file(name: string): string;
  /** Writes shares that were reached, by name, into `figures.json` beside the pictures: for benchmarks. */
  keep(figures: Readonly<Record<string, number>>): void;
}

function wholeNumber(flag: string, value: string | number): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number) || number < 1) throw new RangeError(`${flag} ${value}: use 1 or more`);
  return number;
}

/** What the command line says. The tests pass `--quick`: one epoch, unless `--epochs` asks for more. */
export function setting({ epochs }: { readonly epochs: number }): Setting {
  const program = dirname(process.argv[1] ?? "example/main.ts");
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      epochs: { type: "string" },
      seed: { type: "string", default: "1" },
      threads: { type: "string" },
      out: { type: "string" },
    },
  });
  const folder =
    values.out === undefined
      ? join(dirname(program), "out", basename(program))
      : resolve(process.env["INIT_CWD"] ?? ".", values.out);
  mkdirSync(folder, { recursive: true });
  const file = (name: string): string => join(folder, name);
  return {
    quick: values.quick,
    epochs: wholeNumber("--epochs", values.epochs ?? (values.quick ? 1 : epochs)),
    seed: wholeNumber("--seed", values.seed),
    threads: wholeNumber("--threads", values.threads ?? availableParallelism()),
    file,
    keep: (figures) => writeFileSync(file("figures.json"), `${JSON.stringify(figures, null, 2)}\n`),
  };
}

/** Writes a line. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A share as people read it: 0.9213 is "92.13 %". */
export function percent(share: number): string {
  return `${(100 * share).toFixed(2)} %`;
}
