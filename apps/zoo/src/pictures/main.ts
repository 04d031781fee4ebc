// `npm run pictures`: one picture a model into docs/pictures/models, drawn by the code of the app, and the page that shows them. `-- NAME...` draws some.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { listModels } from "@stria/zoo";
import { pageOf } from "./page.ts";
import { type ModelPicture, pictureOf } from "./picture.ts";

const docs = new URL("../../../../docs/", import.meta.url);
const folder = new URL("pictures/models/", docs);
const asked = process.argv.slice(2);

mkdirSync(folder, { recursive: true });
const pictures: ModelPicture[] = [];
for (const name of asked.length > 0 ? asked : listModels()) {
  const picture = await pictureOf(name);
  writeFileSync(new URL(`${name}.svg`, folder), picture.svg);
  pictures.push(picture);
  console.log(`${name.padEnd(24)} ${(picture.svg.length / 1024).toFixed(1)} kB`);
}
if (asked.length === 0) {
  const drawn = new Set(pictures.map(({ info }) => `${info.name}.svg`));
  for (const file of readdirSync(folder)) if (!drawn.has(file)) rmSync(new URL(file, folder));
  writeFileSync(new URL("model-pictures.md", docs), pageOf(pictures));
  console.log(`${pictures.length} models, ${fileURLToPath(new URL("model-pictures.md", docs))}`);
}
