// Builds the example app of the handwritten digits and runs it with the arguments given.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { build, root } from "./command.ts";

await build("@stria/digits");
const main = join(root, "apps", "digits", "dist", "main.js");
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { stdio: "inherit" });
process.exitCode = status ?? 1;
