// `npm run demo` as a user runs it, on as many threads as were asked for at most: what it reached, in what time.
import type { Row } from "../row.ts";
import type { Case } from "./case.ts";
import type { PartOptions } from "./options.ts";
import { nodeOn, processOf } from "./process-of.ts";
import { onThreads } from "./rows.ts";

const title = /^(?<subject>.* images), backend/m;
const closing = /^test accuracy (?<accuracy>[\d.]+) % in (?<epochs>\d+) epochs?, (?<seconds>\d+) s$/m;

/** What the demo printed, as a row. @throws Error where it says no accuracy. */
export function demoRow(text: string, threads: number): Row {
  const subject = title.exec(text)?.groups?.["subject"];
  const { accuracy, epochs, seconds } = closing.exec(text)?.groups ?? {};
  if (subject === undefined || accuracy === undefined) throw new Error(`the demo told no accuracy:\n${text}`);
  return {
    name: `${subject}: stria, ${onThreads(threads)}`,
    figures: { "accuracy %": Number(accuracy), "training s": Number(seconds), epochs: Number(epochs) },
  };
}

/** One run. */
export function casesOf({ threads }: PartOptions): Case[] {
  const count = Math.max(...threads);
  const command = nodeOn("../../../tools/src/demo.ts", "--threads", String(count));
  const measure = async () => ({ rows: [demoRow((await processOf(command)).text, count)], fallen: [] });
  return [{ name: "lenet5", measure }];
}
