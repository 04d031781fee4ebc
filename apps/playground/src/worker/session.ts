// The training session: does what the page asks for, and never two things with one net at a time. Steps are made by `#drive`; whatever else
// needs the net waits in a queue until that rests.
import { useBackend } from "@stria/core";
import { loadModel } from "@stria/training";
import { ListFault } from "../list/fault.ts";
import { parseList } from "../list/parse.ts";
import type { FromWorker, GivenFile, Settings, ToWorker } from "../messages.ts";
import { type Opened, openBackend } from "./backends.ts";
import { buildNet } from "./build-net.ts";
import { DataSource } from "./data.ts";
import { listOf, modelFile } from "./model-file.ts";
import { Refusal, refusalOf } from "./refusal.ts";
import { Reporter } from "./reporter.ts";
import { Run } from "./run.ts";
import { turn } from "./turn.ts";

export type Post = (message: FromWorker, transfer?: Transferable[]) => void;

export class Session {
  readonly #post: Post;
  readonly #data: DataSource;
  readonly #reporter: Reporter;
  #opened: Opened | undefined;
  #settings: Settings | undefined;
  #run: Run | undefined;
  #running = false;
  /** Ends when `#running` is false and the step that was on its way is done. */
  #driving: Promise<void> = Promise.resolve();
  #queue: Promise<void> = Promise.resolve();
  /** Counts starts: one that is still being prepared is given up when another is asked for. */
  #starts = 0;
  #examples = 0;

  constructor(post: Post) {
    this.#post = post;
    this.#data = new DataSource((text) => this.#post({ type: "note", text }));
    this.#reporter = new Reporter(post);
  }

  receive(message: ToWorker): void {
    switch (message.type) {
      case "start":
        return this.#prepare(message.type, () => this.#start(message.settings, message.running));
      case "load":
        return this.#prepare(message.type, () => this.#load(message.name, message.bytes));
      case "files":
        return this.#prepare(message.type, () => this.#files(message.files));
      case "example":
        return this.#prepare(message.type, async () => this.#example(message.label));
      case "digit":
        this.#reporter.setDigit(message.pixels);
        return this.#inTurn(() => this.#refresh());
      case "layer":
        this.#reporter.setLayer(message.index);
        return this.#inTurn(() => this.#refresh());
      case "pause":
        return this.#inTurn(() => this.#pause());
      case "resume":
        return this.#inTurn(async () => this.#resume());
      case "step":
        return this.#inTurn(() => this.#step());
      case "save":
        return this.#inTurn(() => this.#save());
    }
  }

  /** Does what touches no run that is there: what is wrong with it is said, and changes nothing. */
  #prepare(what: ToWorker["type"], action: () => Promise<void>): void {
    action().catch((error: unknown) => {
      const refusal = refusalOf(error);
      if (refusal === undefined) return this.#fail(error);
      const { message, entry } = refusal;
      this.#post({ type: "refused", what, message, ...(entry !== undefined && { entry }) });
    });
  }

  /** Does what touches the run, after all that was asked before. A fault ends the run. */
  #inTurn(action: () => Promise<void>): void {
    this.#queue = this.#queue.then(action).catch((error: unknown) => this.#fail(error));
  }

  #fail(error: unknown): void {
    this.#running = false;
    this.#run = undefined;
    this.#opened?.backend.dispose();
    this.#opened = undefined;
    this.#post({ type: "failed", message: error instanceof Error ? error.message : String(error) });
  }

  async #start(settings: Settings, running: boolean, weights?: Uint8Array): Promise<void> {
    const number = ++this.#starts;
    const net = buildNet(settings.entries);
    const digits = await this.#data.open(settings.data);
    const same = this.#opened?.name === settings.backend ? this.#opened : undefined;
    const opened = same ?? (await openBackend(settings.backend));
    if (number !== this.#starts) {
      if (opened !== this.#opened) opened.backend.dispose();
      return;
    }
    const run = new Run(settings, net, digits, opened);
    if (weights !== undefined) loadModel(net.model, weights);
    this.#settings = settings;
    this.#inTurn(() => this.#replace(run, opened, running));
  }

  async #replace(run: Run, opened: Opened, running: boolean): Promise<void> {
    await this.#rest();
    this.#reporter.begin(run);
    this.#run = run;
    if (this.#opened !== opened) {
      await useBackend(opened.backend);
      this.#opened?.backend.dispose();
      this.#opened = opened;
    }
    run.seed();
    this.#post({ type: "built", built: run.built });
    this.#post({ type: "state", state: "paused", step: 0 });
    await this.#reporter.atRest(run);
    if (running) this.#resume();
  }

  async #load(name: string, bytes: Uint8Array): Promise<void> {
    const list = listOf(bytes, name);
    const now = this.#settings;
    if (now === undefined) throw new Refusal("Build a net first.");
    if (list === undefined) return this.#start(now, false, bytes);
    try {
      return await this.#start({ ...now, list, entries: parseList(list) }, false, bytes);
    } catch (error) {
      if (!(error instanceof ListFault)) throw error;
      throw new Refusal(`The list of layers in ${name}: ${error.message}.`, undefined, { cause: error });
    }
  }

  async #files(files: readonly GivenFile[]): Promise<void> {
    const { train, test } = await this.#data.take(files);
    const count = (value: number): string => value.toLocaleString("en");
    this.#post({
      type: "files",
      text: `${count(train.length)} digits to train on, ${count(test.length)} to test with`,
    });
  }

  #example(label: number): void {
    const test = this.#run?.digits.test;
    if (test === undefined) return;
    for (let tries = 0; tries < test.length; tries++) {
      const index = this.#examples++ % test.length;
      if (test.label(index) !== label) continue;
      const pixels = test.pixels(index).slice();
      return this.#post({ type: "example", label, pixels }, [pixels.buffer]);
    }
    throw new Refusal(`Among these digits there is no ${label}.`);
  }

  /** Ends when no step is on its way. */
  async #rest(): Promise<void> {
    this.#running = false;
    await this.#driving;
  }

  async #pause(): Promise<void> {
    await this.#rest();
    const run = this.#run;
    if (run === undefined) return;
    await this.#reporter.atRest(run);
    this.#post({ type: "state", state: "paused", step: run.step });
  }

  #resume(): void {
    const run = this.#run;
    if (run === undefined || this.#running) return;
    this.#running = true;
    this.#reporter.begin(run);
    this.#post({ type: "state", state: "running", step: run.step });
    this.#driving = this.#drive(run).catch((error: unknown) => this.#fail(error));
  }

  async #step(): Promise<void> {
    const run = this.#run;
    if (run === undefined || this.#running) return;
    await run.advance();
    await this.#reporter.atRest(run);
    this.#post({ type: "state", state: "paused", step: run.step });
  }

  async #save(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    const goOn = this.#running;
    await this.#rest();
    const bytes = await modelFile(run.net.model, run.built.settings.list);
    this.#post({ type: "saved", bytes }, [bytes.buffer]);
    if (goOn) this.#resume();
  }

  /** The digit or the layer is another one. While steps are made, they report it. */
  async #refresh(): Promise<void> {
    const run = this.#run;
    if (run !== undefined && !this.#running && this.#reporter.stale) await this.#reporter.atRest(run);
  }

  async #drive(run: Run): Promise<void> {
    while (this.#running) {
      await run.advance();
      await this.#reporter.duringTraining(run);
      if (run.diverged) {
        this.#running = false;
        this.#post({
          type: "note",
          text: `The loss is no number any more after step ${run.step}: the steps were too long. Restart with a smaller learning rate.`,
        });
        this.#inTurn(() => this.#pause());
      }
      await turn();
    }
  }
}
