// Using the page: opening every model, what units see, files that are broken, times, the keyboard, a phone.
import type { Browser } from "playwright";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tasksDuring } from "../../../../tools/src/vitest/page-tasks.ts";
import { App, type GivenFile, type Served, launch, serve } from "./app.ts";

let served: Served;
let browser: Browser;

beforeAll(async () => {
  [served, browser] = await Promise.all([serve(), launch()]);
});
afterAll(async () => {
  await browser.close();
  await served.close();
});

function file(name: string, content: string | Buffer, mimeType = "application/octet-stream"): GivenFile {
  return { name, mimeType, buffer: Buffer.from(content) };
}

test("models of the registry are opened and drawn: here every fourth, all in the long tests", async () => {
  const app = await App.open(browser, served.url);
  const names = await app.models();
  expect(names.length).toBeGreaterThanOrEqual(35);
  await app.drawAll(names.filter((_, index) => index % 4 === 0));
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("what a unit sees is drawn on the image: VGG-16's fields are those of the literature", async () => {
  const app = await App.open(browser, served.url, { model: "vgg16" });
  // 3 x 3 after 3 x 3 sees 5 x 5; the last pooling 212 x 212, 32 apart. The middle unit of 7 begins at 3 * 32 - 90.
  const fields: number[][] = [];
  for (const box of ["features.0:", "features.2:", "features.30:"]) {
    await app.chooseBox(box);
    fields.push(await app.field());
  }
  expect(fields).toEqual([
    [111, 111, 3, 3],
    [110, 110, 5, 5],
    [6, 6, 212, 212],
  ]);
  await app.page.locator("#large-frame").press("ArrowLeft");
  await app.page.locator("#large-frame").press("ArrowUp");
  expect(await app.field()).toEqual([-26, -26, 212, 212]);
  expect(await app.text("#field-note")).toBe(
    "The chosen unit sees rows 0 to 185 and columns 0 to 185; its field of 212 × 212 reaches beyond the image.",
  );
  // The last of 7 x 7 units, by the pointer.
  const box = await app.page.locator("#large-frame").boundingBox();
  if (box === null) throw new Error("there are no units to see");
  await app.page.mouse.click(box.x + 0.95 * box.width, box.y + 0.95 * box.height);
  expect(await app.field()).toEqual([6 * 32 - 90, 6 * 32 - 90, 212, 212]);
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("without weights it says so; what is broken is refused in words, and the page goes on", async () => {
  const app = await App.open(browser, served.url);
  expect(await app.text("#weights-state")).toBe("Untrained: weights drawn at random.");
  expect(await app.text("#trained")).toBe("Untrained: weights drawn at random.");
  await app.drop(file("broken.pth", "PK\u0003\u0004 and nothing that follows"));
  expect(await app.fault()).toContain("broken.pth");
  await app.drop(file("net.h5", Buffer.from([0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10])));
  await app.page.locator("#fault", { hasText: "net.h5" }).waitFor();
  await app.drop(file("cut.safetensors", Buffer.from([64, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22])));
  await app.page.locator("#fault", { hasText: "cut.safetensors" }).waitFor();
  const header = JSON.stringify({ other: { dtype: "F32", shape: [1], data_offsets: [0, 4] } });
  const length = Buffer.alloc(8);
  length.writeUInt32LE(header.length);
  await app.drop(file("other.safetensors", Buffer.concat([length, Buffer.from(header), Buffer.alloc(4)])));
  await app.page
    .locator("#fault", {
      hasText: "other.safetensors has no weights of resnet20_cifar: its keys are other, the model's are conv1.weight,",
    })
    .waitFor();
  await app.drop(file("broken.png", "no image", "image/png"));
  await app.page.locator("#fault", { hasText: "broken.png cannot be read as an image" }).waitFor();
  await app.drop(file("names.json", "[1, 2", "application/json"));
  await app.page.locator("#fault", { hasText: "names.json is no JSON that can be read" }).waitFor();
  // All that was refused changed nothing.
  expect(await app.text("#weights-state")).toBe("Untrained: weights drawn at random.");
  await app.page.getByRole("button", { name: "Ship" }).click();
  expect((await app.answer()).classes).toHaveLength(5);
  expect(await app.page.locator("#fault").isHidden()).toBe(true);
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("a model that tells no classes apart is run on an image for its maps, when it is asked to", async () => {
  const app = await App.open(browser, served.url, { model: "sppnet" });
  await app.choose("conv_autoencoder");
  await app.page.getByRole("button", { name: "Digit 7" }).click();
  await app.page.waitForFunction(() => document.querySelector("#maps")?.getAttribute("data-drawn") === "encoder1");
  expect(await app.text("#maps-note")).toBe("8, each 14 × 14.");
  // A signal is no image: what a unit sees of it is told in words.
  await app.choose("wavenet_stack");
  expect(await app.page.locator("#seen-frame").isHidden()).toBe(true);
  expect(await app.text("#status")).toContain("wavenet_stack does not read images");
  expect(await app.text("#field-note")).toMatch(/^This unit sees places \d+ to \d+ of the input\.$/);
  // A large one waits for the button.
  await app.choose("fcn_resnet50");
  await app.page.locator("#maps-note", { hasText: "Press Segment to see them." }).waitFor();
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("stages are timed, and how is said", async () => {
  const app = await App.open(browser, served.url);
  await app.page.locator("#time").click();
  await app.page.locator("#times-note", { hasText: "for one input, the median of" }).waitFor();
  const stages = await app.page.locator("#times .name").allInnerTexts();
  expect(stages).toContain("layer2");
  expect(stages.at(-1)).toBe("the rest");
  expect(await app.text("#times-note")).toContain("its time is what it adds to the stages before");
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("the camera's pictures are classified one after the other, until it is stopped", async () => {
  const app = await App.open(browser, served.url);
  await app.page.context().grantPermissions(["camera"]);
  await app.page.locator("#camera").click();
  for (let picture = 0; picture < 3; picture++) {
    await app.answer();
    await app.page.locator("#answer-note").evaluate((note) => (note.textContent = ""));
  }
  await app.page.getByRole("button", { name: "Stop camera" }).click();
  await app.page.getByRole("button", { name: "Camera", exact: true }).waitFor();
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("names of classes come from the user's file", async () => {
  const app = await App.open(browser, served.url);
  await app.page.getByRole("button", { name: "Truck" }).click();
  await app.answer();
  await app.page
    .locator("#names-file")
    .setInputFiles(
      file("names.txt", Array.from({ length: 10 }, (_, index) => `thing ${index}`).join("\n"), "text/plain"),
    );
  await app.page.locator("#names-note", { hasText: "10 names from your file." }).waitFor();
  for (const name of await app.page.locator("#bars .name").allInnerTexts()) expect(name).toMatch(/^thing \d$/);
  await app.choose("squeezenet1_1");
  expect(await app.text("#names-note")).toContain("Your file has 10 names, this model 1000 classes.");
  await app.page.close();
});

test("the page's own thread stays free while large models are drawn and maps are shown", async () => {
  const app = await App.open(browser, served.url);
  const tasks = await tasksDuring(app.page, async () => {
    await app.choose("densenet201");
    await app.page.locator("#fold").uncheck();
    await app.page.locator("#drawing [data-box='300']").waitFor({ state: "attached" });
    await app.page.locator("#all-layers summary").click();
    await app.choose("squeezenet1_1");
    await app.page.getByRole("button", { name: "Airplane" }).click();
    await app.answer();
    await app.chooseBox("features.0:");
    await app.page.waitForFunction(() => document.querySelector("#maps")?.getAttribute("data-drawn") === "features.0");
  });
  expect(tasks.length).toBeGreaterThan(50);
  expect(tasks[0]).toBeLessThan(50);
  await app.page.close();
});

/** What has the focus: its id, or its text. */
function focused(app: App): Promise<string> {
  return app.page.evaluate(() => {
    const { activeElement } = document;
    if (activeElement === null || activeElement === document.body) return "";
    if (activeElement instanceof SVGElement) return "drawing";
    const names = [activeElement.id, activeElement.textContent.trim()];
    return names.find((name) => name !== null && name !== "") ?? "";
  });
}

async function tabTo(app: App, name: string): Promise<void> {
  for (let presses = 0; presses < 40; presses++) {
    await app.page.keyboard.press("Tab");
    if ((await focused(app)) === name) return;
  }
  throw new Error(`Tab does not come to ${name}`);
}

test("everything can be done by keyboard alone", async () => {
  const app = await App.open(browser, served.url);
  const { keyboard } = app.page;
  await tabTo(app, "drawing");
  await keyboard.press("End");
  expect(await app.text("#layer-name")).toBe("linear");
  await keyboard.press("Home");
  await keyboard.press("ArrowRight");
  expect(await app.text("#layer-name")).toBe("conv1");
  expect(await app.page.locator("#drawing svg").getAttribute("aria-activedescendant")).toBe("box-1");
  await tabTo(app, "Ship");
  await keyboard.press("Enter");
  await app.answer();
  await tabTo(app, "large-frame");
  const before = await app.text("#unit-note");
  await keyboard.press("ArrowDown");
  expect(await app.text("#unit-note")).not.toBe(before);
  await tabTo(app, "maps");
  await keyboard.press("ArrowRight");
  expect(await app.text("#unit-note")).toContain("map 1,");
  await tabTo(app, "address");
  await keyboard.type("nothing");
  await tabTo(app, "time");
  await keyboard.press("Enter");
  await app.page.locator("#times-note", { hasText: "for one input" }).waitFor();
  expect(app.faults).toEqual([]);
  await app.page.close();
});

test("on a phone nothing overflows and all is large enough for a finger", async () => {
  const app = await App.open(browser, served.url, { viewport: { width: 360, height: 740 }, touch: true });
  await app.page.getByRole("button", { name: "Ship" }).tap();
  await app.answer();
  await app.page.locator("#all-layers summary").tap();
  expect(await app.page.evaluate(() => [document.documentElement.scrollWidth, document.body.scrollWidth])).toEqual([
    360, 360,
  ]);
  const small = await app.page.evaluate(() =>
    [
      ...document.querySelectorAll(
        "button:not(.link), select, summary, label.file, label.check, input[type=url], input[type=text]",
      ),
    ]
      .map((element) => ({ element, box: element.getBoundingClientRect() }))
      .filter(({ box }) => box.width > 0 && (box.height < 43.5 || box.width < 43.5))
      .map(({ element, box }) => `${element.id || element.textContent} ${box.width} x ${box.height}`),
  );
  expect(small).toEqual([]);
  expect(app.faults).toEqual([]);
  await app.page.close();
});
