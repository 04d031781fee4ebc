// Damaged files, one after the other: every reader must give tensors or refuse, by an error of its own.
import { FormatError, StriaError, streamKey } from "@stria/core";
import { Dice, mutated } from "./mutate.ts";
import { type Subject, useFile } from "./subjects.ts";

/** A damaged file that did harm; the number and the seed make it again. */
export interface Finding {
  readonly number: number;
  readonly file: string;
  readonly what: string;
}

export interface Fuzzed {
  readonly read: number;
  readonly refused: number;
  readonly findings: readonly Finding[];
  /** Processor time of the slowest, in seconds, and its number. */
  readonly slowest: readonly [seconds: number, number: number];
}

/** Damaged file `number` of a seed. */
export function damagedFile(
  subjects: readonly Subject[],
  seed: number,
  number: number,
): [Subject, Uint8Array, boolean] {
  const dice = new Dice(streamKey(seed, "fuzz", number));
  const [first] = subjects;
  if (first === undefined) throw new Error("there is nothing to fuzz");
  const draw = (): Subject => subjects[dice.below(subjects.length)] ?? first;
  const subject = draw();
  return [subject, mutated(subject.bytes, draw().bytes, dice), dice.below(8) === 0];
}

/** Reads the damaged files of the numbers from `from` to before `to`; `before` is called with the number of each. */
export async function fuzz(
  subjects: readonly Subject[],
  seed: number,
  from: number,
  to: number,
  before: (number: number) => void = () => undefined,
): Promise<Fuzzed> {
  const ownNames = (): number => Reflect.ownKeys(Object.prototype).length;
  const untouched = ownNames();
  const findings: Finding[] = [];
  let [read, refused] = [0, 0];
  let slowest: readonly [number, number] = [0, from];
  for (let number = from; number < to; number++) {
    before(number);
    const [subject, damaged, byContent] = damagedFile(subjects, seed, number);
    const find = (what: string): void => void findings.push({ number, file: subject.file, what });
    const start = process.cpuUsage();
    try {
      await useFile(subject, damaged, byContent);
      read++;
    } catch (error) {
      refused++;
      if (!(error instanceof StriaError)) find(error instanceof Error ? (error.stack ?? error.message) : String(error));
      else if (!(error instanceof FormatError)) find(`${error.name}: ${error.message}`);
    }
    const { user, system } = process.cpuUsage(start);
    if ((user + system) / 1e6 > slowest[0]) slowest = [(user + system) / 1e6, number];
    if (ownNames() !== untouched) find("a prototype has another property");
  }
  return { read, refused, findings, slowest };
}
