// A gradient that misses by a tie is told from one that is wrong.
import { expect, test } from "vitest";
import { Judge } from "../src/golden/judge.ts";
import type { Passes } from "../src/golden/model-passes.ts";
import { PassVerdict, judgeThroughTies } from "../src/golden/ties.ts";

type Lists = "values" | "gradients" | "coarse";

/** Judges passes of which `missing` says which lists of the verdict have a miss. */
async function judged(
  missing: (number: number) => readonly Lists[],
  isContinuous = true,
): Promise<{ misses: readonly string[]; notes: readonly string[]; runs: number }> {
  const judge = new Judge();
  let runs = 0;
  const passes: Passes = {
    isContinuous,
    clear: () => undefined,
    run: (number) => {
      runs++;
      return Promise.resolve({ value: number, outputs: [], gradients: new Map() });
    },
  };
  await judgeThroughTies(judge, "train", passes, ({ value }) => {
    const verdict = new PassVerdict();
    for (const list of missing(value)) verdict[list].misses.push(`${list} ${value}`);
    return Promise.resolve(verdict);
  });
  return { misses: judge.misses, notes: judge.notes, runs };
}

test("a pass that agrees is the only one", async () => {
  expect(await judged(() => [])).toEqual({ misses: [], notes: [], runs: 1 });
});

test("gradients that agree on the other side of a tie pass, and a note says so", async () => {
  const { misses, notes, runs } = await judged((number) => (number < 3 ? ["gradients"] : []));
  expect([misses, runs]).toEqual([[], 4]);
  expect(notes).toEqual(["train: 1 figures of gradients miss by a tie; disturbed by 1e-6 (3), the pass agrees"]);
});

test("gradients that are wrong on every side stay wrong", async () => {
  expect(await judged(() => ["gradients"])).toEqual({ misses: ["gradients 0"], notes: [], runs: 25 });
});

test.for<[string, Lists, boolean]>([
  ["outputs", "values", true],
  ["norms that are off by more", "coarse", true],
  ["gradients for tokens, which cannot be disturbed,", "gradients", false],
])("%s are not excused by ties", async ([, list, isContinuous]) => {
  const found = await judged((number) => (number === 0 ? [list, "gradients"] : []), isContinuous);
  expect([found.runs, found.misses.includes("gradients 0"), found.notes]).toEqual([1, true, []]);
});

test("what ties may explain is told from what they may not", async () => {
  const outcomeOf = async (lists: readonly Lists[], others: readonly string[] = []): Promise<unknown> => {
    const judge = new Judge();
    const passes: Passes = {
      isContinuous: true,
      clear: () => undefined,
      run: (number) => Promise.resolve({ value: number, outputs: [], gradients: new Map() }),
    };
    await judgeThroughTies(judge, "vjp", passes, () => {
      const verdict = new PassVerdict();
      for (const list of lists) verdict[list].misses.push(list);
      return Promise.resolve(verdict);
    });
    judge.misses.push(...others);
    return judge.outcome();
  };
  expect(await outcomeOf(["gradients"])).toMatchObject({ status: "failed", mayBeTies: true });
  expect(await outcomeOf(["gradients", "values"])).toMatchObject({ status: "failed", mayBeTies: false });
  expect(await outcomeOf(["gradients", "coarse"])).toMatchObject({ status: "failed", mayBeTies: false });
  expect(await outcomeOf(["gradients"], ["the number of parameters"])).toMatchObject({ mayBeTies: false });
});
