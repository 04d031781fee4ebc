// Every op's gradient, and its gradient's gradient, against finite differences.
import { beforeAll, describe, expect, it } from "vitest";
import { allOps } from "../../src/all-ops.ts";
import { compile, grad, useBackend } from "../../src/index.ts";
import { reference } from "../../src/reference/index.ts";
import { expectGradient, expectSecondGradient } from "../support/differences.ts";
import { gradientCases } from "./cases.ts";
import { kinkedCases } from "./kinked-cases.ts";

beforeAll(() => useBackend(reference()));

describe.each(gradientCases)("$name", ({ f, inputs }) => {
  it("first gradient", () => expect(expectGradient(f, inputs)).resolves.toBeUndefined());
  it("second gradient", () => expect(expectSecondGradient(f, inputs)).resolves.toBeUndefined());
});

it.each(kinkedCases)("$name", ({ f, inputs }) => expect(expectGradient(f, inputs)).resolves.toBeUndefined());

it("the cases reach every op", () => {
  const reached = new Set<string>(["identity", "stopGradient"]); // simplify removes these two
  for (const { f, inputs } of gradientCases) {
    const first = grad((list: typeof inputs) =>
      f(...list)
        .square()
        .sum(),
    );
    const second = (list: typeof inputs): unknown =>
      grad((x: typeof inputs) =>
        first(x)
          .map((part) => part.square().sum())
          .reduce((a, b) => a.add(b)),
      )(list);
    for (const node of compile((list: typeof inputs) => [f(...list), second(list)]).graph(inputs).nodes)
      reached.add(node.op.name);
  }
  expect(Object.keys(allOps).filter((name) => !reached.has(name))).toEqual([]);
});
