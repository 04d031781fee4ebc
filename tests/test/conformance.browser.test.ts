// The executors that run on an isolated page, held to the kit there, on threads.
import { cpu } from "@stria/backend-cpu";
import { onnx } from "@stria/backend-onnx";
import { checkBackend } from "@stria/backend-testkit";
import { expect, test } from "vitest";

test("onnx conforms", async () => {
  const { checks } = await checkBackend(() => onnx({ threads: 2 }), { rounds: 3 });
  expect(checks.filter(({ faults }) => faults.length > 0)).toEqual([]);
});

test("cpu conforms", async () => {
  const { checks } = await checkBackend(() => cpu({ threads: 2 }), { rounds: 10 });
  expect(checks.filter(({ faults }) => faults.length > 0)).toEqual([]);
});
