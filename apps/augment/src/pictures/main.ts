// `npm run pictures -- augmentation`: the pictures of all transforms into docs/pictures/augmentation, and the page that shows them. The picture of blood cells is
// drawn where those data are, and stays as it is elsewhere.
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { FolderError } from "@stria/datasets";
import { catalogue } from "../catalogue/catalogue.ts";
import { harbour } from "../samples/harbour.ts";
import { bloodMosaic } from "./blood.ts";
import type { Canvas } from "./canvas.ts";
import { page } from "./page.ts";
import { several } from "./several.ts";
import { strip, stripOf } from "./strips.ts";

const docs = new URL("../../../../docs/", import.meta.url);
const folder = new URL("pictures/augmentation/", docs);
mkdirSync(folder, { recursive: true });

const written = new Set<string>();
let total = 0;

async function write(name: string, canvas: Canvas, quality = 72): Promise<void> {
  const file = await canvas.jpeg(quality);
  writeFileSync(new URL(`${name}.jpg`, folder), file);
  written.add(`${name}.jpg`);
  total += file.length;
}

await write("sample", strip([{ image: harbour().image }, { ...harbour() }]), 85);
for (const [name, entry] of Object.entries(catalogue)) await write(name, stripOf(entry));
for (const [name, { draw }] of Object.entries(several)) await write(name, draw());
try {
  await write("bccd-mosaic", await bloodMosaic(), 80);
} catch (error) {
  if (!(error instanceof FolderError)) throw error;
  written.add("bccd-mosaic.jpg");
  console.log(`The mosaic of blood cells stays as it is: ${error.message}`);
}
for (const file of readdirSync(folder)) if (!written.has(file)) rmSync(new URL(file, folder));
writeFileSync(new URL("augmentation.md", docs), page());
console.log(`${written.size} pictures of transforms, ${Math.round(total / 1024)} kB`);
