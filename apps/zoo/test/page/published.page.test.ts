// The published ResNet-20 of CIFAR-10 in the page: PyTorch's logits, from its own file, for real images.
import { existsSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asList, asNumber, asNumbers, asObject, parseJson } from "../../../../tests/src/golden/json.ts";
import { dataFolder, largeGoldens } from "../../../../tests/src/setting.ts";
import { App, type Served, cifarImage, launch, serve } from "./app.ts";

const golden = join(largeGoldens() ?? "", "models/resnet-cifar10-published.json");
const weights = join(dataFolder() ?? "", "weights/resnet-cifar10/resnet20-12fca82f.th");
const images = join(dataFolder() ?? "", "cifar10/test_batch_first1000.bin");
const missing = [golden, weights, images].find((path) => !existsSync(path));
const absent = missing !== undefined;
const why = absent ? `, left out: there is no ../shared or not all of it (${basename(missing)})` : "";

let served: Served;
let browser: Browser;

beforeAll(async () => {
  [served, browser] = await Promise.all([serve(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await served.close();
});

async function trained(): Promise<App> {
  const app = await App.open(browser, served.url);
  await app.page.locator("#weights-file").setInputFiles(weights);
  await app.page.locator("#weights-state", { hasText: "resnet20-12fca82f.th" }).waitFor();
  return app;
}

/** PyTorch's logits of the first images, and how far ours may be from them. */
function expected(): { rows: number[][]; tolerance: number } {
  const all = asObject(parseJson(readFileSync(golden, "utf8"), golden), golden);
  const published = asObject(all["resnet20-12fca82f"], golden);
  const rows = asList(published["logits_of_the_first_16"], golden).map((row) => [...asNumbers(row, golden)]);
  const largest = Math.max(...rows.flat().map(Math.abs));
  return { rows, tolerance: asNumber(published["tolerance"], golden) * largest };
}

/** The five likeliest of ten logits. */
function topFive(logits: readonly number[]): number[] {
  return logits
    .map((_, index) => index)
    .toSorted((a, b) => (logits[b] ?? 0) - (logits[a] ?? 0))
    .slice(0, 5);
}

test.skipIf(absent)(`gives PyTorch's five likeliest classes and their logits for 16 images${why}`, async () => {
  const app = await trained();
  expect(await app.text("#weights-state")).toBe(
    "resnet20-12fca82f.th: all 97 tensors of the model; nothing of the file left over; SHA-256 as published.",
  );
  expect(await app.text("#trained")).toBe("Weights: resnet20-12fca82f.th");
  const { rows, tolerance } = expected();
  for (const [index, row] of rows.entries()) {
    const { classes, logits } = await app.classify(cifarImage(images, index));
    expect(classes).toEqual(topFive(row));
    for (const [place, logit] of logits.entries())
      expect(Math.abs(logit - (row[classes[place] ?? -1] ?? Number.NaN))).toBeLessThan(tolerance);
  }
  // Image 15 is a ship.
  expect(await app.page.locator("#bars .best .name").innerText()).toBe("ship");
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test.skipIf(absent)(`gives them with ONNX Runtime too, and where there is an adapter with WebGPU${why}`, async () => {
  const app = await trained();
  const { rows, tolerance } = expected();
  const image = cifarImage(images, 1);
  const row = rows[1] ?? [];
  // A GPU's division and exponential may be several units in the last place off: ten times as much is fair.
  for (const [name, allowed] of [
    ["onnx", tolerance],
    ["webgpu", 10 * tolerance],
  ] as const) {
    const option = app.page.locator(`#backend option[value=${name}]`);
    if (await option.isDisabled()) continue;
    await app.page.locator("#backend").selectOption(name);
    await app.page.waitForFunction((wanted) => document.body.dataset["backend"] === wanted, name);
    const { classes, logits } = await app.classify(image);
    expect(classes).toEqual(topFive(row));
    for (const [place, logit] of logits.entries())
      expect(Math.abs(logit - (row[classes[place] ?? -1] ?? Number.NaN))).toBeLessThan(allowed);
  }
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test.skipIf(absent)(`shows the maps of a layer with the value of a unit${why}`, async () => {
  const app = await trained();
  await app.classify(cifarImage(images, 1));
  // After the last ReLU nothing is negative; the average of a map is what the dense layer reads.
  await app.page.locator("#fold").uncheck();
  await app.page.locator("#drawing [data-box='28']").waitFor();
  await app.page.locator("#drawing [data-box='28']").dispatchEvent("click");
  await app.page.waitForFunction(() => document.querySelector("#maps")?.getAttribute("data-drawn") === "layer3.2");
  expect(await app.page.locator("#maps canvas").count()).toBe(64);
  expect(await app.text("#maps-note")).toBe("64, each 8 × 8.");
  const values: number[] = [];
  for (let step = 0; step < 8; step++) {
    const note = await app.text("#unit-note");
    expect(note).toMatch(/^map 0, row 4, column \d: /);
    values.push(Number(note.split(": ")[1]));
    await app.page.locator("#large-frame").press("ArrowRight");
  }
  expect(Math.min(...values)).toBeGreaterThanOrEqual(0);
  await app.page.locator("#maps").press("ArrowRight");
  expect(await app.text("#unit-note")).toMatch(/^map 1, row 4, column 7: /);
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test.skipIf(absent)(`is fetched from its published address, and refused where a byte is another${why}`, async () => {
  const app = await App.open(browser, served.url);
  const published = readFileSync(weights);
  let body = Buffer.from(published);
  body[body.length - 1] = (body.at(-1) ?? 0) ^ 1;
  // GitHub's own pages may not be read by others; its files have another address for that.
  const address = "https://raw.githubusercontent.com/akamaster/pytorch_resnet_cifar10/**";
  await app.page
    .context()
    .route(address, (route) => route.fulfill({ body, headers: { "Access-Control-Allow-Origin": "*" } }));
  const button = app.page.getByRole("button", { name: "Fetch pytorch_resnet_cifar10" });
  await button.click();
  expect(await app.fault()).toMatch(
    /resnet20-12fca82f\.th: .*the SHA-256 is [0-9a-f]{64} instead of 12fca82f[0-9a-f]{56}\. Nothing of it was used\./,
  );
  expect(await app.text("#weights-state")).toBe("Untrained: weights drawn at random.");
  body = published;
  await button.click();
  await app.page.locator("#weights-state", { hasText: "SHA-256 as published" }).waitFor();
  expect(await app.text("#weights-state")).toContain("kept in the browser's cache");
  expect(await app.page.locator("#fault").isHidden()).toBe(true);
  expect((await app.classify(cifarImage(images, 1))).classes[0]).toBe(8);
  expect(app.faults).toEqual([]);
  await app.page.close();
});
