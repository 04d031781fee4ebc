// `npm run example -- NAME [flags]` runs examples/NAME/main.ts on the sources; without a name it lists what there is.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "./command.ts";
import { environmentWithData } from "./data-beside.ts";

const folder = join(root, "examples");
const mainOf = (name: string): string => join(folder, name, "main.ts");
const names = readdirSync(folder).filter((name) => existsSync(mainOf(name)));

const [name = "", ...flags] = process.argv.slice(2);
if (names.includes(name)) {
  const line = ["--conditions=@stria/source", "--disable-warning=ExperimentalWarning", mainOf(name), ...flags];
  const { status } = spawnSync(process.execPath, line, { env: environmentWithData(), stdio: "inherit" });
  process.exitCode = status ?? 1;
} else {
  const purpose = (example: string): string => readFileSync(mainOf(example), "utf8").split("\n", 1)[0]?.slice(3) ?? "";
  const list = names.map((example) => `  ${example.padEnd(20)}${purpose(example)}\n`).join("");
  process.stderr.write(
    `usage: npm run example -- NAME [--quick] [--epochs N] [--seed N] [--threads N] [--out FOLDER]\n\n${list}`,
  );
  process.exitCode = 2;
}
