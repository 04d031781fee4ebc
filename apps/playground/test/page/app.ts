// The built app in a real browser, for the tests: served by Vite, cross-origin isolated or not, or as plain files from some folder.
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright";
import { type Served, launchChromium, serveApp } from "../../../../tools/src/vitest/built-app.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const types: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

export type { Served };

/** Vite's own server of the built app. */
export function serve(): Promise<Served> {
  return serveApp(root);
}

/** The built app as any web server has it: below some folder, and without a header but the type. */
export async function servePlainly(): Promise<Served> {
  const folder = "/some/folder/";
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const name = pathname === folder ? "index.html" : pathname.slice(folder.length);
    const path = join(root, "dist", name);
    if (!pathname.startsWith(folder) || name.includes("..") || !existsSync(path)) {
      response.writeHead(404).end();
      return;
    }
    response.writeHead(200, { "Content-Type": types[extname(path)] ?? "application/octet-stream" });
    response.end(readFileSync(path));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}${folder}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export const launch = launchChromium;

interface Options {
  readonly viewport?: { readonly width: number; readonly height: number };
  readonly touch?: boolean;
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

  /** Opens the app and waits until its first net is built and has read an example. */
  static async open(browser: Browser, url: string, { viewport, touch = false }: Options = {}): Promise<App> {
    const page = await browser.newPage({ viewport: viewport ?? { width: 1280, height: 900 }, hasTouch: touch });
    page.setDefaultTimeout(240_000);
    const app = new App(page);
    await page.goto(url);
    await app.state("paused");
    await app.hears("Read as");
    return app;
  }

  text(selector: string): Promise<string> {
    return this.page.locator(selector).innerText();
  }

  async number(selector: string): Promise<number> {
    return Number.parseFloat((await this.text(selector)).replaceAll(",", ""));
  }

  steps(): Promise<number> {
    return this.number("#figure-step");
  }

  async state(state: "running" | "paused"): Promise<void> {
    await this.page.waitForFunction((wanted) => document.body.dataset["state"] === wanted, state);
  }

  /** Waits until a figure satisfies a comparison. */
  async until(name: string, comparison: ">=" | "<=", bound: number): Promise<void> {
    await this.page.waitForFunction(
      ([id, sign, limit]) => {
        const value = Number.parseFloat(document.querySelector(id)?.textContent?.replaceAll(",", "") ?? "");
        return sign === ">=" ? value >= limit : value <= limit;
      },
      [`#figure-${name}`, comparison, bound] as const,
    );
  }

  /** Waits until the status says something. */
  async says(text: string): Promise<void> {
    try {
      await this.page.locator("#status", { hasText: text }).waitFor();
    } catch (cause) {
      throw new Error(`the page says "${await this.text("#status")}", not "${text}"`, { cause });
    }
  }

  /** Waits until those who do not see the pad are told something; it is forgotten then, so that the next time is another one. */
  async hears(text: string): Promise<void> {
    await this.page.waitForFunction((wanted) => {
      const place = document.querySelector("#announcement");
      if (place?.textContent?.includes(wanted) !== true) return false;
      place.textContent = "";
      return true;
    }, text);
  }

  async pause(): Promise<void> {
    await this.page.getByRole("button", { name: "Pause" }).click();
    await this.state("paused");
  }

  /** Presses a button. */
  press(name: string): Promise<void> {
    return this.page.getByRole("button", { name, exact: true }).click();
  }

  async step(): Promise<void> {
    const before = await this.steps();
    await this.press("One step");
    await this.until("step", ">=", before + 1);
  }

  /** Replaces the list of layers and builds it. */
  async build(list: string): Promise<void> {
    await this.page.locator("#list").fill(list);
    await this.page.getByRole("button", { name: "Build and train" }).click();
  }

  /** Draws strokes on the pad with the mouse; places are shares of its side. */
  async draw(...strokes: readonly (readonly (readonly [x: number, y: number])[])[]): Promise<void> {
    const pad = this.page.locator("#pad");
    await pad.scrollIntoViewIfNeeded();
    const box = await pad.boundingBox();
    if (box === null) throw new Error("there is no pad to see");
    const { mouse } = this.page;
    for (const [first, ...rest] of strokes) {
      if (first === undefined) continue;
      await mouse.move(box.x + first[0] * box.width, box.y + first[1] * box.height);
      await mouse.down();
      for (const [x, y] of rest) await mouse.move(box.x + x * box.width, box.y + y * box.height, { steps: 4 });
      await mouse.up();
    }
  }

  /** What the bars say, in percent, by digit. */
  shares(): Promise<number[]> {
    return this.page
      .getByRole("meter")
      .evaluateAll((meters) => meters.map((meter) => Number(meter.getAttribute("aria-valuenow"))));
  }

  /** A text for each picture of a sheet that is another one when the picture is; blank ones are "". */
  pictures(id: "filters" | "maps"): Promise<string[]> {
    return this.page.locator(`#${id} canvas`).evaluateAll((canvases) =>
      canvases.map((canvas) => {
        if (!(canvas instanceof HTMLCanvasElement)) return "";
        const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
        const colours = Array.from({ length: canvas.width * canvas.height }, (_, place) =>
          String(data?.slice(4 * place, 4 * place + 4)),
        );
        return new Set(colours).size < 2 ? "" : colours.join(";");
      }),
    );
  }
}
