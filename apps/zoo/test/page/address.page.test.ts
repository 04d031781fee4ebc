// Weights from an address in the page: what was fetched and kept, and what is refused.
import { createHash } from "node:crypto";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { putFile, rangesAsked } from "../../../../tools/src/vitest/site-client.ts";
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

test("weights of an address are read like those of a file, and what cannot be had is said", async () => {
  const app = await App.open(browser, served.url);
  const context = app.page.context();
  await context.route("https://weights.example/gone.pth", (route) => route.fulfill({ status: 404 }));
  await context.route("https://weights.example/closed.pth", (route) => route.abort());
  const bias = JSON.stringify({
    "linear.bias": { dtype: "F32", shape: [10], data_offsets: [0, 40] },
    extra: { dtype: "F32", shape: [1], data_offsets: [40, 44] },
  });
  const length = Buffer.alloc(8);
  length.writeUInt32LE(bias.length);
  await context.route("https://weights.example/some.safetensors", (route) =>
    route.fulfill({
      body: Buffer.concat([length, Buffer.from(bias), Buffer.alloc(44)]),
      headers: { "Access-Control-Allow-Origin": "*" },
    }),
  );
  const fetched = async (address: string): Promise<void> => {
    await app.page.locator("#address").fill(address);
    await app.page.locator("#address").press("Enter");
  };
  await fetched("https://weights.example/gone.pth");
  await app.page.locator("#fault", { hasText: "https://weights.example/gone.pth" }).waitFor();
  await fetched("https://weights.example/closed.pth");
  await app.page.locator("#fault", { hasText: "closed.pth: no connection (Failed to fetch)" }).waitFor();
  await fetched("https://weights.example/some.safetensors");
  await app.page.locator("#weights-state", { hasText: "some.safetensors" }).waitFor();
  expect(await app.text("#weights-state")).toBe(
    "some.safetensors: 1 of the model's 97 tensors; 96 tensors not in it, with their first values; 1 tensor of the file left unused.",
  );
  await app.page.locator("#leftover summary").click();
  const leftover = await app.text("#leftover-text");
  expect(leftover).toContain("not in the file: conv1.weight");
  expect(leftover).toContain("left of the file: extra");
  await app.page.close();
});

test("weights with a hash are fetched once, with their progress, and kept; others than those are refused", async () => {
  const header = JSON.stringify({
    "linear.bias": { dtype: "F32", shape: [10], data_offsets: [0, 40] },
    extra: { dtype: "F32", shape: [1_000_000], data_offsets: [40, 4_000_040] },
  });
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  const bytes = Uint8Array.from(Buffer.concat([length, Buffer.from(header), Buffer.alloc(4_000_040)]));
  const sha256 = createHash("sha256").update(bytes).digest("hex");
  const address = await putFile(new URL(served.url).origin, "large.safetensors", bytes);
  const app = await App.open(browser, served.url);
  const state = app.page.locator("#weights-state");
  const fetched = async (hash: string): Promise<void> => {
    await app.page.locator("#address").fill(address);
    await app.page.locator("#hash").fill(hash);
    await app.page.locator("#hash").press("Enter");
  };
  const wrong = `${sha256.startsWith("0") ? "1" : "0"}${sha256.slice(1)}`;
  await fetched(wrong);
  await app.page
    .locator("#fault", { hasText: `the SHA-256 is ${sha256} instead of ${wrong}. Nothing of it was used.` })
    .waitFor();
  await fetched("12345");
  await app.page.locator("#fault", { hasText: '"12345" is no SHA-256' }).waitFor();
  expect(await state.innerText()).toBe("Untrained: weights drawn at random.");
  expect(await app.page.locator("#progress-part").isHidden()).toBe(true);

  // What the page says of the progress, each time that it says something else.
  await app.page.evaluate(() => {
    const note = document.querySelector("#progress-note");
    const bar = document.querySelector("progress");
    const seen: string[] = [];
    Object.assign(window, { seen });
    if (note !== null)
      new MutationObserver(() => {
        if (note.textContent !== "") seen.push(`${note.textContent} ${bar?.value}/${bar?.max}`);
      }).observe(note, { childList: true });
  });
  const told = "large.safetensors: 1 of the model's 97 tensors; 96 tensors not in it, with their first values; ";
  await fetched(sha256);
  await state.filter({ hasText: "kept" }).waitFor();
  expect(await state.innerText()).toBe(
    `${told}1 tensor of the file left unused; SHA-256 as given; kept in the browser's cache.`,
  );
  const seen = await app.page.evaluate(() => Reflect.get(window, "seen") as string[]);
  expect(seen.length).toBeGreaterThan(1);
  for (const note of seen) expect(note).toMatch(/^large\.safetensors: \d\.\d of 4\.0 MB \d+\/4000\d\d\d$/);
  expect(seen.at(-1)).toBe(`large.safetensors: 4.0 of 4.0 MB ${bytes.length}/${bytes.length}`);
  expect(await app.page.locator("#progress-part").isHidden()).toBe(true);

  // Not asked for a third time: once for the wrong hash, once for the right one.
  const asked = await rangesAsked(address);
  await app.page.reload();
  await app.drawn("resnet20_cifar");
  await fetched(sha256.slice(0, 12));
  await state.filter({ hasText: "SHA-256 as given; from the browser's cache." }).waitFor();
  expect(await rangesAsked(address)).toEqual(asked);
  expect(app.faults).toEqual([]);
  await app.page.close();
});
