// The list of transforms that the user made: as a transform, and as the code that makes it.
import { type Canvas, type Transform, compose } from "@stria/augmentation";
import { entryOf } from "./catalogue/catalogue.ts";
import type { Values } from "./catalogue/control.ts";
import { type MixName, drawsOf } from "./mixing.ts";

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
  readonly mix: MixName;
}

/** What follows the transform in the code: the parameters of the draw, or of those that are mixed. */
function drawCode({ seed, index, canvas: { height, width }, mix }: Chosen): string {
  const size = `const canvas = { height: ${height}, width: ${width} };`;
  if (mix === "none")
    return `// What this page shows: apply(transform, sample, parameters).
${size}
export const parameters = parametersOf(transform, canvas, { seed: ${seed}, index: ${index} });
`;
  const shown =
    mix === "mosaic"
      ? "mix.apply(draws, mixing), of draws that are apply(transform, sample, parameters[i])."
      : "the first of mix.images(batch, mixing), of images that are apply(transform, sample, parameters[i]).";
  return `// What this page shows: ${shown}
${size}
export const parameters = [${drawsOf(mix, index).join(", ")}].map((index) => parametersOf(transform, canvas, { seed: ${seed}, index }));
export const mix = ${mix}(${mix === "mosaic" ? `[${height}, ${width}]` : ""});
export const mixing = mix.draw(itemRandom(${seed}, { epoch: 0, index: ${index} })${mix === "mosaic" ? "" : ", canvas"});
`;
}

/** A program that makes the transform, and the parameters of a draw. */
export function codeOf(steps: readonly Step[], chosen: Chosen): string {
  const { mix } = chosen;
  const sources = steps.flatMap(({ name, values }) => entryOf(name)?.source(name, values) ?? []);
  const names = [
    ...new Set([
      "compose",
      "parametersOf",
      ...(mix === "none" ? [] : [mix]),
      ...sources.flatMap((source) => source.names),
    ]),
  ];
  const list = sources.map(({ text }) => `\n  ${text},`).join("");
  return `import { ${names.toSorted((a, b) => a.localeCompare(b)).join(", ")} } from "@stria/augmentation";
${mix === "none" ? "" : 'import { itemRandom } from "@stria/data";\n'}
export const transform = compose([${list}${list === "" ? "" : "\n"}]);

${drawCode(chosen)}`;
}
