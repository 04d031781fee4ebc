// A user's empty folder in which a few packages are installed from the registry, and what the user then does with them.
import { cpSync, existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { preview, build as viteBuild } from "vite";
import { chromiumFlags } from "./chromium.ts";
import { command, root } from "./command.ts";
import { userEnvironment } from "./nodes.ts";

/** What is asked for by name, and all that may be there afterwards. */
const installed = ["backend-cpu", "core", "layers"];

/** The last line that tools/consumer/main.ts has to write, wherever it runs. */
const expected = "result: ok";

/** Installs the packages into `folder`, and nothing else; throws when anything else came with them. */
export async function installPackages(folder: string, registryUrl: string): Promise<void> {
  cpSync(join(root, "tools", "consumer"), folder, { recursive: true });
  writeFileSync(
    join(folder, "package.json"),
    `${JSON.stringify({ name: "consumer", private: true, type: "module" })}\n`,
  );
  writeFileSync(join(folder, ".npmrc"), `@stria:registry=${registryUrl}/\naudit=false\nfund=false\n`);
  const env = userEnvironment();
  await command("npm", ["install", ...installed.map((name) => `@stria/${name}`)], { cwd: folder, env });
  const found = readdirSync(join(folder, "node_modules")).filter((name) => !name.startsWith("."));
  const scoped = readdirSync(join(folder, "node_modules", "@stria")).toSorted();
  if (found.join() !== "@stria" || scoped.join() !== installed.join()) {
    throw new Error(
      `${installed.join(", ")} were asked for; installed are ${found.join(", ")} with ${scoped.join(", ")}`,
    );
  }
}

/** Type-checks the user's program against the installed declarations, as Node and as a bundler resolves them. */
export async function compile(folder: string): Promise<void> {
  const tsc = join(root, "node_modules", ".bin", "tsc");
  await command(tsc, ["--project", "tsconfig.json"], { cwd: folder });
  await command(
    tsc,
    ["--project", "tsconfig.json", "--noEmit", "--module", "esnext", "--moduleResolution", "bundler"],
    {
      cwd: folder,
    },
  );
}

/** Runs the compiled program with the Node at `node`. */
export async function runInNode(folder: string, node: string): Promise<void> {
  expectResult(await command(node, [join("out", "main.js")], { cwd: folder }));
}

/** Bundles the user's page; throws when the bundle still needs something that only Node has. */
export async function bundle(folder: string): Promise<void> {
  const warnings: string[] = [];
  await viteBuild({
    root: folder,
    configFile: false,
    logLevel: "silent",
    build: {
      target: "es2022",
      rolldownOptions: {
        onLog: (level, { message }) => {
          if (level === "warn") warnings.push(message);
        },
      },
    },
  });
  if (warnings.length > 0) throw new Error(`Vite warns:\n${warnings.join("\n")}`);
  if (!existsSync(join(folder, "dist", "index.html"))) throw new Error("Vite wrote no page");
}

/** Opens the bundled page in a browser and reads what the program writes to the console. */
export async function runInBrowser(folder: string, executablePath: string): Promise<void> {
  const { chromium } = await import("playwright");
  const headers = { "Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Embedder-Policy": "require-corp" };
  const server = await preview({ root: folder, configFile: false, logLevel: "silent", preview: { port: 0, headers } });
  const browser = await chromium.launch({ executablePath, args: chromiumFlags });
  try {
    const page = await browser.newPage();
    let output = "";
    page.on("pageerror", (error) => (output += `${error.stack ?? error.message}\n`));
    page.on("console", (message) => (output += `${message.text()}\n`));
    const result = page.waitForEvent("console", {
      predicate: (message) => message.text().startsWith("result: "),
      timeout: 30_000,
    });
    await page.goto(server.resolvedUrls?.local[0] ?? "");
    // Without a result in time, what the page wrote instead says more than the timeout.
    await result.catch(() => undefined);
    expectResult(output);
  } finally {
    await browser.close();
    await server.close();
  }
}

function expectResult(output: string): void {
  const last = output.trimEnd().split("\n").at(-1);
  if (last !== expected) throw new Error(`the program should end with "${expected}" and wrote:\n${output}`);
}
