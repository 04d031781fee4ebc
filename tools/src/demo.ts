// Builds the example app of the handwritten digits and runs it with the arguments given.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, root } from "./command.ts";
import { environmentWithData } from "./data-beside.ts";

await build("@stria/digits");
const main = join(root, "apps", "digits", "dist", "main.js");
process.on("SIGINT", () => {}); // Ctrl-C is the demo's: it saves, and is waited for
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], {
  env: environmentWithData(),
  stdio: "inherit",
});
process.exitCode = status ?? 1;
