// ONNX Runtime, held to the kit with more cases of each op than it is by itself.
import { onnx } from "@stria/backend-onnx";
import { checkBackend } from "@stria/backend-testkit";
import { expect, test } from "vitest";

test("onnx conforms", async () => {
  const { checks } = await checkBackend(() => onnx({ threads: 1 }), { rounds: 40 });
  expect(checks.filter(({ faults }) => faults.length > 0)).toEqual([]);
});
