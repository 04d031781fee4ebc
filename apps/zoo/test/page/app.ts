// The built app in a real browser, for the tests.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright";
import { chromiumFlags } from "../../../../tools/src/chromium.ts";
import { type Served, launchChromium, serveApp } from "../../../../tools/src/vitest/built-app.ts";
import { fileSite } from "../../../../tools/src/vitest/file-site.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type { Served };

/** Vite's own server of the built app, with a site of files. */
export function serve(): Promise<Served> {
  return serveApp(root, [fileSite()]);
}

export function launch(flags: readonly string[] = []): Promise<Browser> {
  const camera = ["--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream"];
  return launchChromium([...chromiumFlags, ...camera, ...flags]);
}

/** A file for an input of the page, or to be dropped. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

const side = 32;
const recordBytes = 1 + 3 * side * side;

/** An image of CIFAR-10's test file as a bitmap file, to the bit. */
export function cifarImage(path: string, index: number): GivenFile {
  const record = readFileSync(path).subarray(index * recordBytes, (index + 1) * recordBytes);
  const header = 54;
  const file = Buffer.alloc(header + 3 * side * side);
  file.write("BM");
  for (const [place, value] of [
    [2, file.length],
    [10, header],
    [14, 40],
    [18, side],
    [22, side],
  ] as const)
    file.writeUInt32LE(value, place);
  for (const [place, value] of [
    [26, 1],
    [28, 24],
  ] as const)
    file.writeUInt16LE(value, place);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      for (let channel = 0; channel < 3; channel++)
        // From the last row up, and blue first.
        file[header + ((side - 1 - row) * side + column) * 3 + 2 - channel] =
          record[1 + (channel * side + row) * side + column] ?? 0;
  return { name: `cifar-${index}.bmp`, mimeType: "image/bmp", buffer: file };
}

interface Options {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly touch?: boolean;
  readonly model?: string;
}

/** A page with the app. */
export class App {
  readonly page: Page;
  /** What went wrong in the page: errors on the console, and uncaught ones. */
  readonly faults: string[] = [];

  constructor(page: Page) {
    this.page = page;
    page.on("console", (message) => {
      if (message.type() === "error") this.faults.push(message.text());
    });
    page.on("pageerror", (error) => this.faults.push(error.stack ?? error.message));
  }

  /** Opens the app and waits until its model is drawn and a backend is there. */
  static async open(browser: Browser, url: string, options: Options = {}): Promise<App> {
    const { viewport = { width: 1280, height: 900 }, touch = false, model = "resnet20_cifar" } = options;
    const page = await browser.newPage({ viewport, hasTouch: touch });
    page.setDefaultTimeout(240_000);
    const app = new App(page);
    await page.goto(`${url}#${model}`);
    await app.drawn(model);
    await page.waitForFunction(() => document.body.dataset["backend"] !== undefined);
    return app;
  }

  /** Waits until a model is drawn. */
  async drawn(name: string): Promise<void> {
    await this.page.waitForFunction((wanted) => document.body.dataset["drawn"] === wanted, name);
  }

  async choose(name: string): Promise<void> {
    await this.page.locator("#model").selectOption(name);
    await this.drawn(name);
  }

  /** The names that the page offers. */
  models(): Promise<string[]> {
    return this.page
      .locator("#model option")
      .evaluateAll((options) => options.map((option) => option.getAttribute("value") ?? ""));
  }

  /** Opens models one after the other. @throws where one is not drawn, or not told of. */
  async drawAll(names: readonly string[]): Promise<void> {
    for (const name of names) {
      await this.choose(name);
      const fault = this.page.locator("#fault");
      if (!(await fault.isHidden())) throw new Error(`${name}: ${await fault.innerText()}`);
      const boxes = await this.page.locator("#drawing .box").count();
      const [parameters, paper] = [await this.text("#figure-parameters"), await this.text("#paper")];
      if (boxes <= 3 || !/^[\d,]+$/.test(parameters) || !/, (?:19|20)\d\d$/.test(paper))
        throw new Error(`${name} has ${boxes} boxes, "${parameters}" parameters and the paper "${paper}"`);
    }
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText();
  }

  /** The box of a layer, by what is said of it. */
  async chooseBox(words: string): Promise<void> {
    await this.page.locator(`#drawing [aria-label^="${words}"]`).first().dispatchEvent("click");
  }

  /** Gives an image and waits for the answer to it: classes and logits, the likeliest first. */
  async classify(file: GivenFile): Promise<{ classes: number[]; logits: number[] }> {
    await this.page.locator("#answer-note").evaluate((note) => (note.textContent = ""));
    await this.page.locator("#image-file").setInputFiles(file);
    return this.answer();
  }

  async answer(): Promise<{ classes: number[]; logits: number[] }> {
    await this.page.locator("#answer-note", { hasText: "In " }).waitFor();
    const found = await this.page
      .locator("#bars li")
      .evaluateAll((items) =>
        items.map(
          (item) => [Number(item.getAttribute("data-class")), Number(item.getAttribute("data-logit"))] as const,
        ),
      );
    return { classes: found.map(([index]) => index), logits: found.map(([, logit]) => logit) };
  }

  /** Drops a file on the page. */
  async drop({ name, mimeType, buffer }: GivenFile): Promise<void> {
    const data = await this.page.evaluateHandle(
      ([bytes, called, type]) => {
        const transfer = new DataTransfer();
        const content = Uint8Array.from(atob(bytes), (letter) => letter.codePointAt(0) ?? 0);
        transfer.items.add(new File([content], called, { type }));
        return transfer;
      },
      [buffer.toString("base64"), name, mimeType] as const,
    );
    await this.page.dispatchEvent("body", "drop", { dataTransfer: data });
  }

  /** What the page says is wrong. */
  async fault(): Promise<string> {
    await this.page.locator("#fault").waitFor();
    return this.text("#fault");
  }

  /** What a unit of the chosen layer sees of the image: x, y, width, height. */
  async field(): Promise<number[]> {
    const rectangle = this.page.locator("#field rect");
    return Promise.all(["x", "y", "width", "height"].map(async (name) => Number(await rectangle.getAttribute(name))));
  }
}
