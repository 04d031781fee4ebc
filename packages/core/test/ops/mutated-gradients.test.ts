// Flips every sign in every gradient rule, one at a time: some gradient check has to notice.
import { beforeAll, describe, expect, it } from "vitest";
import { allOps } from "../../src/all-ops.ts";
import { type Tensor, compile, grad, useBackend } from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";
import { expectSecondGradient, gradientCheck } from "../support/differences.ts";
import { withFlippedSigns } from "../support/gradient-mutants.ts";
import { type Case, gradientCases } from "./cases.ts";
import { kinkedCases } from "./kinked-cases.ts";

const allCases = [...gradientCases, ...kinkedCases];

/** The names of the ops in the forward graph of a case, and of those in its gradient. */
const graphs = new Map<Case, { readonly forward: ReadonlySet<string>; readonly gradient: ReadonlySet<string> }>();

const checks = new Map(allCases.map((test) => [test, gradientCheck(test.f, test.inputs)]));

beforeAll(async () => {
  await useBackend(reference());
  for (const test of allCases) {
    const names = (f: (list: readonly Tensor[]) => unknown): Set<string> =>
      new Set(
        compile(f)
          .graph(test.inputs)
          .nodes.map(({ op }) => op.name),
      );
    const total = (list: readonly Tensor[]): Tensor =>
      test
        .f(...list)
        .square()
        .sum();
    graphs.set(test, { forward: names((list) => test.f(...list)), gradient: names((list) => grad(total)(list)) });
  }
});

async function checkOf(test: Case): Promise<void> {
  const check = checks.get(test);
  if (check === undefined) throw new Error("a case has no check");
  await check();
}

async function holds(check: Promise<void>): Promise<boolean> {
  try {
    await check;
    return true;
  } catch {
    return false;
  }
}

/** Ops whose gradient is zero everywhere, or that only stand in a trace: there is no sign to flip. */
const withoutSigns =
  "argMax argSort cast ceil equal floor full iota less lessEqual logicalAnd logicalNot round scatterPlaces sign stopGradient";

const ops = Object.values(allOps).filter((op) => op.vjp !== undefined);

describe.each(ops)("$name", (op) => {
  /** Where the op is in the forward graph; where it only comes up in gradients of gradients, everywhere. */
  const casesOf = (graph: "forward" | "gradient"): readonly Case[] => {
    const found = allCases.filter((test) => graphs.get(test)?.[graph].has(op.name));
    return found.length > 0 ? found : allCases;
  };

  it("a flipped sign in its gradient is noticed", async () => {
    const { survivors, count } = await withFlippedSigns(op, async () => {
      for (const test of casesOf("forward")) if (!(await holds(checkOf(test)))) return false;
      for (const { f, inputs } of casesOf("gradient").filter((test) => gradientCases.includes(test)))
        if (!(await holds(expectSecondGradient(f, inputs)))) return false;
      return true;
    });
    expect(survivors).toEqual([]);
    expect(count === 0).toBe(withoutSigns.split(" ").includes(op.name));
  });
});
