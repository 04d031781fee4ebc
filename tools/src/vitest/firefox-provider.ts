// Tests of pages in stock Firefox: Puppeteer speaks WebDriver BiDi with the versions that distributions carry, where Playwright wants newer ones.
import { playwright } from "@vitest/browser-playwright";
import type { Browser, Page } from "puppeteer-core";
import type { BrowserProvider, BrowserProviderOption, TestProject } from "vitest/node";

declare module "vitest/browser" {
  interface BrowserCommands {
    /** What vitest's client asks of every provider before a file's tests. */
    __vitest_viewport(size: { readonly width: number; readonly height: number }): Promise<void>;
  }
}

class FirefoxProvider implements BrowserProvider {
  readonly name = "puppeteer";
  readonly supportsParallelism = false;
  readonly #executablePath: string;
  readonly #pages = new Map<string, Page>();
  #browser: Promise<Browser> | undefined;

  constructor(project: TestProject, executablePath: string) {
    this.#executablePath = executablePath;
    project.browser?.registerCommand("__vitest_viewport", async ({ sessionId }, { width, height }) => {
      await this.#pages.get(sessionId)?.setViewport({ width, height });
    });
  }

  getCommandsContext(sessionId: string): Record<string, unknown> {
    return { page: this.#pages.get(sessionId) };
  }

  async openPage(sessionId: string, url: string): Promise<void> {
    this.#browser ??= this.#launch();
    const page = await (await this.#browser).newPage();
    await this.#pages.get(sessionId)?.close();
    this.#pages.set(sessionId, page);
    await page.goto(url, { timeout: 0, waitUntil: "domcontentloaded" });
  }

  /** Puppeteer is loaded where it is needed only: other projects read this file too. */
  async #launch(): Promise<Browser> {
    const { launch } = await import("puppeteer-core");
    return launch({ browser: "firefox", executablePath: this.#executablePath, headless: true });
  }

  async close(): Promise<void> {
    const browser = await this.#browser;
    this.#browser = undefined;
    this.#pages.clear();
    await browser?.close();
  }
}

/** The provider for `browser.provider` of a vitest project. What vitest serves to the page is the same for all. */
export function firefox(executablePath: string): BrowserProviderOption {
  const { serverFactory } = playwright();
  return {
    name: "puppeteer",
    supportedBrowser: ["firefox"],
    options: {},
    providerFactory: (project) => new FirefoxProvider(project, executablePath),
    serverFactory,
  };
}
