// float16 on WebGPU (the software adapter): stored as bits, moved, and cast by own WGSL; held to the parts of the conformance kit that see it.
import { checkBackend } from "@stria/backend-testkit";
import { webgpu } from "@stria/backend-webgpu";
import { expect, test } from "vitest";

test.each([
  "float16: ",
  "every dtype",
  "op: cast",
  "op: where",
  "op: pad",
  "op: full",
  "op: concat",
  "op: take",
  "op: gather",
])("%s", async (filter) => {
  const { checks } = await checkBackend(() => webgpu(), { filter, rounds: 15 });
  expect(checks.length).toBeGreaterThan(0);
  expect(checks.flatMap(({ faults }) => faults)).toEqual([]);
});
