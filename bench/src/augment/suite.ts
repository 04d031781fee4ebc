// Images a second that two recipes augment on one thread, in turns with Jimp and sharp, and with `--python COMMAND` with torchvision on uint8 tensors.
import type { Row, SuiteOptions } from "../row.ts";
import { jimpPicture, withJimp } from "./jimp.ts";
import { type Recipe, recipes } from "./recipes.ts";
import { interleaved, withSharp } from "./sharp.ts";
import { Torchvision } from "./torchvision.ts";

/** Seconds an image, in a round. */
type Contestant = (round: number) => Promise<number>;

async function timed(count: number, run: (index: number) => unknown): Promise<number> {
  const start = performance.now();
  for (let index = 0; index < count; index++) await run(index);
  return (performance.now() - start) / 1000 / count;
}

function contestantsOf(recipe: Recipe, torchvision: Torchvision | undefined): Readonly<Record<string, Contestant>> {
  const { height, width, count, few } = recipe;
  const bytes = Uint8Array.from({ length: 3 * height * width }, (_, i) => (i * 37) % 251);
  const [picture, pixels] = [jimpPicture(bytes, recipe), interleaved(bytes, recipe)];
  const place = (epoch: number, index: number) => ({ seed: 1, epoch, index });
  return {
    // Without waiting for anything between two images.
    stria: (epoch) => {
      const start = performance.now();
      for (let index = 0; index < count; index++) recipe.run(bytes, place(epoch, index));
      return Promise.resolve((performance.now() - start) / 1000 / count);
    },
    jimp: (epoch) => timed(few, (index) => withJimp(picture, recipe, recipe.drawn(place(epoch, index)))),
    sharp: (epoch) => timed(count, (index) => withSharp(pixels, recipe, recipe.drawn(place(epoch, index)))),
    ...(torchvision && { torchvision: () => torchvision.seconds(recipe) }),
  };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Both recipes: images a second, and how many times as fast as each peer in the same rounds. */
export async function measure({ python, rounds = 15 }: SuiteOptions): Promise<Row[]> {
  const torchvision = python === undefined ? undefined : await Torchvision.start(python);
  const rows: Row[] = [];
  for (const recipe of recipes) {
    const contestants = Object.entries(contestantsOf(recipe, torchvision));
    const seconds = new Map(contestants.map(([name]) => [name, [] as number[]]));
    for (let round = -2; round < rounds; round++)
      for (const [name, run] of contestants) {
        const taken = await run(round + 2);
        if (round >= 0) seconds.get(name)?.push(taken); // before that: warm-up
      }
    const own = seconds.get("stria") ?? [];
    const figures: Record<string, number> = { "images/s": 1 / median(own) };
    for (const [name, theirs] of seconds)
      if (name !== "stria") {
        figures[`${name} images/s`] = 1 / median(theirs);
        figures[`times ${name}`] = median(theirs) / median(own);
      }
    rows.push({
      name: `${recipe.name} recipe, ${recipe.height}x${recipe.width}`,
      median: 1000 * median(own),
      fastest: 1000 * Math.min(...own),
      figures,
    });
  }
  torchvision?.stop();
  return rows;
}
