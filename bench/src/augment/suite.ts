// Images a second that two recipes augment on one thread; with `--python COMMAND`, beside torchvision on uint8 tensors, in turns with it.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import {
  type Transform,
  apply,
  colorJitter,
  compose,
  horizontalFlip,
  image,
  imageNetStatistics,
  normalise,
  parametersOf,
  randomCrop,
  randomResizedCrop,
} from "@stria/augmentation";
import type { Row, SuiteOptions } from "../row.ts";

interface Recipe {
  readonly name: string;
  readonly transform: Transform<unknown, "image">;
  readonly height: number;
  readonly width: number;
  /** Images that are timed at once. */
  readonly count: number;
}

const recipes: readonly Recipe[] = [
  {
    name: "cifar",
    transform: compose([
      randomCrop(32, { padding: 4 }),
      horizontalFlip(),
      normalise({ mean: [0.49, 0.48, 0.45], std: [0.25, 0.24, 0.26] }),
    ]) as Transform<unknown, "image">,
    height: 32,
    width: 32,
    count: 1000,
  },
  {
    name: "imagenet",
    transform: compose([
      randomResizedCrop(224),
      horizontalFlip(),
      colorJitter({ brightness: 0.4, contrast: 0.4, saturation: 0.4, hue: 0.1 }),
      normalise(imageNetStatistics),
    ]) as Transform<unknown, "image">,
    height: 375,
    width: 500,
    count: 40,
  },
];

/** A process that answers lines with seconds. */
class Peer {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  constructor(python: string) {
    const script = fileURLToPath(new URL("peer.py", import.meta.url));
    this.#child = spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"] });
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    const next = await this.#lines.next();
    if (next.done === true) throw new Error("torchvision's process ended");
    return next.value;
  }

  async seconds({ name, count }: Recipe): Promise<number> {
    this.#child.stdin.write(`${name} ${count}\n`);
    return Number(await this.line());
  }

  stop(): void {
    this.#child.kill();
  }
}

/** Seconds for the images of a recipe. */
function own({ transform, height, width, count }: Recipe, round: number): number {
  const sample = {
    x: image(
      Uint8Array.from({ length: 3 * height * width }, (_, i) => (i * 37) % 251),
      [3, height, width],
    ),
  };
  const start = performance.now();
  for (let index = 0; index < count; index++)
    apply(transform, sample, parametersOf(transform, { height, width }, { seed: 1, epoch: round, index }));
  return (performance.now() - start) / 1000;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;
}

/** Both recipes: images a second, and how many times as fast as torchvision in the same rounds. */
export async function measure({ python, rounds = 15 }: SuiteOptions): Promise<Row[]> {
  const peer = python === undefined ? undefined : new Peer(python);
  await peer?.line();
  const rows: Row[] = [];
  for (const recipe of recipes) {
    const [found, theirs]: [number[], number[]] = [[], []];
    for (let round = -2; round < rounds; round++) {
      const seconds = own(recipe, round + 2);
      const others = await peer?.seconds(recipe);
      if (round < 0) continue; // warm-up
      found.push(seconds);
      if (others !== undefined) theirs.push(others);
    }
    const [seconds, others] = [median(found), median(theirs)];
    rows.push({
      name: `${recipe.name} recipe, ${recipe.height}x${recipe.width}`,
      median: (1000 * seconds) / recipe.count,
      fastest: (1000 * Math.min(...found)) / recipe.count,
      figures: {
        "images/s": recipe.count / seconds,
        ...(peer && { "torchvision images/s": recipe.count / others, "times as fast": others / seconds }),
      },
    });
  }
  peer?.stop();
  return rows;
}
