// What of a case misses, in words: single numbers, samples of tensors, whole tensors.
import { type Json, asList, asNumbers } from "./json.ts";
import type { Outcome, Part } from "./outcome.ts";

export class Judge {
  readonly misses: string[] = [];
  /** What is worth saying of what agrees. */
  readonly notes: string[] = [];
  readonly parts: Part[] = [];
  /** Of the misses, those of gradients that ties may explain although no pass that was tried has met the golden. */
  ties = 0;

  /** |found - golden| <= allowed. */
  check(name: string, found: number, golden: number, allowed: number): void {
    const error = Math.abs(found - golden);
    if (!(error <= allowed))
      this.misses.push(
        `${name} is ${found}, golden ${golden}: off by ${error.toPrecision(3)}, ${(error / allowed).toPrecision(3)} times what is allowed`,
      );
  }

  /** Both are the same when written down. @returns whether they are. */
  same(name: string, found: unknown, golden: unknown): boolean {
    const [a, b] = [JSON.stringify(found), JSON.stringify(golden)];
    if (a !== b) this.misses.push(`${name} is ${a}, golden ${b}`);
    return a === b;
  }

  /** Runs a part of a case that is told apart in the report. */
  async part(name: string, run: () => Promise<void> | void): Promise<void> {
    const [start, before] = [performance.now(), this.misses.length];
    await run();
    const seconds = Number(((performance.now() - start) / 1000).toFixed(3));
    this.parts.push({ name, seconds, misses: this.misses.length - before });
  }

  /** The first miss, and how many there are. */
  outcome(): Outcome {
    const { parts, notes } = this;
    const [first] = this.misses;
    if (first === undefined) return { status: "passed", parts, notes };
    const reason = this.misses.length === 1 ? first : `${first} (and ${this.misses.length - 1} more)`;
    return { status: "failed", reason, parts, mayBeTies: this.ties === this.misses.length };
  }
}

/** `[flat index, value]` of a tensor's numbers. */
export function judgeSamples(
  judge: Judge,
  name: string,
  data: ArrayLike<number>,
  samples: Json | undefined,
  allowed: number,
): void {
  for (const sample of asList(samples, `samples of ${name}`)) {
    const [place = 0, expected = 0] = asNumbers(sample, "a sample");
    judge.check(`${name}[${place}]`, data[place] ?? Number.NaN, expected, allowed);
  }
}

export function largestOf(data: ArrayLike<number>): number {
  let largest = 0;
  for (let index = 0; index < data.length; index++) largest = Math.max(largest, Math.abs(data[index] ?? 0));
  return largest;
}

/** The sum of a function of each number. */
export function total(data: ArrayLike<number>, term: (value: number) => number): number {
  let sum = 0;
  for (let index = 0; index < data.length; index++) sum += term(data[index] ?? 0);
  return sum;
}
