// What is made of several draws is what the printed code makes.
import { mkdirSync, writeFileSync } from "node:fs";
import {
  type Boxes,
  type Mosaic,
  type PartsByName,
  type Transform,
  apply,
  image,
  parametersOf,
} from "@stria/augmentation";
import { expect, test } from "vitest";
import { drawsOf, mixed } from "../src/mixing.ts";
import { codeOf, transformOf } from "../src/pipeline.ts";
import { harbour } from "../src/samples/harbour.ts";

const canvas = { height: 240, width: 320 };
const steps = [{ name: "horizontalFlip", values: {} }];
const folder = new URL("../.cache/mixing/", import.meta.url);
mkdirSync(folder, { recursive: true });

const movesAll = (transform: Transform<unknown, never>): transform is Transform => transform.name !== "";
const parts: PartsByName = { ...harbour() };

function draws(name: "mixup" | "cutmix" | "mosaic"): PartsByName[] {
  const transform = transformOf(steps);
  if (!movesAll(transform)) return [];
  return drawsOf(name, 3).map((index) => apply(transform, parts, parametersOf(transform, canvas, { seed: 2, index })));
}

interface Printed {
  readonly transform: Transform;
  readonly parameters: readonly unknown[];
  readonly mix: Mosaic;
  readonly mixing: ReturnType<Mosaic["draw"]>;
}

async function printed(name: "mixup" | "cutmix" | "mosaic"): Promise<Printed> {
  const file = new URL(`${name}.ts`, folder);
  writeFileSync(file, codeOf(steps, { seed: 2, index: 3, canvas, mix: name }));
  return (await import(/* @vite-ignore */ file.href)) as Printed;
}

test("mosaic: the code makes the same sample, of four draws", async () => {
  const { sample, parameters } = mixed("mosaic", draws("mosaic"), { seed: 2, index: 3, canvas });
  const code = await printed("mosaic");
  const [first, second, third, fourth] = code.parameters.map((own) => apply(code.transform, parts, own));
  if (!first || !second || !third || !fourth) throw new Error("a mosaic is of four");
  expect(code.mixing).toEqual(parameters);
  expect(code.mix.apply([first, second, third, fourth], code.mixing)).toEqual(sample);
  const { boxes }: { readonly boxes?: Boxes } = Object.fromEntries(
    Object.entries(sample).flatMap(([name, part]) => (part.kind === "boxes" ? [[name, part] as const] : [])),
  );
  expect(boxes?.labels.length).toBeGreaterThan(3);
});

test.each(["mixup", "cutmix"] as const)("%s: the code draws the same, of two draws", async (name) => {
  const { sample, parameters } = mixed(name, draws(name), { seed: 2, index: 3, canvas });
  const { mixing, parameters: all } = await printed(name);
  expect(mixing).toEqual(parameters);
  expect(all).toHaveLength(2);
  expect(Object.keys(sample)).toEqual(["image"]);
});

test("draws of several sizes are refused in words", () => {
  const [small, large] = [4, 5].map((side) => ({ image: image(new Uint8Array(3 * side * side), [3, side, side]) }));
  if (!small || !large) return;
  expect(() => mixed("mixup", [small, large], { seed: 1, index: 0, canvas })).toThrow(
    "mixup wants draws of one size, and these are 4 × 4 and 5 × 5",
  );
});
