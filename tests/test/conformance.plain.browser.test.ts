// A page that shares no memory: the worker that owns the CPU backend's memory is held to the kit.
import { cpu } from "@stria/backend-cpu";
import { checkBackend } from "@stria/backend-testkit";
import { expect, test } from "vitest";

test("cpu conforms", async () => {
  const { checks } = await checkBackend(() => cpu(), { rounds: 10 });
  expect(checks.filter(({ faults }) => faults.length > 0)).toEqual([]);
});
