// The runner itself: it must see what is wrong, refuse to guess, and take any folder in the format.
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostTensor } from "@stria/core";
import { encodeSafetensors } from "@stria/core/safetensors";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CaseResult, Outcome } from "../src/golden/outcome.ts";
import { summaryLine, totalsOf, unsupportedLines } from "../src/golden/report.ts";
import { runGoldens } from "../src/golden/run.ts";
import { worstDeviation } from "../src/golden/tolerance.ts";
import { matches } from "../src/golden/unsupported-list.ts";
import { ownGoldens } from "../src/setting.ts";

let folder = "";

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "stria-golden-"));
});

afterAll(() => rmSync(folder, { recursive: true }));

const line = {
  call: "torch.mul",
  args: {},
  inputs: ["input", "other"],
  outputs: ["output"],
  grads: ["input"],
  rtol: 1e-5,
  atol: 1e-6,
};

function vector(...values: number[]): HostTensor {
  return { dtype: "float32", shape: [values.length], data: Float32Array.from(values) };
}

/** A folder with one golden file: the product of [1, 2] and [3, 4], and what is changed of it. */
function product(name: string, changes: object, tensors: Record<string, HostTensor> = {}): string {
  const own = join(folder, name);
  mkdirSync(own, { recursive: true });
  writeFileSync(join(own, "ops-own.json"), JSON.stringify({ cases: [{ id: "a", ...line, ...changes }] }));
  const stored = {
    "a/in/input": vector(1, 2),
    "a/in/other": vector(3, 4),
    "a/out/output": vector(3, 8),
    "a/cotangent/output": vector(1, -1),
    "a/grad/input": vector(3, -4),
  };
  writeFileSync(
    join(own, "ops-own.safetensors"),
    encodeSafetensors(new Map(Object.entries({ ...stored, ...tensors }))),
  );
  return own;
}

async function run(path: string, filter?: string): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  for await (const result of runGoldens(path, { backend: "reference", filter })) results.push(result);
  return results;
}

/** Outcomes of the cases of some folders, one after the other: a run changes the default backend. */
async function statusesOf(paths: readonly string[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const path of paths) for (const { outcome } of await run(path)) outcomes.push(outcome);
  return outcomes;
}

describe("a case", () => {
  test("passes when outputs and gradients agree", async () => {
    expect(await statusesOf([product("right", {})])).toEqual([{ status: "passed" }]);
  });

  test("fails by an output, a gradient, a shape or a missing tensor, and says which", async () => {
    const reasons = await statusesOf([
      product("output", {}, { "a/out/output": vector(3, 8.001) }),
      product("gradient", {}, { "a/grad/input": vector(3, -4.001) }),
      product("shape", {}, { "a/out/output": vector(3) }),
      product("missing", { inputs: ["input", "nothing"] }),
    ]);
    expect(reasons).toEqual([
      {
        status: "failed",
        reason: "out/output[1] is 8, golden 8.00100040435791: off by 0.00100, 11.4 times what is allowed",
      },
      {
        status: "failed",
        reason: "grad/input[1] is -4, golden -4.000999927520752: off by 0.00100, 22.7 times what is allowed",
      },
      { status: "failed", reason: "out/output has shape [2], golden [1]" },
      { status: "failed", reason: 'Error: the file has no tensor "a/in/nothing"' },
    ]);
  });

  test("is unsupported when the call, an argument or the expression is not known", async () => {
    const reasons = await statusesOf([
      product("call", { call: "torch.frobnicate" }),
      product("argument", { args: { rounding: "up" } }),
      product("expression", { call: "crelu", expression: "torch.cat([input, input], 1)" }),
    ]);
    expect(reasons).toEqual([
      { status: "unsupported", what: "torch.frobnicate" },
      { status: "unsupported", what: "torch.mul with rounding" },
      { status: "unsupported", what: "crelu: torch.cat([input, input], 1)" },
    ]);
  });
});

describe("a folder", () => {
  test("may hold kinds that nobody knows, and files that are no JSON", async () => {
    const own = product("kinds", {});
    mkdirSync(join(own, "models"));
    writeFileSync(join(own, "models", "net.json"), "{}");
    writeFileSync(join(own, "novel.json"), JSON.stringify({ cases: [{ id: "x" }, { id: "y" }] }));
    writeFileSync(join(own, "broken.json"), "{");
    const results = await run(own);
    expect(summaryLine(totalsOf(results))).toBe("1 passed, 1 failed, 3 unsupported");
    expect(unsupportedLines(results)).toEqual([
      'unsupported  golden files of the kind "novel"  (2)',
      'unsupported  golden files of the kind "models"  (1)',
    ]);
  });

  test("is filtered by file path or id", async () => {
    copyFileSync(join(ownGoldens, "schedules.json"), join(product("filter", {}), "schedules.json"));
    const own = join(folder, "filter");
    expect((await run(own, "ops-own")).map(({ id }) => id)).toEqual(["a"]);
    expect((await run(own, "cosine")).map(({ id }) => id)).toEqual(["cosine", "cosine/again", "warm-up-cosine"]);
    expect((await run(own, "schedules")).length).toBe(28);
  });
});

test("tolerance: atol grows with the largest golden, nan agrees with nan, infinities with themselves", () => {
  const tolerance = { rtol: 1e-3, atol: 1e-3 };
  expect(worstDeviation([0.0099], [0.001, 10], tolerance).ratio).toBe(Infinity);
  expect(worstDeviation([0.0099, 10], [0.001, 10], tolerance).ratio).toBeCloseTo(0.89, 2);
  expect(worstDeviation([Number.NaN, Infinity, 0], [Number.NaN, Infinity, -0], tolerance).ratio).toBe(0);
  expect(worstDeviation([1], [Number.NaN], tolerance).ratio).toBe(Infinity);
  expect(worstDeviation([-Infinity], [Infinity], tolerance).ratio).toBe(Infinity);
});

test("patterns of the lists of what is unsupported", () => {
  const gap = { part: "grad2", cause: "" } as const;
  expect(matches({ ...gap, id: "conv2d/*" }, "conv2d/1x1")).toBe(true);
  expect(matches({ ...gap, id: "conv2d" }, "conv2d/1x1")).toBe(false);
  expect(matches({ ...gap, id: "a.b" }, "axb")).toBe(false);
});
