// The page of the documentation that shows all transforms.
import { groups } from "../catalogue/catalogue.ts";
import type { Entry } from "../catalogue/entry.ts";
import { several } from "./several.ts";

const introduction = `# Augmentation in pictures

Every transform of [\`@stria/augmentation\`](../packages/augmentation), drawn by \`npm run pictures\`: what the first draws of a seed make of one sample, which is an image with a mask (tinted), boxes and key points. \`npm run augment\` is a page in
which all of them can be tried on pictures of yours, with sliders for every option.

![A harbour with two boats and a balloon; their mask, boxes and key points](pictures/augmentation/sample.jpg)

Geometry moves everything: images are sampled, masks by their nearest pixels (labels are never mixed), boxes become the box around their moved corners, clipped, and are left out where too little is left of them; key points move along, also to
the outside. Colours, filters, noise and erasing leave masks, boxes and key points as they are. \`normalise\` and \`standardise\` make floats, which are stretched here to what a screen shows.

<!-- written by npm run pictures -->
`;

const moved = {
  pixels: "Mask, boxes and key points move along.",
  colours: "Mask, boxes and key points stay.",
  "image alone": "For images alone: a sample with a mask, boxes or key points does not compile.",
} as const;

function block(name: string, code: string, words: readonly (string | undefined)[]): string {
  return `
### ${name}

${words.filter((text) => text !== undefined).join(" ")}

\`${code}\`

![${name}](pictures/augmentation/${name}.jpg)
`;
}

function entryBlock([name, entry]: readonly [string, Entry]): string {
  const paper = entry.paper === undefined ? undefined : `${entry.paper}.`;
  return block(name, entry.source(name, {}).text, [entry.does, moved[entry.moves], paper]);
}

const calls: Readonly<Record<string, string>> = {
  mixup: "mixup({ alpha: 4 })",
  cutmix: "cutmix()",
  mosaic: "mosaic([240, 320], { minimumSide: 6 })",
  copyPaste: "copyPaste(target, source, drawCopyPaste(random, 3, 0.6))",
  fiveCrop: "fiveCrop(image, [160, 200])",
  tenCrop: "tenCrop(image, [160, 200])",
  testTimeViews: "testTimeViews(canvas, { turns: [0, 1], scales: [1, 0.6] })",
};

/** The page in Markdown. */
export function page(): string {
  const parts = groups.map(({ name, entries }) => `\n## ${name}\n${Object.entries(entries).map(entryBlock).join("")}`);
  const severalBlocks = Object.entries(several).map(([name, { does, others, paper }]) =>
    block(name, calls[name] ?? name, [does, others, paper === undefined ? undefined : `${paper}.`]),
  );
  return `${introduction}${parts.join("")}
## Several samples, several views
${severalBlocks.join("")}
## A detection set

Mosaics of photographs of blood (\`bccd()\` of [\`@stria/datasets\`](../packages/datasets), MIT licence), each turned, mirrored, scaled and jittered first: red cells orange, white cells blue, platelets green.

![Two mosaics of four photographs each, with boxes around the cells](pictures/augmentation/bccd-mosaic.jpg)
`;
}
