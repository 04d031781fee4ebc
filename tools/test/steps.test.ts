import { expect, test } from "vitest";
import { runSteps } from "../src/steps.ts";

function fails(): Promise<void> {
  return Promise.reject(new Error("line 3 is wrong"));
}

test("one line a step while they pass, and the sums of steps and tests", async () => {
  const lines: string[] = [];
  const steps = [
    { name: "types", run: () => Promise.resolve() },
    { name: "node", run: () => Promise.resolve({ passed: 40, failed: 0, note: "2 skipped" }) },
  ];
  expect(await runSteps(steps, (text) => lines.push(text))).toEqual({ passed: 41, failed: 0 });
  expect(lines.map((line) => line.replace(/ +/g, " ").replace(/\d+\.\d s/, "T s"))).toEqual([
    "ok types T s\n",
    "ok node T s 40 tests (2 skipped)\n",
  ]);
});

test("a failed step shows what it said, and fails those that need it without running them", async () => {
  let ran = false;
  const publish = (): Promise<void> => {
    ran = true;
    return Promise.resolve();
  };
  const steps = [
    { name: "build", run: fails },
    { name: "publish", needs: ["build"], run: publish },
    { name: "lint", run: () => Promise.resolve() },
  ];
  let output = "";
  const counts = await runSteps(steps, (text) => {
    output += text;
  });
  expect(counts).toEqual({ passed: 1, failed: 2 });
  expect(output).toContain("line 3 is wrong");
  expect(output).toContain("not run, since this failed: build");
  expect(ran).toBe(false);
});

test("a suite's failed tests count one by one", async () => {
  const steps = [{ name: "node", run: () => Promise.resolve({ passed: 5, failed: 2, output: "the report" }) }];
  expect(await runSteps(steps, () => {})).toEqual({ passed: 5, failed: 2 });
});

test("two steps run at once, and what a step needs has ended when it begins", async () => {
  const events: string[] = [];
  const releases = new Map<string, () => void>();
  const step = (name: string, ...needs: string[]) => ({
    name,
    needs,
    run: () => {
      events.push(`${name} begins`);
      return new Promise<void>((resolve) => releases.set(name, resolve));
    },
  });
  const end = async (name: string): Promise<void> => {
    events.push(`${name} ends`);
    releases.get(name)?.();
    for (let turn = 0; turn < 20; turn++) await Promise.resolve();
  };
  const whole = runSteps([step("build"), step("node"), step("publish", "build"), step("lint")], () => {});
  await end("node");
  await end("lint");
  await end("build");
  await end("publish");
  expect(await whole).toEqual({ passed: 4, failed: 0 });
  expect(events).toEqual([
    "build begins",
    "node begins",
    "node ends",
    "lint begins",
    "lint ends",
    "build ends",
    "publish begins",
    "publish ends",
  ]);
});

test("steps that need one another are refused", async () => {
  const steps = [
    { name: "a", needs: ["b"], run: fails },
    { name: "b", needs: ["a"], run: fails },
  ];
  await expect(runSteps(steps, () => {})).rejects.toThrow("steps need one another: a, b");
});
