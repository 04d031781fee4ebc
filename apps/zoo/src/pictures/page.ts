// The page of the documentation that shows all pictures.
import { showSize } from "../anatomy/anatomy.ts";
import type { ModelPicture } from "./picture.ts";

const introduction = `# The zoo in pictures

Every model of \`@stria/zoo\`, drawn to scale from its traced graph by \`npm run pictures\`; \`npm run zoo\` shows the same drawings in a browser, layer by layer, with
feature maps and receptive fields. Height is a map's rows, depth its columns, width its channels; an upright bar is a vector. Blue: convolutions; orange: pooling; green: dense layers;
teal: transposed convolutions and resizing; violet: recurrent layers; grey: maps side by side. Arcs go past layers, circles are where branches meet, and \`×n\` stands above a block
that is there n times. Activations and normalisation belong to the box before them. Each picture has a scale of its own.

<!-- written by npm run pictures -->
`;

const withCommas = (count: number): string => count.toLocaleString("en");

function entryOf({ info, anatomy }: ModelPicture): string {
  const { name, paper, authors, year, url, inputShape } = info;
  return `
## ${name}

[${paper}](${url}), ${authors} (${year}). ${withCommas(anatomy.parameters)} parameters, ${withCommas(anatomy.multiplyAdds)} multiply-adds for an input of ${showSize(inputShape)}.

![The layers of ${name}](pictures/models/${name}.svg)
`;
}

/** The page in Markdown. */
export function pageOf(pictures: readonly ModelPicture[]): string {
  return introduction + pictures.map(entryOf).join("");
}
