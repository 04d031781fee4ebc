// Files that the page gives and takes: models, and the user's own digits.
import { readFileSync } from "node:fs";
import { decodeSafetensors } from "@stria/core/safetensors";
import type { Browser } from "playwright";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { App, type Served, launch, serve } from "./app.ts";
import { idxFiles } from "./idx-files.ts";

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

test("a model is saved with its list, and loaded again reads the same", async () => {
  await app.build("conv2d(4, 3, stride=3), flatten(), dense(10)");
  await app.until("step", ">=", 30);
  await app.pause();
  await app.press("Example 5");
  await app.hears("Read as");
  const read = await app.shares();
  const [download] = await Promise.all([app.page.waitForEvent("download"), app.press("Save model")]);
  expect(download.suggestedFilename()).toBe("stria-playground.safetensors");
  const path = await download.path();
  const { tensors, metadata } = decodeSafetensors(readFileSync(path), "saved");
  expect([...tensors.keys()]).toEqual(["0.weight", "0.bias", "2.weight", "2.bias"]);
  expect(metadata.get("stria.playground.list")).toBe("conv2d(4, 3, stride=3), flatten(), dense(10)");

  await app.page.locator("#preset").selectOption("linear");
  await app.press("Build and train");
  await app.until("step", ">=", 5);
  await app.pause();
  const bytes = readFileSync(path);
  await app.page
    .locator("#load")
    .setInputFiles({ name: "broken.safetensors", mimeType: "", buffer: bytes.subarray(0, 100) });
  await app.says("The model cannot be loaded.");
  await app.step();
  await app.page.locator("#load").setInputFiles({ name: "net.safetensors", mimeType: "", buffer: bytes });
  await app.says("Ready: 3,290 parameters");
  expect(await app.page.locator("#list").inputValue()).toBe("conv2d(4, 3, stride=3), flatten(), dense(10)");
  await app.page.waitForFunction(
    (wanted) =>
      JSON.stringify(
        [...document.querySelectorAll("[role=meter]")].map((meter) => Number(meter.getAttribute("aria-valuenow"))),
      ) === wanted,
    JSON.stringify(read),
  );
});

/** Lets files fall on the page, as a user who drags them does. */
async function drop(files: ReturnType<typeof idxFiles>): Promise<void> {
  const given = files.map(({ name, buffer }) => ({ name, bytes: [...buffer] }));
  const data = await app.page.evaluateHandle((list) => {
    const transfer = new DataTransfer();
    for (const { name, bytes } of list) transfer.items.add(new File([Uint8Array.from(bytes)], name));
    return transfer;
  }, given);
  await app.page.dispatchEvent("body", "dragover", { dataTransfer: data });
  expect(await app.page.locator("#drop").isVisible()).toBe(true);
  await app.page.dispatchEvent("body", "drop", { dataTransfer: data });
  expect(await app.page.locator("#drop").isVisible()).toBe(false);
}

test("MNIST's files are taken from the user, and what is missing or broken is said", async () => {
  const files = idxFiles(600, 200);
  await app.page.locator("#data").selectOption("files");
  await app.press("Build and train");
  await app.page.locator("#fault-text", { hasText: "No files were given yet" }).waitFor();
  await app.page.locator("#files").setInputFiles(files.slice(0, 3));
  await app.page.locator("#data-note", { hasText: "there are no test labels." }).waitFor();
  await app.page.locator("#files").setInputFiles([{ name: "notes.txt", mimeType: "", buffer: Buffer.from("") }]);
  await app.says("neither IDX files");
  await drop(files);
  await app.says("Your files hold 600 digits to train on, 200 to test with.");
  await app.page.locator("#batch-size").fill("50");
  await app.press("Build and train");
  await app.says("Training on your files, 600 of them.");
  await app.until("epoch", ">=", 3);
  await app.pause();
  // 12 steps an epoch.
  expect(await app.steps()).toBeGreaterThan(24);
});
