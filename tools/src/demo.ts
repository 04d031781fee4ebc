// Builds the example app of the handwritten digits and runs it with the arguments given.
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { build, root } from "./command.ts";

await build("@stria/digits");
const main = join(root, "apps", "digits", "dist", "main.js");
// Data that lie beside the repository are taken before any are downloaded.
const beside = join(root, "..", "shared", "data");
const env = { ...(existsSync(beside) && { STRIA_DATA: beside }), ...process.env };
process.on("SIGINT", () => {}); // Ctrl-C is the demo's: it saves, and is waited for
const { status } = spawnSync(process.execPath, [main, ...process.argv.slice(2)], { env, stdio: "inherit" });
process.exitCode = status ?? 1;
