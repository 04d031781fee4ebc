// Runs the example app of the handwritten digits, on the sources, with the arguments given.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./command.ts";
import { environmentWithData } from "./data-beside.ts";

const main = join(root, "apps", "digits", "src", "main.ts");
const line = ["--conditions=@stria/source", "--disable-warning=ExperimentalWarning", main, ...process.argv.slice(2)];
process.on("SIGINT", () => {}); // Ctrl-C is the demo's: it saves, and is waited for
const { status } = spawnSync(process.execPath, line, { env: environmentWithData(), stdio: "inherit" });
process.exitCode = status ?? 1;
