// An executor that answers at once must not keep the event loop from turning.
import { expect, it } from "vitest";
import { tensor, useBackend } from "../src/index.ts";
import { reference } from "../src/reference/index.ts";

it("timers fire in a loop that only reads results", async () => {
  await useBackend(reference());
  const timer = { fired: false };
  setTimeout(() => (timer.fired = true), 0);
  const start = performance.now();
  // Without a turn of the loop this would go on for ever: two seconds are forty times what it may take.
  while (!timer.fired && performance.now() - start < 2000) await tensor([1, 2]).add(1).data();
  expect(timer.fired).toBe(true);
});
