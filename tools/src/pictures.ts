// `npm run pictures`: the pictures of the documentation, of models and of transforms. `-- augmentation` draws those of transforms alone, `-- NAME...` some models.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./command.ts";
import { environmentWithData } from "./data-beside.ts";

const asked = process.argv.slice(2);
const models = asked.filter((name) => name !== "augmentation");

function draw(app: string, names: readonly string[]): void {
  const main = join(root, "apps", app, "src", "pictures", "main.ts");
  const line = ["--conditions=@stria/source", "--disable-warning=ExperimentalWarning", main, ...names];
  const { status } = spawnSync(process.execPath, line, { env: environmentWithData(), stdio: "inherit" });
  if (status !== 0) process.exit(status ?? 1);
}

if (asked.length === 0 || models.length > 0) draw("zoo", models);
if (asked.length === 0 || asked.includes("augmentation")) draw("augment", []);
