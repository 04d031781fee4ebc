// Using the page: files that are dropped, sliders, draws, the code that it prints, a phone.
import { mkdirSync, writeFileSync } from "node:fs";
import { type Transform, apply, image } from "@stria/augmentation";
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { catalogue } from "../../src/catalogue/catalogue.ts";
import { App, type Planes, type Served, launch, png, serve, text } from "./app.ts";

let served: Served;
let browser: Browser;

beforeAll(async () => {
  [served, browser] = await Promise.all([serve(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await served.close();
});

/** The box around all pixels of a colour. */
function extentOf({ values, height, width }: Planes, colour: readonly number[]): number[] {
  const size = height * width;
  const places = Array.from({ length: size }, (_, at) => at).filter((at) =>
    colour.every((value, channel) => values[channel * size + at] === value),
  );
  const [xs, ys] = [places.map((at) => at % width), places.map((at) => Math.floor(at / width))];
  const least = (list: readonly number[]): number => list.reduce((a, b) => Math.min(a, b), Infinity);
  const most = (list: readonly number[]): number => list.reduce((a, b) => Math.max(a, b), -Infinity);
  return [least(xs), least(ys), most(xs) + 1, most(ys) + 1];
}

test("every transform is in the menu; sliders move picture, mask, boxes and points together", async () => {
  const app = await App.open(browser, served.url, { steps: "randomRotation" });
  const names = await app.page.locator("#add option").evaluateAll((options) => options.map((one) => one.textContent));
  expect(names.slice(1).toSorted()).toEqual(Object.keys(catalogue).toSorted());

  const [before, points] = [await app.planes("#result .picture"), await app.page.locator("#result g").count()];
  expect(points).toBe(3);
  const place = (): Promise<string | null> => app.page.locator("#result g").first().getAttribute("data-x");
  const first = await place();
  await app.slide("degrees, from", 20);
  expect((await app.planes("#result .picture")).values).not.toEqual(before.values);
  expect(await place()).not.toBe(first);
  // The balloon's colour in masks, from what is drawn of it: its box is that of the mask, half a pixel aside.
  for (const degrees of [5, 12, 18]) {
    await app.slide("degrees, from", degrees);
    const seen = extentOf(await app.planes("#result .mask"), [0x56, 0xb4, 0xe9]);
    const box = (await app.boxes()).find(([, , , , label]) => label === 2) ?? [];
    // The box is around the turned corners, so it holds the mask; without a turn they agree.
    expect(box[0]).toBeLessThan((seen[0] ?? 0) + 1);
    expect(box[1]).toBeLessThan((seen[1] ?? 0) + 1);
    expect(box[2]).toBeGreaterThan((seen[2] ?? 0) - 1);
    expect(box[3]).toBeGreaterThan((seen[3] ?? 0) - 1);
  }
  await app.page.getByRole("button", { name: "Remove randomRotation" }).click();
  await app.page.locator("#add").selectOption("randomQuarterTurn");
  await app.shown();
  for (const draw of [1, 2, 3, 4]) {
    await app.page.locator("#draws button").nth(draw).click();
    await app.shown();
    const seen = extentOf(await app.planes("#result .mask"), [0x56, 0xb4, 0xe9]);
    expect((await app.boxes()).find(([, , , , label]) => label === 2)?.slice(0, 4)).toEqual(seen);
  }
  // Four draws as one: all their boxes, of the size of the sample.
  await app.page.locator("#mix").selectOption("mosaic");
  await app.shown();
  expect((await app.boxes()).length).toBeGreaterThan(3);
  expect(await app.planes("#result .picture")).toMatchObject({ height: 240, width: 320 });
  expect(await app.page.locator("#code").innerText()).toContain("export const mix = mosaic([240, 320]);");
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("the same seed gives the same draws, another seed others", async () => {
  const steps = "randomResizedCrop,gaussianNoise";
  const [one, two] = [
    await App.open(browser, served.url, { steps }),
    await App.open(browser, served.url, { steps, viewport: { width: 500, height: 700 } }),
  ];
  await Promise.all([one.drawn(), two.drawn()]);
  const draws = await one.draws();
  expect(new Set(draws).size).toBe(12);
  expect(await two.draws()).toEqual(draws);
  await two.page.getByRole("button", { name: "Next seed" }).click();
  await two.drawn();
  const others = await two.draws();
  expect(others.filter((draw) => draws.includes(draw))).toEqual([]);
  await two.page.locator("#seed").fill("1");
  await two.drawn();
  expect(await two.draws()).toEqual(draws);
  await Promise.all([one.page.close(), two.page.close()]);
});

test("an image, its mask and its boxes are dropped; what does not fit is refused in words", async () => {
  const app = await App.open(browser, served.url, { steps: "horizontalFlip" });
  await app.slide("probability", 1);
  const [height, width] = [20, 30];
  const size = height * width;
  const pixels = Uint8Array.from({ length: 3 * size }, (_, at) => (at * 37) % 251);
  const isObject = (at: number): boolean => at % width >= 4 && at % width < 11 && at >= 5 * width && at < 9 * width;
  const labels = Uint8Array.from({ length: 3 * size }, (_, at) => (isObject(at % size) ? 200 : 0));
  const voc = `<annotation><object><name>thing</name><bndbox><xmin>5</xmin><ymin>6</ymin><xmax>11</xmax><ymax>9</ymax></bndbox></object></annotation>`;
  await app.drop(
    await png("mask.png", labels, height, width),
    await png("picture.png", pixels, height, width),
    text("picture.xml", voc),
  );
  await app.shown();
  expect(await app.page.locator("#source-note").innerText()).toContain("30 × 20, a mask of 2 classes, 1 box.");
  expect(await app.page.locator("#classes").innerText()).toBe("thing");
  const made = await app.planes("#result .picture");
  expect(made.values).toEqual(pixels.map((_, at) => pixels[at - (at % width) + width - 1 - (at % width)] ?? 0));
  expect(await app.boxes()).toEqual([[19, 5, 26, 9, 1]]);
  expect(extentOf(await app.planes("#result .mask"), [0xe6, 0x9f, 0x00])).toEqual([19, 5, 26, 9]);

  const small = await png("other-mask.png", labels.subarray(0, 3 * 100), 10, 10);
  for (const [file, words] of [
    [small, "other-mask.png is 10 × 10, and the image 30 × 20"],
    [await png("mask.png", pixels, height, width), "mask.png has 251 colours, which is no mask"],
    [text("boxes.json", "[[9, 9, 3, 3]]"), "box 0 is [9, 9, 3, 3]"],
    [text("boxes.json", "[1, 2"), "boxes.json is no JSON that can be read"],
    [text("boxes.json", '{"annotations": []}'), "boxes.json has no boxes that this page reads"],
    [{ ...text("broken.png", "no image"), mimeType: "image/png" }, "broken.png cannot be read as an image"],
  ] as const) {
    await app.drop(file);
    expect(await app.fault()).toContain(words);
    await app.page.locator("#fault").evaluate((fault) => fault.setAttribute("hidden", ""));
  }
  // All that was refused changed nothing.
  expect(await app.boxes()).toEqual([[19, 5, 26, 9, 1]]);
  const coco = { annotations: [{ bbox: [1, 2, 3, 4], category_id: 7 }], categories: [{ id: 7, name: "cat" }] };
  await app.drop(text("coco.json", JSON.stringify(coco)));
  await app.shown();
  expect(await app.boxes()).toEqual([[26, 2, 29, 6, 1]]);
  // A crop that does not fit says so, and the next change is drawn again.
  await app.page.locator("#add").selectOption("randomCrop");
  expect(await app.fault()).toContain("randomCrop");
  await app.page.getByRole("button", { name: "Remove randomCrop" }).click();
  await app.shown();
  expect(app.faults).toEqual([]);
  await app.page.close();
});

interface Printed {
  readonly transform: Transform<unknown, "image">;
  readonly parameters: unknown;
}

test("the code that is printed makes the very pixels that are shown", async () => {
  const app = await App.open(browser, served.url, { steps: "randomAffine,oneOf,colorJitter,randomErasing" });
  await app.slide("shear", 17);
  await app.page.locator("#draws button").nth(5).click();
  await app.shown();
  const [source, result] = [await app.planes("#source .picture"), await app.planes("#result .picture")];
  const code = await app.page.locator("#code").innerText();
  expect(code).toContain("shear: 17");
  const folder = new URL("../../.cache/", import.meta.url);
  mkdirSync(folder, { recursive: true });
  const file = new URL("printed.ts", folder);
  writeFileSync(file, code);
  const { transform, parameters } = (await import(/* @vite-ignore */ file.href)) as Printed;
  const made = apply(transform, { x: image(source.values, [3, source.height, source.width]) }, parameters).x;
  expect(made.values).toEqual(result.values);
  await app.page.close();
});

test("a phone shows it all without scrolling sideways, the chosen draw stays in sight", async () => {
  const app = await App.open(browser, served.url, {
    steps: "randomAffine,randomChannelPermutation,autoAugment",
    viewport: { width: 360, height: 740 },
  });
  expect(await app.page.evaluate(() => document.documentElement.scrollWidth)).toBe(360);
  await app.page.locator("#steps input").last().scrollIntoViewIfNeeded();
  const box = await app.page.locator("#result").boundingBox();
  expect(box?.y).toBeGreaterThanOrEqual(0);
  expect((box?.y ?? 0) + (box?.height ?? 0)).toBeLessThan(370);
  for (const button of await app.page.locator(".button:visible").all())
    expect((await button.boundingBox())?.height).toBeGreaterThanOrEqual(44);
  await app.page.close();
});
