// Tells the page how a run is, often enough to look live and no more often.
import type { FromWorker } from "../messages.ts";
import { type Run, digitTensor } from "./run.ts";
import { filters, maps } from "./sheets.ts";

/** Milliseconds between figures, and between pictures. */
const figuresEvery = 100;
const picturesEvery = 300;

export class Reporter {
  readonly #post: (message: FromWorker, transfer?: Transferable[]) => void;
  #digit: Uint8Array | undefined;
  #layer = 0;
  /** Whether what the page shows is of another digit or layer. */
  #stale = false;
  #run: Run | undefined;
  #figuresAt = -Infinity;
  #picturesAt = -Infinity;
  #stepsThen = 0;

  constructor(post: (message: FromWorker, transfer?: Transferable[]) => void) {
    this.#post = post;
  }

  get stale(): boolean {
    return this.#stale;
  }

  setDigit(pixels: Uint8Array): void {
    this.#digit = pixels;
    this.#stale = true;
  }

  setLayer(index: number): void {
    this.#layer = index;
    this.#stale = true;
  }

  /** The run begins, or goes on after a rest: its rate is counted from now. */
  begin(run: Run): void {
    if (this.#run !== run) this.#layer = run.net.imageLayers[0]?.index ?? 0;
    this.#run = run;
    this.#stepsThen = run.step;
    this.#figuresAt = performance.now();
  }

  /** Between two steps: reports if it is time to. */
  async duringTraining(run: Run): Promise<void> {
    const now = performance.now();
    const pictures = this.#stale || now - this.#picturesAt >= picturesEvery;
    if (!pictures && now - this.#figuresAt < figuresEvery) return;
    const seconds = (now - this.#figuresAt) / 1000;
    // Over less than half an interval, a rate says nothing.
    const rate = seconds * 1000 >= figuresEvery / 2 ? (run.step - this.#stepsThen) / seconds : undefined;
    await this.#report(run, pictures, rate);
    if (rate !== undefined) {
      this.#figuresAt = performance.now();
      this.#stepsThen = run.step;
    }
    if (pictures) this.#picturesAt = performance.now();
  }

  /** Reports everything now. */
  async atRest(run: Run): Promise<void> {
    await this.#report(run, true, undefined);
  }

  async #report(run: Run, pictures: boolean, stepsPerSecond: number | undefined): Promise<void> {
    this.#stale = false;
    // The page may send another digit meanwhile; this report is of one.
    const x = this.#digit && digitTensor(this.#digit);
    const prediction = x && (await run.classify(x));
    const weights = pictures ? await filters(run.net) : undefined;
    const images = pictures && x ? await maps(run.net, this.#layer, x) : undefined;
    x?.dispose();
    const transfer = [weights, images].flatMap((sheet) => (sheet === undefined ? [] : [sheet.values.buffer]));
    const { step, epoch } = run;
    this.#post(
      { type: "progress", step, epoch, stepsPerSecond, ...run.measured(), prediction, filters: weights, maps: images },
      transfer,
    );
  }
}
