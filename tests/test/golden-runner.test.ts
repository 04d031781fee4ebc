// The runner itself: it must see what is wrong, refuse to guess, and take any folder in the format.
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** A folder with the golden of LeNet-5, in which one text is replaced by another. */
function lenet5With(before: string, after: string): string {
  const own = mkdtempSync(join(folder, "lenet5-"));
  mkdirSync(join(own, "models"));
  const [from, to] = [join(ownGoldens, "models"), join(own, "models")];
  const text = readFileSync(join(from, "lenet5.json"), "utf8");
  expect(text).toContain(before);
  writeFileSync(join(to, "lenet5.json"), text.replace(before, after));
  copyFileSync(join(from, "lenet5.safetensors"), join(to, "lenet5.safetensors"));
  return own;
}

describe("a model", () => {
  test.each([
    ["parameters", '"parameters": 61706', '"parameters": 61707', "the number of parameters is 61706, golden 61707"],
    ["multiply-adds", '"macs": 416520', '"macs": 416521', "the number of multiply-adds is 416520, golden 416521"],
    [
      "key",
      '["fc2.bias", [84]',
      '["fc2.b", [84]',
      'entry 7 of the state dict is ["fc2.bias",[84],"float32"], golden ["fc2.b"',
    ],
    ["shape", '["fc2.bias", [84]', '["fc2.bias", [85]', "entry 7 of the state dict"],
    ["output", "[1, 0.516038656]", "[1, 0.516238656]", "output logits[1] is 0.51603"],
    ["mean of an output", '"mean": -0.132607944', '"mean": -0.132807944', "mean of output logits is -0.1326"],
    ["stage", "[51, -0.45628503]", "[51, -0.45648503]", "stage pool1[51] is -0.45628"],
    ["name of a stage", '"name": "pool2"', '"name": "pool3"', 'the model has no layer "pool3"'],
    ["loss", '"loss": 2.63779874776', '"loss": 2.638799', "train: the loss is 2.63779"],
    ["gradient", "[144, 0.0415554866]", "[144, 0.0415754866]", "train: gradient of conv1.weight[144] is 0.04155"],
    ["norm", '"norm": 0.389670777', '"norm": 0.389770777', "norm of train: gradient of fc3.bias is 0.38967"],
    [
      "gradient of the input",
      "[801, -0.00126985763]",
      "[801, -0.00128985763]",
      "train: gradient of <input>[801] is -0.001269",
    ],
    [
      "parameter without gradient",
      '"fc3.bias": {"norm"',
      '"fc4.bias": {"norm"',
      'with a gradient and none in the golden is ["fc3.bias"], golden []',
    ],
    ["fill", '"fill_prefix": ""', '"fill_prefix": "x."', "stage conv1"],
  ])("that differs in its %s fails", async (_, before, after, reason) => {
    const [outcome] = await statusesOf([lenet5With(before, after)]);
    expect(outcome?.status === "failed" ? outcome.reason : outcome).toContain(reason);
  });

  test("that the zoo lacks, or an option or a loss that nobody knows, is unsupported", async () => {
    expect(
      await statusesOf([
        lenet5With("published.LeNet5", "published.LeNet6"),
        lenet5With('"options": {}', '"options": {"leaky": true}'),
        lenet5With("mean cross-entropy of the logits", "hinge"),
      ]),
    ).toEqual([
      { status: "unsupported", what: "models of published.LeNet6" },
      { status: "unsupported", what: "models of published.LeNet5 with leaky" },
      { status: "unsupported", what: 'models with the loss "hinge"' },
    ]);
  });

  test("of other classes and channels is built from its options, and a list of sizes is compared", async () => {
    const own = mkdtempSync(join(folder, "sizes-"));
    mkdirSync(join(own, "models"));
    const resnet = { source: "published.CifarResNet", macs_input: [1, 3, 32, 32] };
    const sizes = [
      { name: "a", ...resnet, options: { depth: 32 }, parameters: 464154, macs: 68862592 },
      { name: "b", ...resnet, options: { num_classes: 7 }, parameters: 269722 - 3 * 65, macs: 40551040 - 3 * 64 },
      { name: "c", ...resnet, options: { depth: 32 }, parameters: 464155, macs: 68862592 },
      { name: "novel", options: {}, parameters: 1, macs: 1, macs_input: [1, 3, 32, 32] },
    ];
    writeFileSync(join(own, "models", "sizes.json"), JSON.stringify(sizes));
    expect((await run(own)).map(({ id, outcome }) => `${id} ${outcome.status}`)).toEqual([
      "sizes/a passed",
      "sizes/b passed",
      "sizes/c failed",
      "sizes/novel unsupported",
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
      "unsupported  what models/net.json says of models  (1)",
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
