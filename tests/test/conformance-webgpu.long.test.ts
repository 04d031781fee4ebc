// WebGPU, on the software adapter, held to the kit.
import { webgpu } from "@stria/backend-webgpu";
import { checkBackend } from "@stria/backend-testkit";
import { expect, test } from "vitest";

test("webgpu conforms", async () => {
  // Shading languages allow several units in the last place, as the goldens' tolerance for this backend has it.
  const report = await checkBackend(() => webgpu(), { slack: 10 });
  expect(report.checks.filter(({ faults }) => faults.length > 0)).toEqual([]);
});
