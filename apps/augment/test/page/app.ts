// The built app in a real browser, for the tests.
import { fileURLToPath } from "node:url";
import { encodeImage } from "@stria/images";
import type { Browser, Page } from "playwright";
import { type Served, launchChromium, serveApp } from "../../../../tools/src/vitest/built-app.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

export type { Served };

/** Vite's own server of the built app. */
export function serve(): Promise<Served> {
  return serveApp(root);
}

export const launch = launchChromium;

/** A file for an input of the page, or to be dropped. */
export interface GivenFile {
  readonly name: string;
  readonly mimeType: string;
  readonly buffer: Buffer;
}

/** A picture file of planes of red, green and blue. */
export async function png(
  name: string,
  data: Uint8Array<ArrayBuffer>,
  height: number,
  width: number,
): Promise<GivenFile> {
  const file = await encodeImage({ data, shape: [3, height, width] }, { format: "png" });
  return { name, mimeType: "image/png", buffer: Buffer.from(file) };
}

export function text(name: string, content: string): GivenFile {
  return { name, mimeType: "text/plain", buffer: Buffer.from(content) };
}

/** Pixels of a canvas of the page, as planes. */
export interface Planes {
  readonly values: Uint8Array;
  readonly height: number;
  readonly width: number;
}

interface Options {
  readonly steps?: string;
  readonly viewport?: { readonly width: number; readonly height: number };
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

  /** Opens the app with a list of transforms, and waits until the chosen draw is there. */
  static async open(browser: Browser, url: string, options: Options = {}): Promise<App> {
    const { viewport = { width: 1280, height: 900 }, steps = "" } = options;
    const page = await browser.newPage({ viewport });
    page.setDefaultTimeout(240_000);
    const app = new App(page);
    await page.goto(`${url}#${steps}`);
    await app.shown();
    return app;
  }

  /** Waits until all draws of what is set now are there. */
  async drawn(): Promise<void> {
    await this.page.waitForFunction(() => document.body.dataset["drawn"] !== undefined);
  }

  /** Waits until the chosen draw of what is set now is there; it is the first. */
  async shown(): Promise<void> {
    await this.page.waitForFunction(() => document.body.dataset["shown"] !== undefined);
  }

  /** Moves a slider of the first transform. */
  async slide(label: string, value: number): Promise<void> {
    const slider = this.page.locator("#steps").getByLabel(label, { exact: true }).first();
    await slider.fill(String(value));
    await this.shown();
  }

  /** Drops files on the page, and waits until the last of them was taken or refused. */
  async drop(...files: readonly GivenFile[]): Promise<void> {
    const before = await this.page.evaluate(() => Number(document.body.dataset["opened"]));
    const data = await this.page.evaluateHandle(
      (given) => {
        const transfer = new DataTransfer();
        for (const [name, type, bytes] of given) {
          const content = Uint8Array.from(atob(bytes), (letter) => letter.codePointAt(0) ?? 0);
          transfer.items.add(new File([content], name, { type }));
        }
        return transfer;
      },
      files.map(({ name, mimeType, buffer }) => [name, mimeType, buffer.toString("base64")] as const),
    );
    await this.page.dispatchEvent("body", "drop", { dataTransfer: data });
    await this.page.waitForFunction(
      (wanted) =>
        Number(document.body.dataset["opened"]) >= wanted || document.querySelector("#fault:not([hidden])") !== null,
      before + files.length,
    );
  }

  /** What the page says is wrong. */
  async fault(): Promise<string> {
    await this.page.locator("#fault").waitFor();
    return this.page.locator("#fault").innerText();
  }

  async planes(selector: string): Promise<Planes> {
    const { bytes, height, width } = await this.page.locator(selector).evaluate((canvas) => {
      if (!(canvas instanceof HTMLCanvasElement)) throw new TypeError("this is no canvas");
      const pixels = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      return { bytes: Array.from(pixels).join(), height: canvas.height, width: canvas.width };
    });
    const pixels = bytes.split(",").map(Number);
    const size = height * width;
    const values = Uint8Array.from(
      { length: 3 * size },
      (_, at) => pixels[4 * (at % size) + Math.floor(at / size)] ?? 0,
    );
    return { values, height, width };
  }

  /** All draws of the grid, as text that differs where a pixel does. */
  draws(): Promise<string[]> {
    return this.page
      .locator("#draws .picture")
      .evaluateAll((canvases) =>
        canvases.map((canvas) => (canvas instanceof HTMLCanvasElement ? canvas.toDataURL() : "")),
      );
  }

  /** Left, top, right, bottom and class of each box of the chosen draw. */
  boxes(): Promise<number[][]> {
    return this.page.locator("#result rect").evaluateAll((boxes) =>
      boxes.map((box) => {
        const side = (name: string): number => Number(box.getAttribute(name));
        const [x, y] = [side("x"), side("y")];
        return [x, y, x + side("width"), y + side("height"), side("data-label")];
      }),
    );
  }
}
