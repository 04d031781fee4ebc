// Using the page by keyboard alone, by touch on a small screen, and without seeing it.
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { App, type Served, launch, serve } from "./app.ts";

let served: Served;
let browser: Browser;

beforeAll(async () => {
  [served, browser] = await Promise.all([serve(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await served.close();
});

/** What has the focus: its id, or its text. */
function focused(app: App): Promise<string> {
  return app.page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return "";
    const names = [activeElement.id, activeElement.getAttribute("aria-label"), activeElement.textContent.trim()];
    return names.find((name) => name !== null && name !== "") ?? "";
  });
}

/** Presses Tab until the named element has the focus; every stop on the way must be seen to have it. */
async function tabTo(app: App, name: string): Promise<string[]> {
  const way: string[] = [];
  for (let presses = 0; presses < 60; presses++) {
    await app.page.keyboard.press("Tab");
    const stop = await focused(app);
    way.push(stop);
    const outlined = await app.page.evaluate(() => {
      const { activeElement } = document;
      const shown = activeElement?.closest("label.file") ?? activeElement;
      return shown !== null && getComputedStyle(shown).outlineStyle !== "none";
    });
    if (stop !== "" && !outlined) throw new Error(`${stop} has the focus, and nothing shows it`);
    if (stop === name) return way;
  }
  throw new Error(`Tab does not come to ${name}: ${way.join(", ")}`);
}

test("everything can be done by keyboard alone", async () => {
  const app = await App.open(browser, served.url);
  const { keyboard } = app.page;
  // The stops are in the order of the page.
  const way = await tabTo(app, "list");
  expect(way.slice(0, 2)).toEqual(["Skip to training", "Set up"]);
  await keyboard.press("Control+A");
  await keyboard.type("conv2d(6, 5, stride=2, activation='relu') flatten() dense(10)");
  expect(await tabTo(app, "learning-rate")).toContain("optimizer");
  await keyboard.press("Control+A");
  await keyboard.type("0.004");
  await keyboard.press("Enter");
  await app.state("running");
  await app.until("test", ">=", 85);
  await tabTo(app, "toggle");
  await keyboard.press("Space");
  await app.state("paused");
  const then = await app.steps();
  await tabTo(app, "step");
  await keyboard.press("Enter");
  await app.until("step", ">=", then + 1);

  await tabTo(app, "pad");
  await keyboard.press("Backspace");
  await app.hears("The pad is clean");
  // A 1: down from the middle.
  await keyboard.press("Space");
  for (let press = 0; press < 11; press++) await keyboard.press("ArrowDown");
  await keyboard.press("Space");
  await app.hears("Read as 1,");
  expect(await app.page.locator("#seen").getAttribute("aria-label")).toContain("centred");
  await keyboard.press("z");
  await app.page.waitForFunction(() => document.querySelector("#answer")?.textContent === "–");
  await keyboard.press("8");
  await app.hears("Read as");
  await tabTo(app, "Example 0");
  await keyboard.press("Enter");
  await app.hears("Read as");
  expect(await app.pictures("maps")).toHaveLength(6);
  await tabTo(app, "layer");
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("what is seen is also said: names of all that can be used, and of all pictures", async () => {
  const app = await App.open(browser, served.url);
  const tree = await app.page.locator("body").ariaSnapshot();
  expect(tree).not.toMatch(/^\s*- (?:button|textbox|combobox|spinbutton|img|meter|application)$/m);
  for (const text of [
    'heading "Training" [level=2]',
    'combobox "Begin with"',
    'textbox "Layers"',
    'spinbutton "Learning rate"',
    'img "Loss by step: nothing yet"',
    'application "Draw a digit"',
    'meter "Digit 9"',
    'img "6 filters of 5 by 5"',
    'img "6 feature maps of 28 by 28"',
  ])
    expect(tree).toContain(text);
  await app.page.close();
});

test("on a phone nothing overflows, all is large enough for a finger, and a finger draws", async () => {
  const app = await App.open(browser, served.url, { viewport: { width: 360, height: 740 }, touch: true });
  const widths = (): Promise<number[]> =>
    app.page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollWidth]);
  expect(await widths()).toEqual([360, 360]);
  await app.page.locator("#setup > summary").tap();
  await app.page.locator("#settings .reference summary").tap();
  await app.build("flatten()\ndense(10, activation='of a name that is long and longer and does not end')");
  await app.page.locator("#fault").waitFor();
  expect(await widths()).toEqual([360, 360]);
  const small = await app.page.evaluate(() =>
    [...document.querySelectorAll("button, select, textarea, summary, label.file, input:not([type=file]), #pad")]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
      .map(({ element, box }) => `${element.id || element.textContent} ${box.width} x ${box.height}`),
  );
  expect(small).toEqual([]);

  await app.build("conv2d(6, 5, stride=2, activation='relu')\nflatten()\ndense(10)");
  await app.until("test", ">=", 85);
  await app.pause();
  const pad = app.page.locator("#pad");
  await pad.scrollIntoViewIfNeeded();
  const scrolled = await app.page.evaluate(() => scrollY);
  const box = await pad.boundingBox();
  if (box === null) throw new Error("there is no pad to see");
  const session = await app.page.context().newCDPSession(app.page);
  const at = (y: number): { touchPoints: { x: number; y: number }[] } => ({
    touchPoints: [{ x: box.x + box.width / 2, y: box.y + y * box.height }],
  });
  await app.page.locator("#clear").tap();
  await session.send("Input.dispatchTouchEvent", { type: "touchStart", ...at(0.15) });
  for (const y of [0.3, 0.45, 0.6, 0.75, 0.85])
    await session.send("Input.dispatchTouchEvent", { type: "touchMove", ...at(y) });
  await session.send("Input.dispatchTouchEvent", { type: "touchEnd", touchPoints: [] });
  await app.hears("Read as 1,");
  expect(await app.page.evaluate(() => scrollY)).toBe(scrolled);
  expect(await widths()).toEqual([360, 360]);
  expect(app.faults).toEqual([]);
  await app.page.close();
});
