// Steps that need nothing of each other are a stage: threads take work from all of them and wait for each other once. Small steps that one thread does
// alone come forward to a stage where others have something else to do meanwhile.
import { at } from "@stria/core";
import type { BufferId, Step } from "./steps.ts";

/** Steps behind a stage that are looked through for what could come forward into it. */
const lookAhead = 16;

/** What some steps read and write. */
class Touched {
  readonly #reads = new Set<BufferId>();
  readonly #writes = new Set<BufferId>();

  add({ reads, writes }: Step): void {
    for (const buffer of reads) this.#reads.add(buffer);
    for (const buffer of writes) this.#writes.add(buffer);
  }

  /** Whether a step may neither overtake them nor run beside them. */
  holds({ reads, writes }: Step): boolean {
    return (
      reads.some((buffer) => this.#writes.has(buffer)) ||
      writes.some((buffer) => this.#reads.has(buffer) || this.#writes.has(buffer))
    );
  }
}

/** The steps in an order in which their stages follow one another, each with the number of its stage. What comes forward is small, and so is what it writes. */
export function inStages(steps: readonly Step[]): Step[] {
  const waiting = [...steps];
  const done: Step[] = [];
  for (let stage = 0; waiting.length > 0; stage++) {
    const together = [at(waiting, 0)];
    const passed: Step[] = [];
    // Those of the stage and those passed by.
    const before = new Touched();
    before.add(at(waiting, 0));
    let looked = 1;
    for (; looked < waiting.length && passed.length < lookAhead; looked++) {
      const step = at(waiting, looked);
      const joins = (passed.length === 0 || step.units <= step.grain) && !before.holds(step);
      (joins ? together : passed).push(step);
      before.add(step);
    }
    waiting.splice(0, looked, ...passed);
    // What is divided first: what is not fills the time of those who are done with it.
    const isDivided = ({ units, grain }: Step): boolean => units > grain;
    for (const wanted of [true, false])
      for (const step of together) if (isDivided(step) === wanted) done.push({ ...step, stage });
  }
  return done;
}

/** Whether two steps that follow one another run at the same time. */
export function areTogether(one: Pick<Step, "stage"> | undefined, next: Pick<Step, "stage"> | undefined): boolean {
  return one?.stage !== undefined && one.stage === next?.stage;
}

/** Calls `action` with the first step of each stage and the one behind the last. A step that is in no stage is one by itself. */
export function eachStage(steps: readonly Pick<Step, "stage">[], action: (first: number, end: number) => void): void {
  for (let first = 0, end = 1; first < steps.length; first = end++) {
    while (areTogether(steps[end - 1], steps[end])) end++;
    action(first, end);
  }
}
