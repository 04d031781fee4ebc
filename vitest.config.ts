// One run, several projects: `node`, `browser` and `plain-browser` (real Chromium, isolated and not) on the sources, nothing built;
// `playground`, the built app in Chromium; `long` on request.
import { playwright } from "@vitest/browser-playwright";
import { defaultClientConditions, defaultServerConditions } from "vite";
import { defineConfig } from "vitest/config";
import { chromiumFlags, chromiumPath } from "./tools/src/chromium.ts";
import { firefoxPath } from "./tools/src/firefox.ts";
import { fileSite } from "./tools/src/vitest/file-site.ts";
import { firefox } from "./tools/src/vitest/firefox-provider.ts";
import { measuredPackages, testFolders } from "./tools/src/vitest/test-folders.ts";
import { softwareVulkan } from "./tools/software-vulkan.mjs";

const files = (name: string): string[] => testFolders.map((folder) => `${folder}/**/${name}`);
const setupFiles = ["./tools/src/vitest/quiet-console.ts"];
const browser = () => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({
    launchOptions: { executablePath: chromiumPath() ?? "/usr/bin/chromium", args: chromiumFlags },
  }),
  instances: [{ browser: "chromium" as const }],
});
const inFirefox = () => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: firefox(firefoxPath() ?? "/usr/bin/firefox"),
  instances: [{ browser: "firefox" as const }],
});
/** What a second engine's pages are held to. */
const firefoxFiles = (name: string): string[] => [
  `packages/backend-cpu/test/*${name}`,
  `tests/test/conformance${name}`,
  `tests/test/page${name}`,
];
/** Most pages are not isolated. */
const notIsolated = {
  headers: { "Cross-Origin-Opener-Policy": "unsafe-none", "Cross-Origin-Embedder-Policy": "unsafe-none" },
};

export default defineConfig({
  // The condition makes every @stria package resolve to its sources.
  resolve: { conditions: ["@stria/source", ...defaultClientConditions] },
  ssr: { resolve: { conditions: ["@stria/source", ...defaultServerConditions] } },
  // Cross-origin isolation: without it a page has no SharedArrayBuffer.
  server: { headers: { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" } },
  // onnxruntime-web finds its .wasm beside its own module, which pre-bundling would move.
  optimizeDeps: { exclude: ["onnxruntime-web"] },
  test: {
    // Half of the tests wait for processes, pages and other threads; by itself a machine of two cores would get one worker.
    maxWorkers: "100%",
    reporters: ["default", "./tools/src/vitest/plain-reporter.ts"],
    coverage: {
      provider: "v8",
      include: ["packages/*/src/**"],
      reporter: ["text-summary", "json-summary"],
      // Of each package, by the tests in Node alone.
      thresholds: Object.fromEntries(measuredPackages.map((name) => [`packages/${name}/src/**`, { lines: 95 }])),
    },
    execArgv: ["--conditions=@stria/source"],
    projects: [
      {
        extends: true,
        test: {
          name: "node",
          include: files("*.test.ts"),
          exclude: ["**/*.{browser,long,page}.test.ts", "**/node_modules/**"],
          env: softwareVulkan(),
          setupFiles,
          // No test is about time: a busy machine may take as long as it likes.
          testTimeout: 300_000,
          hookTimeout: 300_000,
        },
      },
      {
        extends: true,
        plugins: [fileSite()],
        test: {
          name: "browser",
          include: files("*.browser.test.ts"),
          exclude: ["**/*.plain.browser.test.ts", "**/node_modules/**"],
          setupFiles,
          testTimeout: 300_000,
          browser: browser(),
        },
      },
      {
        extends: true,
        server: notIsolated,
        test: {
          name: "plain-browser",
          include: files("*.plain.browser.test.ts"),
          exclude: ["**/node_modules/**"],
          setupFiles,
          testTimeout: 300_000,
          browser: browser(),
        },
      },
      {
        extends: true,
        test: {
          name: "firefox",
          include: firefoxFiles(".browser.test.ts"),
          exclude: ["**/*.plain.browser.test.ts", "**/node_modules/**"],
          setupFiles,
          testTimeout: 300_000,
          browser: inFirefox(),
        },
      },
      {
        extends: true,
        server: notIsolated,
        test: {
          name: "plain-firefox",
          include: firefoxFiles(".plain.browser.test.ts"),
          exclude: ["**/node_modules/**"],
          setupFiles,
          testTimeout: 300_000,
          browser: inFirefox(),
        },
      },
      {
        extends: true,
        test: {
          name: "playground",
          include: files("*.page.test.ts"),
          exclude: ["**/node_modules/**"],
          setupFiles,
          testTimeout: 300_000,
          hookTimeout: 300_000,
          // Each file has a browser, which trains on all processors.
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: "long",
          include: files("*.long.test.ts"),
          exclude: ["**/node_modules/**"],
          env: softwareVulkan(),
          setupFiles,
          testTimeout: 1_800_000,
        },
      },
    ],
  },
});
