// Every entry of the catalogue: what it makes is what its code makes, and every slider's end is allowed.
import { mkdirSync, writeFileSync } from "node:fs";
import { type PartsByName, type Transform, apply, image, mask, parametersOf } from "@stria/augmentation";
import { describe, expect, test } from "vitest";
import { catalogue } from "../src/catalogue/catalogue.ts";
import type { Control, Value } from "../src/catalogue/control.ts";
import type { Entry } from "../src/catalogue/entry.ts";

const canvas = { height: 84, width: 88 };
const sample = {
  image: image(
    Uint8Array.from({ length: 3 * 84 * 88 }, (_, i) => (i * 37) % 251),
    [3, 84, 88],
  ),
};
const classes = mask(
  Uint8Array.from({ length: 84 * 88 }, (_, i) => (i % 88 > 40 ? 1 : 0)),
  [84, 88],
);
/** Sizes at which an image this small has a crop. */
const small = { height: 16, width: 24, size: 24, sides: [24, 32] } as const;

function ends(control: Control): readonly Value[] {
  switch (control.kind) {
    case "number":
      return [control.least, control.most];
    case "range":
      return [
        [control.least, control.least],
        [control.most, control.most],
        [control.least, control.most],
      ];
    case "choice":
      return control.choices;
    case "check":
      return [true, false];
  }
}

const movesImages = (transform: Transform<unknown, never>): transform is Transform<unknown, "image"> =>
  Object.hasOwn(transform.rules, "image");

function drawn(transform: Transform<unknown, never>, index: number): PartsByName {
  if (!movesImages(transform)) throw new TypeError("it has no rule for images");
  return apply(transform, sample, parametersOf(transform, canvas, { seed: 1, index }));
}

const folder = new URL("../.cache/catalogue/", import.meta.url);
mkdirSync(folder, { recursive: true });

describe.each(Object.entries<Entry>(catalogue))("%s", (name, entry) => {
  test("its code makes what it makes", async () => {
    const { text, names } = entry.source(name, small);
    const file = new URL(`${name}.ts`, folder);
    writeFileSync(
      file,
      `import { ${[...new Set(names)].join(", ")} } from "@stria/augmentation";\nexport const made = ${text};\n`,
    );
    const { made } = (await import(/* @vite-ignore */ file.href)) as { readonly made: Transform };
    const own = entry.make(small);
    expect(made.name).toBe(own.name);
    for (let index = 0; index < 3; index++) expect(drawn(made, index)).toEqual(drawn(own, index));
    expect(Object.hasOwn(own.rules, "mask")).toBe(entry.moves !== "image alone");
  });

  test("every end of every slider can be drawn", () => {
    for (const [key, control] of Object.entries(entry.controls))
      for (const value of ends(control)) {
        // Crops larger than the image are refused, in words of their own.
        if (/^(?:height|width|size)$/.test(key) && /^(?:randomCrop|compose)$/.test(name)) continue;
        expect(drawn(entry.make({ ...small, [key]: value }), 1), `${key} ${String(value)}`).toBeDefined();
      }
  });

  test("masks move, or stay, as it is said", () => {
    if (entry.moves === "image alone") return;
    const own = entry.make(small);
    const hasMask = (transform: Transform<unknown, never>): transform is Transform<unknown, "mask"> =>
      Object.hasOwn(transform.rules, "mask");
    const moved = Array.from({ length: 12 }, (_, index) => {
      if (!hasMask(own)) return true;
      return apply(own, { classes }, parametersOf(own, canvas, { seed: 1, index })).classes !== classes;
    });
    expect(moved.includes(true)).toBe(entry.moves === "pixels");
  });
});
