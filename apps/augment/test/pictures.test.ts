// docs/augmentation.md is what the script writes, and shows every transform.
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { catalogue } from "../src/catalogue/catalogue.ts";
import { page } from "../src/pictures/page.ts";
import { several } from "../src/pictures/several.ts";

const docs = new URL("../../../docs/", import.meta.url);
const text = readFileSync(new URL("augmentation.md", docs), "utf8");

test("the page is what npm run pictures writes", () => {
  expect(text).toBe(page());
});

test("every transform is in it, with a picture that is there; all of them are small", () => {
  // That the catalogue has every transform of the package is a matter of its type.
  const names = [...Object.keys(catalogue), ...Object.keys(several)];
  expect(names.length).toBeGreaterThanOrEqual(57);
  for (const name of names) {
    expect(text).toContain(`### ${name}\n`);
    expect(text).toContain(`![${name}](pictures/augmentation/${name}.jpg)`);
  }
  const pictures = [...text.matchAll(/\]\((pictures\/augmentation\/[^)]*)\)/g)].map(([, path = ""]) => path);
  expect(pictures.filter((path) => !existsSync(fileURLToPath(new URL(path, docs))))).toEqual([]);
  const folder = fileURLToPath(new URL("pictures/augmentation/", docs));
  const files = readdirSync(folder);
  expect(files.length).toBe(pictures.length);
  expect(files.reduce((sum, file) => sum + statSync(`${folder}${file}`).size, 0)).toBeLessThan(600_000);
});
