// WebGPU, on the software adapter, held to the kit with a few cases for each op; the long tests have the full number.
import { checkBackend } from "@stria/backend-testkit";
import { webgpu } from "@stria/backend-webgpu";
import { expect, test } from "vitest";
import { onBackend } from "./on-backend.ts";

await onBackend("webgpu", () => {
  test("it conforms", async () => {
    // Shading languages allow several units in the last place, as the goldens' tolerance for this backend has it.
    const { checks } = await checkBackend(() => webgpu(), { slack: 10, rounds: 3 });
    expect(checks.filter(({ faults }) => faults.length > 0)).toEqual([]);
  });
});
