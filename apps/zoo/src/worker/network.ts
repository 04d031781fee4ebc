// The model that is open, on the backend in use: its weights, its answers, its maps.
import { type Tensor, cellPaths, setSeed } from "@stria/core";
import { type Features, type Module, features } from "@stria/layers";
import { predict } from "@stria/training";
import { loadWeights } from "@stria/weights";
import { type KnownWeights, type ModelInfo, type Preprocessing, create } from "@stria/zoo";
import { firstTensor } from "../anatomy/first-tensor.ts";
import type { Answer, Maps, Segments, WeightsReport } from "../messages.ts";
import { asPictures } from "./pictures.ts";
import type { Pixels } from "./image.ts";
import { Refusal } from "./refusal.ts";
import { argMax, countsOf } from "./segments.ts";
import type { Source } from "./weights.ts";

/** Untrained weights are the same at each visit. */
const seed = 1;
const topClasses = 5;
/** Models whose outputs are distances, of which the smallest wins: their negatives are read as logits. */
const tellsDistances: ReadonlySet<string> = new Set(["lenet5_1998"]);
/** Programs for maps that are kept: each has memory of its own. */
const mostPrograms = 6;

/** What is read of a tensor that is not needed afterwards. */
export async function read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
  try {
    return Float32Array.from(await tensor.data());
  } finally {
    tensor.dispose();
  }
}

/** How many of a model's values a file had, and what was left over on both sides. */
type Loaded = Pick<WeightsReport, "used" | "total" | "missing" | "left">;

export class Network {
  readonly name: string;
  readonly info: ModelInfo;
  preprocessing: Preprocessing;
  #model: Module;
  #source: Source | undefined;
  #programs = new Map<string, Features<[Tensor], string>>();
  #hasRun = false;

  constructor(name: string, info: ModelInfo, model: Module) {
    this.name = name;
    this.info = info;
    this.#model = model;
    this.preprocessing = info.preprocessing ?? { mean: [], standardDeviation: [], pad: 0 };
    setSeed(seed);
  }

  get model(): Module {
    return this.#model;
  }

  get parameters(): number {
    return this.info.parameters;
  }

  /** Whether the weights have still to be drawn. */
  get isUntouched(): boolean {
    return !this.#hasRun && this.#source === undefined;
  }

  /** Sets what the file has of the model's values. @throws FormatError where shapes do not fit; Refusal where nothing is the model's. */
  async load(source: Source, known: KnownWeights | undefined): Promise<Loaded> {
    const paths = cellPaths(this.#model);
    const { used, missing, left } = await loadWeights(this.#model, source.file, {
      rename: source.rename,
      strict: false,
    });
    if (used.length === 0)
      throw new Refusal(
        `${source.file.source} has no weights of ${this.name}: its keys are ${firstOf(source.file.tensors.keys())}, the model's are ${firstOf(paths.keys())}.`,
      );
    this.#source = source;
    this.preprocessing = known?.preprocessing ?? this.info.preprocessing ?? this.preprocessing;
    // Older files lack the counters of batches, which matter in training alone.
    const counts = (path: string): boolean => path.endsWith("num_batches_tracked");
    const wanted = [...paths.keys()].filter((path) => !counts(path));
    const lacking = missing.filter((path) => !counts(path));
    return { used: wanted.length - lacking.length, total: wanted.length, missing: lacking, left };
  }

  /** The same model on the backend that is now in use. */
  async renew(): Promise<void> {
    this.#forget();
    setSeed(seed);
    this.#model = await create(this.name);
    const source = this.#source;
    if (source !== undefined) await loadWeights(this.#model, source.file, { rename: source.rename, strict: false });
  }

  /** The logits of an image [1, ...] and how long they took, in milliseconds. */
  async #logits(input: Tensor): Promise<{ values: Float32Array; milliseconds: number }> {
    const begin = performance.now();
    const output = firstTensor(await predict<[Tensor], unknown>(this.#model, input));
    if (output === undefined) throw new Refusal(`${this.name} gives no tensor.`);
    const values = await read(output);
    if (tellsDistances.has(this.name)) for (const [index, value] of values.entries()) values[index] = -value;
    return { values, milliseconds: performance.now() - begin };
  }

  /** @throws Refusal for a model that tells no classes apart. */
  async classify({ input }: Pixels): Promise<Answer> {
    const { numClasses, task } = this.info;
    if (task !== "classification" || numClasses === null)
      throw new Refusal(`${this.name} tells no classes apart; look at its maps.`);
    const first = await this.#logits(input);
    const { values, milliseconds } = await this.#logits(input);
    this.#hasRun = true;
    const largest = values.reduce((a, b) => Math.max(a, b), -Infinity);
    const powers = Array.from(values, (value) => Math.exp(value - largest));
    const sum = powers.reduce((total, power) => total + power, 0);
    const top = powers
      .map((power, index) => ({ index, logit: values[index] ?? 0, share: power / sum }))
      .toSorted((a, b) => b.logit - a.logit || a.index - b.index)
      .slice(0, topClasses);
    return { top, milliseconds, firstMilliseconds: first.milliseconds };
  }

  /** The class of every pixel. @throws Refusal for a model that gives no scores of pixels. */
  async segment({ input }: Pixels): Promise<Segments> {
    const begin = performance.now();
    const output = firstTensor(await predict<[Tensor], unknown>(this.#model, input));
    const [, classes = 0, height = 0, width = 0] = output?.shape ?? [];
    if (this.info.task !== "segmentation" || output?.shape.length !== 4)
      throw new Refusal(`${this.name} gives no scores of pixels; look at its maps.`);
    const labels = argMax(await read(output), classes, height * width);
    this.#hasRun = true;
    return { height, width, labels, counts: countsOf(labels), milliseconds: performance.now() - begin };
  }

  /** What the layer at a path gives for an image. */
  async maps(path: string, { input }: Pixels, channelsLast: boolean): Promise<Maps> {
    const known = this.#programs.get(path);
    const program = known ?? features(this.#model, [path]);
    this.#programs.delete(path);
    this.#programs.set(path, program);
    const [oldest] = this.#programs.keys();
    if (this.#programs.size > mostPrograms && oldest !== undefined) this.#programs.delete(oldest);
    const { [path]: map } = await predict(program, input);
    this.#hasRun = true;
    if (map === undefined) throw new Refusal(`The layer ${path} gives no map.`);
    const [, ...shape] = map.shape;
    const values = await read(map);
    return { path, ...asPictures(values, shape, channelsLast) };
  }

  #forget(): void {
    this.#programs = new Map();
    this.#hasRun = false;
  }

  /** Gives back what the weights take on the backend. */
  dispose(): void {
    this.#forget();
    this.#source = undefined;
  }
}

function firstOf(keys: Iterable<string>): string {
  const all = [...keys];
  return all.slice(0, 3).join(", ") + (all.length > 3 ? ", …" : "");
}
