// Steps of one stage need nothing of each other, in what they name and in the memory that they are given, and no step comes before what it needs.
import { at } from "@stria/core";
import { expect, test } from "vitest";
import { planMemory } from "../src/program/encode.ts";
import { reusableInputs } from "../src/program/reuse.ts";
import { eachStage, inStages } from "../src/program/stages.ts";
import { ProgramBuilder, type Step } from "../src/program/steps.ts";
import type { Kernel } from "../src/kernels/kernel.ts";
import { Random } from "./support/random.ts";

const kernel: Kernel = { key: "nothing", emit: () => {} };

/** A program of steps that read what some earlier ones wrote, and sometimes write once more what is there; the last of them are results. */
function program(seed: number): { builder: ProgramBuilder; results: number[] } {
  const random = new Random(seed);
  const builder = new ProgramBuilder(2);
  const ids = Array.from({ length: 20 }, (_, index) => builder.input(index));
  const written: number[] = [];
  for (let made = 0; made < 60; made++) {
    const pick = (list: readonly number[]): number => at(list, random.integer(0, list.length - 1));
    const reads = [pick(ids), pick(ids)];
    const again = written.length > 0 && random.integer(0, 5) === 0;
    const target = again ? pick(written) : builder.local(64 * random.integer(1, 40));
    if (!again) {
      ids.push(target);
      written.push(target);
    }
    const units = random.integer(1, 3);
    const sources = reads.filter((read) => read !== target);
    builder.step({
      kernel,
      arguments: [],
      units,
      cost: units === 1 ? 1 : 1e6,
      reads: sources,
      writes: [target],
      inPlace: sources.map((read) => [read, target]),
    });
  }
  return { builder, results: written.slice(-30) };
}

function conflict(a: Step, b: Step): boolean {
  const meets = (x: readonly number[], y: readonly number[]): boolean => x.some((id) => y.includes(id));
  return meets(a.writes, b.reads) || meets(a.reads, b.writes) || meets(a.writes, b.writes);
}

const seeds = Array.from({ length: 20 }, (_, seed) => seed);

test.each(seeds)("random steps %i", (seed) => {
  const { builder, results } = program(seed);
  const before = [...builder.steps];
  const staged = inStages(before);
  const written = (steps: readonly Step[]): (readonly number[])[] => steps.map(({ writes }) => writes);
  expect(new Set(written(staged))).toEqual(new Set(written(before)));
  expect(staged).toHaveLength(before.length);
  const place = (step: Step): number => staged.findIndex(({ writes }) => writes === step.writes);
  const pairs = before.flatMap((step, index) =>
    before.slice(index + 1).flatMap((later) => (conflict(step, later) ? [[place(step), place(later)] as const] : [])),
  );
  for (const [first, second] of pairs) {
    expect(first).toBeLessThan(second);
    expect(at(staged, first).stage).not.toBe(at(staged, second).stage);
  }

  builder.steps.splice(0, before.length, ...staged);
  const { offsets } = planMemory(builder, new Set(results));
  const range = (id: number): [number, number] | undefined => {
    const buffer = at(builder.buffers, id);
    return buffer.kind === "local" && at(offsets, id) >= 0
      ? [at(offsets, id), at(offsets, id) + buffer.bytes]
      : undefined;
  };
  let stages = 0;
  eachStage(staged, (first, end) => {
    stages++;
    const used = [...new Set(staged.slice(first, end).flatMap((step) => [...step.reads, ...step.writes]))];
    const ranges = used
      .map(range)
      .filter((found) => found !== undefined)
      .toSorted(([one], [other]) => one - other);
    for (const [index, [, behind]] of ranges.slice(0, -1).entries())
      expect(at(ranges, index + 1)[0]).toBeGreaterThanOrEqual(behind);
  });
  expect(stages).toBeLessThan(before.length);

  // Where a result takes the memory of an input, nobody reads that input at the same time.
  for (const [result, input] of reusableInputs(builder, results)) {
    const source = builder.buffers.findIndex((buffer) => buffer.kind === "input" && buffer.index === input);
    const writer = staged.find(({ writes }) => writes.includes(result));
    const beside = staged.filter((step) => step !== writer && step.stage === writer?.stage);
    expect(beside.some(({ reads }) => reads.includes(source))).toBe(false);
  }
});
