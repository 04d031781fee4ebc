// Elementwise steps of one kind become one step that walks a list of them: small ones, and large ones that nobody waits for. An optimizer updates all its
// parameters at once, and threads meet once instead of a hundred times.
import { at } from "@stria/core";
import { grainOf, type BufferId, type Segment, type Step } from "./steps.ts";

/** Steps that wait for others of their kind. */
class Waiting {
  readonly steps: { readonly step: Step; readonly segment: Segment }[] = [];
  readonly #reads = new Set<BufferId>();
  readonly #writes = new Set<BufferId>();

  add(step: Step, segment: Segment): void {
    this.steps.push({ step, segment });
    for (const buffer of step.reads) this.#reads.add(buffer);
    for (const buffer of step.writes) this.#writes.add(buffer);
  }

  /** Whether a step may not overtake these. */
  holds({ reads, writes }: Step): boolean {
    return (
      reads.some((buffer) => this.#writes.has(buffer)) ||
      writes.some((buffer) => this.#reads.has(buffer) || this.#writes.has(buffer))
    );
  }

  merged(threads: number): Step {
    const [{ step, segment }, ...others] = [at(this.steps, 0), ...this.steps.slice(1)];
    if (others.length === 0) return step;
    const steps = this.steps.map((entry) => entry.step);
    const reads = steps.flatMap((one) => one.reads);
    const cost = this.steps.reduce((sum, entry) => sum + entry.segment.cost, 0);
    const parts = this.steps.flatMap((entry) => entry.segment.parts);
    return {
      kernel: segment.kernel,
      arguments: parts.flat(),
      units: parts.length,
      grain: grainOf(threads, parts.length, cost),
      scratchBytes: 0,
      reads,
      writes: steps.flatMap((one) => one.writes),
      // What two of them read stays as it is until both are done.
      inPlace: steps
        .flatMap((one) => one.inPlace ?? [])
        .filter(([read]) => reads.filter((buffer) => buffer === read).length === 1),
      nodes: [...new Set(steps.flatMap((one) => one.nodes))],
    };
  }
}

const nothing: ReadonlySet<BufferId> = new Set();

/**
 * The steps, with small ones put off until one needs them or nothing follows, and done together then; large ones where they write nothing but results. What
 * waits never needs what else waits.
 */
export function mergeSteps(steps: readonly Step[], threads: number, results: ReadonlySet<BufferId> = nothing): Step[] {
  const done: Step[] = [];
  const waiting = new Map<string, Waiting>();
  for (const step of steps) {
    for (const [key, group] of waiting) {
      if (!group.holds(step)) continue;
      waiting.delete(key);
      done.push(group.merged(threads));
    }
    if (!step.segment || (step.segment.isLarge && !step.writes.every((buffer) => results.has(buffer)))) {
      done.push(step);
      continue;
    }
    const { key } = step.segment.kernel;
    const group = waiting.get(key) ?? new Waiting();
    group.add(step, step.segment);
    waiting.set(key, group);
  }
  for (const group of waiting.values()) done.push(group.merged(threads));
  return done;
}
