// The same training in this Node and in the others that are at hand, of which the oldest has no relaxed SIMD: deterministic, the same bits; else the
// same numbers but for rounding.
import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { at } from "@stria/core";
import { afterAll, expect, test } from "vitest";
import { nodesToTry } from "../../tools/src/nodes.ts";
import type { Answer } from "../src/other-nodes/child.ts";

/**
 * Largest difference after five steps, as a share of the largest number of the tensor, or of 0.1 where that is more: shifts begin at 0. A fused
 * multiply-add rounds once instead of twice, which a batch norm that follows a maximum near a tie makes as large as 7e-5.
 */
const tolerance = 5e-4;

const folder = await mkdtemp(join(tmpdir(), "stria-nodes-"));
afterAll(() => rm(folder, { recursive: true }));
const program = join(folder, "child.mjs");
// Older Nodes run no TypeScript.
await build({
  entryPoints: [join(import.meta.dirname, "..", "src", "other-nodes", "child.ts")],
  outdir: folder,
  bundle: true,
  splitting: true,
  format: "esm",
  outExtension: { ".js": ".mjs" },
  platform: "node",
  target: "es2022",
  conditions: ["@stria/source"],
  logLevel: "error",
});

async function answerOf(node: string): Promise<Answer> {
  const { stdout } = await promisify(execFile)(node, [program], { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout) as Answer;
}

const others = (await nodesToTry()).filter(({ path }) => path !== process.execPath);
const none = [
  {
    path: "",
    version: "of another version, left out: there is only the one that runs this (STRIA_NODES names others)",
  },
];
const own = await answerOf(process.execPath);

test("deterministic: the same bits on one thread and on three", () => {
  expect(Object.keys(own.nets)).toEqual(["LeNet-5", "mixed"]);
  for (const { bits } of Object.values(own.nets)) expect(bits).toEqual([bits[0], bits[0]]);
});

test.skipIf(others.length === 0).each(others.length > 0 ? others : none)("Node $version", async ({ path, version }) => {
  const answer = await answerOf(path);
  expect(answer.relaxedMultiplyAdd && Number(version) < 22).toBe(false);
  for (const [name, { bits, losses, state }] of Object.entries(own.nets)) {
    const found = answer.nets[name];
    expect(found?.bits).toEqual(bits);
    for (const [index, wanted] of [losses, ...state].entries()) {
      const got = at([found?.losses ?? [], ...(found?.state ?? [])], index);
      expect(got).toHaveLength(wanted.length);
      const largest = Math.max(...wanted.map(Math.abs), 0.1);
      expect(Math.max(...wanted.map((value, place) => Math.abs(value - at(got, place)))) / largest).toBeLessThan(
        tolerance,
      );
    }
  }
});
