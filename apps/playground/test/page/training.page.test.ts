// Training, in the page as Vite serves it: cross-origin isolated, on threads.
import type { Browser } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { presets } from "../../src/list/presets.ts";
import { App, type Served, launch, serve } from "./app.ts";
import { tasksDuring } from "../../../../tools/src/vitest/page-tasks.ts";

let served: Served;
let browser: Browser;
let app: App;

beforeAll(async () => {
  served = await serve();
  browser = await launch();
});
afterAll(async () => {
  await browser.close();
  await served.close();
});
beforeEach(async () => {
  app = await App.open(browser, served.url);
});
afterEach(async () => {
  await app.page.close();
  if (app.faults.length > 0) throw new Error(`the page has errors:\n${app.faults.join("\n")}`);
});

test("the page says on how many threads it computes, and which number is out of range", async () => {
  expect(await app.page.evaluate(() => crossOriginIsolated)).toBe(true);
  expect(await app.text("#environment")).toMatch(/^Computing on \d+ threads?; the page is cross-origin isolated\.$/);
  await app.page.locator("#batch-size").fill("0");
  await app.press("Build and train");
  expect(await app.text("#fault-text")).toBe("The batch size must be a whole number from 1 to 1024.");
  expect(await app.page.evaluate(() => document.activeElement?.id)).toBe("batch-size");
});

test("LeNet-5 learns, its pictures change, and it reads what is drawn", async () => {
  expect(await app.text("#status")).toContain("61,706 parameters");
  const shares = await app.shares();
  expect(shares).toHaveLength(10);
  expect(Math.max(...shares)).toBeLessThan(40);
  const [filters, maps] = [await app.pictures("filters"), await app.pictures("maps")];
  expect([filters.length, maps.length]).toEqual([6, 6]);
  for (const picture of [...filters, ...maps]) expect(picture).not.toBe("");

  await app.step();
  const untrained = { loss: await app.number("#figure-loss"), accuracy: await app.number("#figure-test") };
  expect(untrained.loss).toBeGreaterThan(2);
  expect(untrained.accuracy).toBeLessThan(30);
  await app.press("Resume");
  await app.state("running");
  await app.until("test", ">=", 90);
  // The bars move while it trains, and always add up.
  for (let look = 0; look < 5; look++) {
    const sum = (await app.shares()).reduce((total, share) => total + share, 0);
    expect(sum).toBeCloseTo(100, 6);
  }
  await app.pause();
  expect(await app.number("#figure-loss")).toBeLessThan(0.5);
  expect(await app.number("#figure-accuracy")).toBeGreaterThan(80);
  expect(await app.page.locator("#loss-chart").getAttribute("aria-label")).toMatch(
    /^Loss by step: .* at step 1, 0\.\d+ at step/,
  );
  for (const [id, before] of [
    ["filters", filters],
    ["maps", maps],
  ] as const) {
    const after = await app.pictures(id);
    for (const [index, picture] of after.entries()) expect(picture).not.toBe(before[index]);
  }

  const drawings = {
    7: [
      [
        [0.3, 0.2],
        [0.7, 0.2],
        [0.58, 0.5],
        [0.45, 0.85],
      ],
    ],
    1: [
      [
        [0.52, 0.15],
        [0.48, 0.85],
      ],
    ],
    0: [
      [
        [0.5, 0.15],
        [0.3, 0.3],
        [0.25, 0.55],
        [0.35, 0.8],
        [0.55, 0.85],
        [0.72, 0.65],
        [0.72, 0.35],
        [0.6, 0.17],
        [0.5, 0.15],
      ],
    ],
  } as const;
  for (const [digit, strokes] of Object.entries(drawings)) {
    await app.press("Clear");
    await app.page.waitForFunction(() => document.querySelector("#answer")?.textContent === "–");
    await app.draw(...strokes);
    await app.page.locator("#announcement", { hasText: `Read as ${digit},` }).waitFor({ state: "attached" });
    expect(await app.text("#answer")).toBe(digit);
    const read = await app.shares();
    expect(read[Number(digit)]).toBeGreaterThan(50);
    expect(read.reduce((total, share) => total + share, 0)).toBeCloseTo(100, 6);
  }
});

test("pause stops, a step is one step, resume goes on, restart begins again with the same figures", async () => {
  await app.step();
  const firstLoss = await app.text("#figure-loss");
  await app.press("Resume");
  await app.until("step", ">=", 20);
  await app.pause();
  const paused = await app.steps();
  expect(await app.text("#status")).toBe(`Paused at step ${paused.toLocaleString("en")}.`);
  // The worker answers, more than once, and makes no step meanwhile.
  for (const digit of [4, 8]) {
    await app.press(`Example ${digit}`);
    await app.hears("Read as");
  }
  expect(await app.steps()).toBe(paused);
  await app.step();
  expect(await app.steps()).toBe(paused + 1);
  await app.step();
  expect(await app.steps()).toBe(paused + 2);
  await app.press("Resume");
  await app.until("step", ">=", paused + 10);
  await app.pause();
  await app.press("Restart");
  await app.says("Ready: 61,706 parameters");
  expect(await app.steps()).toBe(0);
  await app.step();
  expect(await app.text("#figure-loss")).toBe(firstLoss);
});

describe("a listed net", () => {
  test("is built and learns", async () => {
    await app.build('conv2d(8, 5, stride=2, activation="relu")\nflatten(), dense(10)');
    await app.state("running");
    await app.until("test", ">=", 80);
    await app.pause();
    expect(await app.text("#status")).toContain("Paused");
    expect(await app.page.locator("#layer option").allInnerTexts()).toEqual(["1 conv2d (8 × 12 × 12)"]);
    expect(await app.pictures("maps")).toHaveLength(8);
    expect(await app.page.locator("#preset").inputValue()).toBe("own");
  });

  test("of the presets is built and learns", async () => {
    for (const { id } of presets) {
      await app.page.locator("#preset").selectOption(id);
      await app.press("Build and train");
      await app.says("Training on drawn digits, 60,000 of them.");
      await app.until("accuracy", ">=", 40);
      await app.pause();
      for (const picture of await app.pictures("filters")) expect(picture).not.toBe("");
    }
    // The linear model, the last of them, has weights that are pictures of digits, and no feature maps.
    expect(await app.pictures("filters")).toHaveLength(10);
    expect(await app.text("#maps-note")).toBe("No layer of this net gives images.");
  });

  test("that is wrong says where, and the running net goes on", async () => {
    await app.press("Train");
    for (const [list, message, source] of [
      [
        "conv2d(6, 5)\nflaten()\ndense(10)",
        "Layer 2, line 2: there is no layer flaten; did you mean flatten?",
        "flaten()\n^^^^^^",
      ],
      [
        "flatten()\ndense(10, activation='rely')",
        'Layer 2, line 2: activation of dense must be one of "identity"',
        "activation='rely')\n                     ^^^^^^",
      ],
      [
        "conv2d(6, 5)\nmaxPool2d(30)\nflatten()\ndense(10)",
        "Layer 2: maxPool: a kernel of 30 does not fit",
        "2  maxPool2d(30)",
      ],
      [
        "conv2d(6, 5)\ndense(10)",
        "Layer 2: dense: its input is [6, 24, 24] for each example. Remedy: put flatten() before it.",
        "2  dense(10)",
      ],
      [
        "flatten()\ndense(9)",
        "Layer 2: The net gives [9] for a digit, and there are 10 classes: end with dense(10).",
        "2  dense(9)",
      ],
      ["relu()\nflatten()", "The net gives [784] for a digit", "2  flatten()"],
    ] as const) {
      await app.build(list);
      await app.page.locator("#fault-text", { hasText: message }).waitFor();
      expect(await app.text("#fault-source")).toContain(source);
      expect(await app.page.locator("#list").getAttribute("aria-invalid")).toBe("true");
      const then = await app.steps();
      await app.until("step", ">=", then + 5);
    }
    await app.pause();
    expect(await app.page.locator("#layer option").allInnerTexts()).toHaveLength(4);
  });

  test("that diverges is paused, and the page says why", async () => {
    await app.page.locator("#optimizer").selectOption("sgd");
    await app.page.locator("#learning-rate").fill("10");
    await app.build("flatten()\ndense(64, activation='relu')\ndense(64, activation='relu')\ndense(10)");
    await app.page.locator("#data-note", { hasText: "Restart with a smaller learning rate" }).waitFor();
    await app.state("paused");
    // Read anew when it has paused.
    await app.page.waitForFunction(() => document.querySelector("#answer")?.textContent === "–");
    expect(await app.steps()).toBeGreaterThan(0);
  });
});

test("when the worker dies the page says so, and a restart brings another", async () => {
  await app.press("Train");
  await app.until("step", ">=", 3);
  const worker = app.page.workers().find((candidate) => candidate.url().includes("/assets/main-"));
  await worker?.evaluate(() => {
    setTimeout(() => {
      throw new Error("the memory is full");
    });
  });
  await app.says("Training has ended: The training worker has ended: Uncaught Error: the memory is full");
  expect(await app.page.getByRole("button", { name: "One step" }).isDisabled()).toBe(true);
  await app.press("Restart");
  await app.says("Ready: 61,706 parameters");
  await app.step();
  expect(await app.steps()).toBe(1);
});

test("the page has no task over 50 ms while nets are built and trained and a digit is drawn", async () => {
  const tasks = await tasksDuring(app.page, async () => {
    await app.press("Train");
    await app.until("step", ">=", 100);
    await app.draw([
      [0.3, 0.2],
      [0.7, 0.2],
      [0.45, 0.85],
    ]);
    await app.hears("Read as");
    await app.page.locator("#layer").selectOption("2");
    await app.page.locator("#preset").selectOption("batch-norm");
    await app.press("Build and train");
    await app.says("Training on drawn digits");
    await app.until("step", ">=", 50);
    await app.pause();
  });
  expect(tasks.length).toBeGreaterThan(50);
  expect(tasks[0]).toBeLessThan(50);
});
