// No op is left out of the kit.
import { requiredOps } from "@stria/core";
import { allOps } from "@stria/core/all-ops";
import { expect, test } from "vitest";
import { cases } from "../src/cases/index.ts";
import { Random } from "../src/random.ts";

const traceOnly = new Set(["identity", "stopGradient"]);

test("every op has cases", () => {
  expect(Object.keys(cases).toSorted()).toEqual(
    Object.keys(allOps)
      .filter((name) => !traceOnly.has(name))
      .toSorted(),
  );
  for (const name of requiredOps) expect(cases).toHaveProperty(name);
});

test("ops on any shape meet tensors without axes and with 6, and empty axes", () => {
  for (const name of ["neg", "exp", "add", "where", "sum", "reshape", "transpose", "broadcastTo", "pad", "slice"]) {
    const ranks = new Set<number>();
    let empty = 0;
    for (let seed = 0; seed < 100; seed++)
      for (const { shape } of cases[name]?.(new Random(seed)).inputs ?? []) {
        ranks.add(shape.length);
        if (shape.includes(0)) empty++;
      }
    expect({ name, ranks: [...ranks].toSorted((a, b) => a - b), empty: empty > 0 }).toEqual({
      name,
      ranks: [0, 1, 2, 3, 4, 5, 6],
      empty: true,
    });
  }
});
