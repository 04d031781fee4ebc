// A network for segmentation in the page: the class of every pixel over the image.
import { cpu } from "@stria/backend-cpu";
import { type Tensor, fromHost, setSeed, useBackend } from "@stria/core";
import { predict } from "@stria/training";
import { create, modelInfo } from "@stria/zoo";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { classColour } from "../../src/page/class-colours.ts";
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

const [height, width, classes] = [520, 520, 21];
/** Some of the names of Pascal VOC's classes, by their numbers. */
const voc: Readonly<Record<number, string>> = {
  0: "background",
  2: "bicycle",
  15: "person",
  18: "sofa",
  20: "TV monitor",
};
const places = height * width;

/** Red, green, blue and alpha of a canvas's pixels, as four bytes of one number. */
function pixels(app: App, selector: string): Promise<number[]> {
  return app.page.locator(selector).evaluate((canvas) => {
    if (!(canvas instanceof HTMLCanvasElement)) throw new TypeError("this is no canvas");
    const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
    return Array.from(new Uint32Array(new Uint8Array(data).buffer));
  });
}

/** The same of a colour that hides what is below. */
function opaque([red, green, blue]: readonly [number, number, number]): number {
  return (red | (green << 8) | (blue << 16) | (255 << 24)) >>> 0;
}

/** FCN's scores with the weights that the page draws, for the pixels that it shows: [classes, height, width]. */
async function scoresOf(seen: readonly number[]): Promise<ArrayLike<number>> {
  const backend = await cpu();
  await useBackend(backend);
  const model = await create("fcn_resnet50");
  setSeed(1);
  const { preprocessing } = await modelInfo("fcn_resnet50");
  const values = new Float32Array(3 * places);
  for (const [place, colour] of seen.entries())
    for (let channel = 0; channel < 3; channel++) {
      const value = ((colour >>> (8 * channel)) & 255) / 255;
      const [mean, deviation] = [preprocessing?.mean[channel] ?? 0, preprocessing?.standardDeviation[channel] ?? 1];
      values[channel * places + place] = (value - mean) / deviation;
    }
  const scores = await predict<[Tensor], Tensor>(model, fromHost(values, [1, 3, height, width], "float32"));
  const found = await scores.data();
  backend.dispose();
  return Float32Array.from(found);
}

test("FCN's classes are drawn over the image, in colours that the legend explains, on a phone too", async () => {
  const app = await App.open(browser, served.url, { model: "fcn_resnet50" });
  await app.page.getByRole("button", { name: "Ship" }).click();
  await app.page.getByRole("button", { name: "Segment" }).click();
  await app.page.locator("#answer-note", { hasText: "In " }).waitFor();

  // SegNet would not do here: where its maps are flat, rounding decides which place a pool's largest value came from.
  // Each colour is that of the largest score, as Node computes them; where two are as good as equal it may be either.
  const drawn = await pixels(app, "#segments");
  const scores = await scoresOf(await pixels(app, "#seen"));
  const labels = new Map(Array.from({ length: classes }, (_, index) => [opaque(classColour(index)), index]));
  const counts = new Map<number, number>();
  let [apart, span] = [0, 0];
  for (const [place, colour] of drawn.entries()) {
    const label = labels.get(colour) ?? Number.NaN;
    counts.set(label, (counts.get(label) ?? 0) + 1);
    const here = Array.from({ length: classes }, (_, index) => scores[index * places + place] ?? 0);
    const largest = Math.max(...here);
    span = Math.max(span, largest - Math.min(...here));
    apart = Math.max(apart, largest - (here[label] ?? Number.NaN));
  }
  expect(drawn).toHaveLength(places);
  expect(counts.size).toBeGreaterThan(2);
  // Float32 sums through 50 layers, in an order that depends on the number of threads.
  expect(apart / span).toBeLessThan(1e-4);

  // The legend has these classes with their colours, and its shares are the whole.
  const legend = await app.page.locator("#classes li").evaluateAll((items) =>
    items.map((item) => ({
      index: Number(item.getAttribute("data-class")),
      pixels: Number(item.getAttribute("data-pixels")),
      name: item.querySelector(".name")?.textContent ?? "",
      tenths: Math.round(10 * Number.parseFloat(item.querySelector(".share")?.textContent ?? "")),
      fill: item.querySelector("rect")?.getAttribute("fill") ?? "",
    })),
  );
  expect(new Map(legend.map(({ index, pixels: count }) => [index, count]))).toEqual(counts);
  expect(legend.reduce((sum, { tenths }) => sum + tenths, 0)).toBe(1000);
  for (const { index, pixels: count, name, tenths, fill } of legend) {
    expect(name).toBe(voc[index] ?? name);
    expect(Math.abs(tenths - (1000 * count) / places)).toBeLessThan(1);
    expect(fill).toBe(`rgb(${classColour(index).join(" ")})`);
  }
  expect(legend.some(({ index }) => voc[index] !== undefined)).toBe(true);
  expect(legend.map((item) => item.pixels)).toEqual([...counts.values()].toSorted((a, b) => b - a));

  await app.page.locator("#opacity").fill("30");
  expect(await app.page.locator("#segments").evaluate((canvas) => getComputedStyle(canvas).opacity)).toBe("0.3");
  await app.page.locator("#names-file").setInputFiles({
    name: "names.txt",
    mimeType: "text/plain",
    buffer: Buffer.from(Array.from({ length: classes }, (_, index) => `thing ${index}`).join("\n")),
  });
  await app.page.locator("#names-note", { hasText: "21 names from your file." }).waitFor();
  for (const name of await app.page.locator("#classes .name").allInnerTexts()) expect(name).toMatch(/^thing \d+$/);

  await app.page.setViewportSize({ width: 360, height: 740 });
  expect(await app.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  const [image, map, slider] = await Promise.all(
    ["#seen", "#segments", "#opacity"].map((selector) => app.page.locator(selector).boundingBox()),
  );
  expect(map).toEqual(image);
  expect(slider?.height).toBeGreaterThanOrEqual(43.5);

  // Of another model nothing is left over, and what reads scores is given no image.
  await app.choose("context_basic");
  expect(await app.page.locator("#classes-part").isHidden()).toBe(true);
  expect(await app.text("#status")).toContain("context_basic does not read images but another network's scores");
  expect(app.faults).toEqual([]);
  await app.page.close();
});
