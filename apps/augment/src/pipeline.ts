// The list of transforms that the user made: as a transform, and as the code that makes it.
import { type Canvas, type Transform, compose } from "@stria/augmentation";
import { entryOf } from "./catalogue/catalogue.ts";
import type { Values } from "./catalogue/control.ts";

/** A transform of the list, as it is set. */
export interface Step {
  readonly name: string;
  readonly values: Values;
}

/** The steps one after the other. Names that are none are left out. */
export function transformOf(steps: readonly Step[]): Transform<readonly unknown[], never> {
  return compose(steps.flatMap(({ name, values }) => entryOf(name)?.make(values) ?? []));
}

/** Which draw the code is for. */
export interface Chosen {
  readonly seed: number;
  readonly index: number;
  readonly canvas: Canvas;
}

/** A program that makes the transform, and the parameters of a draw. */
export function codeOf(steps: readonly Step[], { seed, index, canvas }: Chosen): string {
  const sources = steps.flatMap(({ name, values }) => entryOf(name)?.source(name, values) ?? []);
  const names = [...new Set(["compose", "parametersOf", ...sources.flatMap((source) => source.names)])];
  const list = sources.map(({ text }) => `\n  ${text},`).join("");
  return `import { ${names.toSorted((a, b) => a.localeCompare(b)).join(", ")} } from "@stria/augmentation";

export const transform = compose([${list}${list === "" ? "" : "\n"}]);

// What this page shows: apply(transform, sample, parameters).
const canvas = { height: ${canvas.height}, width: ${canvas.width} };
export const parameters = parametersOf(transform, canvas, { seed: ${seed}, index: ${index} });
`;
}
