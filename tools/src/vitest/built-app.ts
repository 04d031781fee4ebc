// A built app in a real browser, for the tests of its page.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Browser, chromium } from "playwright";
import { type Plugin, preview } from "vite";
import { chromiumFlags, chromiumPath } from "../chromium.ts";

export interface Served {
  readonly url: string;
  close(): Promise<void>;
}

/** Vite's own server of the app that is built in the folder `root`. */
export async function serveApp(root: string, plugins: Plugin[] = []): Promise<Served> {
  if (!existsSync(join(root, "dist", "index.html"))) throw new Error("the app is not built: npm run build");
  const server = await preview({ root, plugins, logLevel: "silent", preview: { port: 0 } });
  return { url: server.resolvedUrls?.local[0] ?? "", close: () => server.close() };
}

export function launchChromium(flags: readonly string[] = chromiumFlags): Promise<Browser> {
  return chromium.launch({ executablePath: chromiumPath() ?? "/usr/bin/chromium", args: [...flags] });
}
