// Augmentation against torchvision, albumentations and papers: images, masks, boxes, key points, policies; and that the runner sees what is wrong.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { HostTensor } from "@stria/core";
import { encodeSafetensors } from "@stria/core/safetensors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { goldenFiles, readGolden } from "../src/golden/files.ts";
import { pendingCases } from "../src/golden/kinds.ts";
import type { Outcome } from "../src/golden/outcome.ts";
import { openBackend } from "../src/golden/backends.ts";
import { largeGoldens } from "../src/setting.ts";

const context = { slack: 1, gaps: [] };
const groups = { "vision-augmentation.json": 135, "vision-targets.json": 20, "vision-policies.json": 67 };

beforeAll(async () => {
  await openBackend("reference"); // for gradients
});

async function outcomesOf(folder: string, name: string): Promise<{ readonly id: string; readonly outcome: Outcome }[]> {
  const found: { readonly id: string; readonly outcome: Outcome }[] = [];
  for (const file of goldenFiles(folder).filter((one) => one.name === name))
    for (const { id, run } of pendingCases(file, readGolden(file), context)) found.push({ id, outcome: await run() });
  return found;
}

describe.skipIf(largeGoldens() === undefined)("left out where ../shared is missing:", () => {
  it.each(Object.entries(groups))("all of %s", async (name, least) => {
    const outcomes = await outcomesOf(largeGoldens() ?? "", name);
    expect(outcomes.length).toBeGreaterThanOrEqual(least);
    expect(outcomes.filter(({ outcome }) => outcome.status !== "passed")).toEqual([]);
  });
});

describe("the runner", () => {
  const folder = mkdtempSync(join(tmpdir(), "stria-vision-"));
  afterAll(() => rmSync(folder, { recursive: true }));

  const image: HostTensor = { dtype: "float32", shape: [1, 3, 3], data: Float32Array.from({ length: 9 }, (_, i) => i) };
  const turned = [2, 5, 8, 1, 4, 7, 0, 3, 6]; // counter-clockwise
  const back = [6, 3, 0, 7, 4, 1, 8, 5, 2]; // the gradient turns the cotangent clockwise
  const good = {
    id: "a",
    call: "torchvision.transforms.v2.functional.rotate",
    args: { angle: 90, interpolation: "bilinear" },
    inputs: ["image"],
    outputs: ["image"],
    grads: ["image"],
    rtol: 0,
    atol: 1e-6,
  };
  const floats = (data: readonly number[]): HostTensor => ({ ...image, data: Float32Array.from(data) });
  const tensors = {
    "a/in/image": image,
    "a/out/image": floats(turned),
    "a/cotangent/image": image,
    "a/grad/image": floats(back),
  };

  async function outcomeOf(changes: object, others: Record<string, HostTensor> = {}): Promise<Outcome | undefined> {
    writeFileSync(join(folder, "vision-own.json"), JSON.stringify({ cases: [{ ...good, ...changes }] }));
    const all = new Map(Object.entries({ ...tensors, ...others }));
    writeFileSync(join(folder, "vision-own.safetensors"), encodeSafetensors(all));
    const [first] = await outcomesOf(folder, "vision-own.json");
    return first?.outcome;
  }

  it("passes what agrees, and sees an output, a shape and a gradient that do not", async () => {
    expect(await outcomeOf({})).toEqual({ status: "passed" });
    expect(await outcomeOf({}, { "a/out/image": floats(turned.with(4, 4.001)) })).toEqual({
      status: "failed",
      reason: "image[4] is 4, golden 4.000999927520752: off by 0.00100, allowed 0.000001 (1 of 9)",
    });
    expect(await outcomeOf({}, { "a/out/image": { ...image, shape: [1, 1, 9] } })).toEqual({
      status: "failed",
      reason: "image has shape [1, 3, 3], golden [1, 1, 9]",
    });
    expect(await outcomeOf({}, { "a/grad/image": floats(back.with(0, 6.1)) })).toMatchObject({ status: "failed" });
    expect(await outcomeOf({ atols: { image: 1 } }, { "a/out/image": floats(turned.with(0, 2.9)) })).toEqual({
      status: "passed",
    });
  });

  it("holds the proper output where a library errs, and refuses to guess", async () => {
    const outputs = { outputs: ["image", "proper"] };
    expect(await outcomeOf(outputs, { "a/out/image": image, "a/out/proper": floats(turned) })).toEqual({
      status: "passed",
    });
    expect(await outcomeOf(outputs, { "a/out/proper": image })).toMatchObject({ status: "failed" });
    const unsupported = async (changes: object): Promise<string> => {
      const outcome = await outcomeOf(changes);
      return outcome?.status === "unsupported" ? outcome.what : "";
    };
    expect(await unsupported({ call: "novel" })).toBe("novel");
    expect(await unsupported({ args: { ...good.args, gamma: 2 } })).toBe(`${good.call} with gamma`);
    expect(await unsupported({ outputs: ["flow"] })).toBe(`output flow of ${good.call}`);
    expect(await unsupported({ args: { angle: 90, interpolation: "bicubic" } })).toContain("bicubic");
    expect(await unsupported({ args: { ...good.args, fill: 1 } })).toBe(`gradients of ${good.call}`);
  });

  it("compares tables of magnitudes and policies", async () => {
    const head = {
      tables: {
        RandAugment: {
          bins: 3,
          height: 331,
          width: 662,
          operations: { ShearX: { signed: true, magnitudes: [0, 0.15, 0.3] } },
        },
      },
      policies: { SVHN: [] },
      cases: [],
    };
    writeFileSync(join(folder, "vision-own.json"), JSON.stringify(head));
    const outcomes = await outcomesOf(folder, "vision-own.json");
    expect(outcomes.map(({ id, outcome }) => `${id} ${outcome.status}`)).toEqual([
      "tables/RandAugment failed", // it has other operations too
      "policies/SVHN failed",
    ]);
  });
});
