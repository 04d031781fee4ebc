// Training on a page: its thread is never busy for long, and the numbers are the same wherever they are computed.
import { cpu } from "@stria/backend-cpu";
import { at, setSeed, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { server } from "vitest/browser";
import { tasksDuring } from "../src/page-tasks.ts";
import { fingerprint, steps } from "./training-run.ts";

/** What browsers call a long task, in milliseconds. */
const longTask = 50;

/** Steps to make, and what of the first one's work may be one task: a small network is mostly trace. */
const runs = [
  { name: "LeNet-5", count: 120, share: 0.9 },
  { name: "ResNet-20", count: 20, share: 0.7 },
];

/** Chromium alone tells what its tasks were. */
const traced = server.browser === "chromium";
const without = traced ? "" : `, left out: ${server.browser} has no trace of its tasks`;

/** Declares the tests. */
export function testPage(isolated: boolean): void {
  test("the page is what this file is about", () => expect(globalThis.crossOriginIsolated).toBe(isolated));

  test.runIf(traced).each(runs)(
    `$name: no long task on the page's thread${without}`,
    async ({ name, count, share }) => {
      setSeed(1);
      const [longest = 0] = await tasksDuring(async () => void (await useBackend(cpu())));
      expect(longest).toBeLessThan(longTask);
      const step = steps[name]?.();
      if (!step) throw new Error(name);
      // The first step traces and compiles. Only the trace, which is the user's own function, has to be done at once.
      const first = await tasksDuring(async () => void (await step()));
      const whole = first.reduce((sum, task) => sum + task, 0);
      expect(at(first, 0)).toBeLessThan(share * whole);
      const later = await tasksDuring(async () => {
        for (let done = 0; done < count; done++) await step();
      });
      expect(at(later, 0)).toBeLessThan(longTask);
    },
  );

  test.runIf(traced)(`on the page's own thread there are long tasks, and they are seen${without}`, async () => {
    await useBackend(cpu({ worker: false }));
    const step = steps["ResNet-20"]?.();
    const [longest] = await tasksDuring(async () => void (await step?.()));
    expect(longest).toBeGreaterThan(longTask);
  });

  test("deterministic: the same bits from workers and from the page's own thread", async () => {
    const here = await fingerprint(() => cpu({ worker: false, deterministic: true }));
    for (const threads of [1, 2]) expect(await fingerprint(() => cpu({ threads, deterministic: true }))).toBe(here);
  });
}
