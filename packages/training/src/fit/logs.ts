// Callbacks that write a line for each epoch to a file: CSV and JSON lines.
import { AttributeError, FormatError } from "@stria/core";
import { fileSize, readWhole, writeAt } from "../files.ts";
import type { Callback, EpochReport, Run } from "./callback.ts";

/** What a log says of an epoch. */
interface Entry extends EpochReport {
  readonly steps: number;
  readonly learningRate: number;
}

const lineEnd = 10;

/**
 * A log: lines are added to the file, synced, behind what is there. A checkpoint remembers the length, so that a run that goes on first drops lines of
 * epochs that it makes again, and what a crash left of a line.
 */
function lineLog(
  path: string,
  kind: string,
  linesOf: (entry: Entry, before: Uint8Array) => readonly string[],
): Callback {
  /** Bytes that are there to stay; undefined until the file was looked at. */
  let length: number | undefined;
  return {
    name: `${kind} ${path}`,
    async onStart() {
      length ??= await fileSize(path);
    },
    async onEpochEnd(run, report) {
      const there = (await fileSize(path)) === 0 ? new Uint8Array() : await readWhole(path);
      const before = there.subarray(0, length);
      const unended = before.length > 0 && before.at(-1) !== lineEnd;
      const text = linesOf(entryOf(run, report), before).map((line) => `${line}\n`);
      const bytes = new TextEncoder().encode(`${unended ? "\n" : ""}${text.join("")}`);
      await writeAt(path, before.length, bytes);
      length = before.length + bytes.length;
    },
    save: () => ({ length: length ?? null }),
    restore({ length: saved }) {
      if (saved !== null && typeof saved !== "number")
        throw new FormatError(
          kind,
          "the checkpoint has another state under its name",
          "name the other callback otherwise",
        );
      length = saved ?? undefined;
    },
  };
}

function entryOf({ state }: Run, report: EpochReport): Entry {
  const { steps, optimizer } = state;
  return { ...report, steps, learningRate: optimizer.learningRate(Math.max(0, steps - 1)) };
}

/**
 * One line of JSON for each epoch: epoch, steps, seconds, learningRate (of the last step), loss, metrics, validation; what is no finite number is null.
 * An existing file is added to, and a run that was resumed goes on in it.
 * @throws StriaError when the file cannot be written; no part of a line is left then.
 */
export function jsonLog(path: string): Callback {
  return lineLog(path, "jsonLog", ({ epoch, steps, seconds, learningRate, loss, metrics, validation }) => [
    JSON.stringify({ epoch, steps, seconds, learningRate, loss, metrics, ...(validation && { validation }) }),
  ]);
}

const quoted = (text: string): string => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

/**
 * A table with a row for each epoch: epoch, steps, seconds, learningRate (of the last step), loss, then the metrics that are numbers, and those of the
 * validation behind `validation.`. An existing file is added to, and a run that was resumed goes on in it.
 * @throws AttributeError where the file has other columns; StriaError when it cannot be written, no part of a row is left then.
 */
export function csvLog(path: string): Callback {
  return lineLog(path, "csvLog", ({ epoch, steps, seconds, learningRate, loss, metrics, validation = {} }, before) => {
    const cells = new Map<string, unknown>([
      ...Object.entries({ epoch, steps, seconds, learningRate, loss }),
      ...Object.entries(metrics).filter(([name]) => name !== "loss"),
      ...Object.entries(validation).map(([name, value]) => [`validation.${name}`, value] as const),
    ]);
    const numbers = [...cells].filter((cell): cell is [string, number] => typeof cell[1] === "number");
    const header = numbers.map(([name]) => quoted(name)).join(",");
    const row = numbers.map(([, value]) => String(value)).join(",");
    if (before.length === 0) return [header, row];
    const [found = ""] = new TextDecoder().decode(before).split("\n", 1);
    if (found === header) return [row];
    throw new AttributeError(
      "csvLog",
      `${path} has the columns ${found}, the run has ${header}`,
      "write to another file, or move this one away",
    );
  });
}
