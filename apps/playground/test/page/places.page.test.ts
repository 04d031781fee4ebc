// Other places: plain files below a folder, without headers and so without threads; a GPU, and none.
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { App, type Served, launch, serve, servePlainly } from "./app.ts";

let plain: Served;
let served: Served;
let browser: Browser;

beforeAll(async () => {
  [plain, served, browser] = await Promise.all([servePlainly(), serve(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await Promise.all([plain.close(), served.close()]);
});

test("served as plain files from a folder, it trains on one thread and says so", async () => {
  const app = await App.open(browser, plain.url);
  expect(await app.page.evaluate(() => crossOriginIsolated)).toBe(false);
  expect(await app.text("#environment")).toContain("Computing on one thread: this page is not cross-origin isolated");
  await app.page.getByRole("button", { name: "Train", exact: true }).click();
  await app.until("test", ">=", 80);
  await app.until("loss", "<=", 1);
  await app.pause();
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("served by Vite with STRIA_ISOLATED=0, it is not isolated either", async () => {
  process.env["STRIA_ISOLATED"] = "0";
  const other = await serve();
  delete process.env["STRIA_ISOLATED"];
  try {
    const { headers } = await fetch(other.url);
    expect(headers.get("Cross-Origin-Embedder-Policy")).toBeNull();
    expect((await fetch(served.url)).headers.get("Cross-Origin-Embedder-Policy")).toBe("require-corp");
  } finally {
    await other.close();
  }
});

test("where MNIST cannot be fetched, drawn digits take its place and the page says so", async () => {
  const app = await App.open(browser, served.url);
  await app.page.context().route(/amazonaws|googleapis/, (route) => route.abort());
  await app.page.locator("#data").selectOption("mnist");
  await app.page.getByRole("button", { name: "Build and train" }).click();
  await app.page.locator("#data-note", { hasText: "so drawn digits take its place" }).waitFor();
  await app.says("Training on drawn digits, 60,000 of them.");
  await app.pause();
  expect(await app.steps()).toBeGreaterThan(0);
  await app.page.close();
});

test("it trains on WebGPU where there is an adapter, and goes back", async () => {
  const app = await App.open(browser, served.url);
  await app.page.locator("#backend").selectOption("webgpu");
  await app.build("conv2d(4, 5, stride=3, activation='relu'), flatten(), dense(10)");
  await app.page.locator("#environment", { hasText: "Computing on the GPU, through WebGPU." }).waitFor();
  await app.until("step", ">=", 3);
  await app.pause();
  for (const picture of await app.pictures("maps")) expect(picture).not.toBe("");
  await app.page.locator("#backend").selectOption("cpu");
  await app.page.getByRole("button", { name: "Build and train" }).click();
  await app.page.locator("#environment", { hasText: "thread" }).waitFor();
  await app.until("accuracy", ">=", 50);
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("without an adapter WebGPU cannot be chosen, and the page says why", async () => {
  const without = await launch(["--no-sandbox", "--disable-gpu", "--disable-features=WebGPU"]);
  try {
    const app = await App.open(without, served.url);
    await app.page.locator("#backend-note", { hasText: "so the CPU computes." }).waitFor();
    expect(await app.page.locator("#backend option[value=webgpu]").isDisabled()).toBe(true);
    expect(app.faults).toEqual([]);
  } finally {
    await without.close();
  }
});
