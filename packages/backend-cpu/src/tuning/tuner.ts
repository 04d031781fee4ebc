// Chooses the algorithm of each convolution by measuring, before a graph is compiled. Loaded when `cpu({ tune })` asks for it.
import type { Graph } from "@stria/core";
import type { BlockStore } from "../memory/buffer.ts";
import type { Tile } from "../kernels/tile.ts";
import { inOneGo } from "../pieces.ts";
import type { Pool } from "../pool/pool.ts";
import {
  type Algorithms,
  algorithmsFor,
  chooseAlgorithm,
  type Circumstances,
  loadForChoice,
  type Measured,
  type Pass,
} from "../program/channels-last/algorithms.ts";
import type { ConvolutionGeometry } from "../program/convolution.ts";
import { keepsPreparation } from "../program/parameters.ts";
import { answers } from "./answers.ts";
import { convolutionOf } from "./convolution-of.ts";
import { fastest } from "./fastest.ts";
import { Trial } from "./trial.ts";

export { adopt, tunedTile } from "./adopt.ts";
export { cpu } from "../index.ts";

/** What an answer depends on beside the convolution. */
interface Setting {
  readonly tile: Tile;
  readonly threads: number;
}

function keyOf(
  { tile, threads }: Setting,
  g: ConvolutionGeometry,
  pass: Pass,
  { algorithms, keepsWeights }: Circumstances,
): string {
  const { batch, channels, outputs, groups, input, places, kernel, stride, dilation, before } = g;
  const shape = [[batch, channels, ...input], [outputs, ...places], kernel, stride, dilation, before];
  return [
    pass,
    ...shape.map((list) => list.join("x")),
    groups,
    `${threads}t`,
    Object.values(tile).join("-"),
    ...(keepsWeights ? ["kept"] : []),
    ...(algorithms === "direct" ? ["direct"] : []),
  ].join(" ");
}

export class Tuner {
  readonly measured: Measured;
  readonly #pool: Pool;
  readonly #store: BlockStore;
  readonly #setting: Setting;
  readonly #algorithms: Algorithms;
  readonly #now: () => number;
  /** One shape is measured at a time, whoever asks. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    pool: Pool,
    store: BlockStore,
    { tile, algorithms }: { readonly tile: Tile; readonly algorithms: Algorithms },
    now: () => number = () => performance.now(),
  ) {
    this.#pool = pool;
    this.#store = store;
    this.#setting = { tile, threads: pool.threads };
    this.#algorithms = algorithms;
    this.#now = now;
    this.measured = (...asked) => answers.algorithms.get(keyOf(this.#setting, ...asked));
  }

  /** Measures what is not known yet of a graph's convolutions. */
  measure(graph: Graph): Promise<void> {
    const circumstances = { algorithms: this.#algorithms, keepsWeights: keepsPreparation(graph) };
    const before = this.#last;
    const mine = (async () => {
      await before.catch(() => {}); // who waits for that hears of it
      for (const node of graph.nodes) {
        const found = convolutionOf(graph, node);
        if (found && this.measured(found.g, found.pass, circumstances) === undefined)
          await this.#choose(found.g, found.pass, circumstances);
      }
    })();
    this.#last = mine;
    return mine;
  }

  async #choose(g: ConvolutionGeometry, pass: Pass, circumstances: Circumstances): Promise<void> {
    const sizes = [g.batch, g.channels, g.outputs, ...g.input, ...g.places, ...g.kernel];
    if (sizes.includes(0)) return;
    await inOneGo(loadForChoice(g, circumstances.algorithms));
    const rule = chooseAlgorithm(g, pass, circumstances).algorithm;
    const all = [rule, ...algorithmsFor(g, pass, circumstances).filter((other) => other !== rule)];
    const trial = new Trial(this.#pool, this.#store, g, pass);
    try {
      const options = { ...circumstances, tile: this.#setting.tile };
      const runs = await Promise.all(all.map((algorithm) => trial.prepare(g, pass, algorithm, options)));
      const found = all[await fastest(runs, this.#now)] ?? rule;
      answers.algorithms.set(keyOf(this.#setting, g, pass, circumstances), found);
    } finally {
      trial.dispose();
    }
  }
}
