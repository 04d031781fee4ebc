// What is in a dataset: counts, sizes, colours, broken files, pictures that come twice. Found by reading every item once.
import { AttributeError } from "@stria/core";
import type { Image } from "@stria/augmentation";
import type { Dataset, IterableDataset } from "@stria/data";
import { descriptionText } from "./description-text.ts";
import { LookAlikes, lookOf, type Sighting } from "./perceptual-hash.ts";
import { classNamesOf, type Shown, shownBy, shownOf } from "./picture-of.ts";

/** The smallest, the mean and the largest of some numbers. */
export interface Range {
  readonly least: number;
  readonly mean: number;
  readonly most: number;
}

/** Numbers of one class. */
export interface ClassCount {
  readonly name: string;
  /** Items of this class, or, of images with boxes, boxes. */
  readonly count: number;
}

/** One dataset. */
export interface PartDescription {
  readonly items: number;
  /** By class, for items with a class or boxes with classes; empty for others. */
  readonly classes: readonly ClassCount[];
  /** Of images, in pixels; undefined where there are none. */
  readonly width: Range | undefined;
  readonly height: Range | undefined;
  /** Mean and standard deviation of each channel, of pixels / 255, over all pixels: what `normalise` takes. Of the most frequent number of channels. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** Boxes an image, and the square root of their area in pixels. */
  readonly boxes: Range | undefined;
  readonly boxSide: Range | undefined;
  /** Shares of the pixels of masks by class. */
  readonly maskShares: readonly number[];
  /** Characters a text. */
  readonly textLength: Range | undefined;
  /** Items that could not be read; a stream ends with the first. */
  readonly broken: readonly { readonly index: number; readonly reason: string }[];
}

/** One dataset, or several that are to have nothing in common. */
export interface Description {
  readonly parts: Readonly<Record<string, PartDescription>>;
  /** Images of one part that look the same. */
  readonly duplicates: readonly (readonly Sighting[])[];
  /** Images that look the same, in more than one part: what was learned is tested. */
  readonly leaks: readonly (readonly Sighting[])[];
  /** All of it, to be read. */
  toString(): string;
}

export interface DescribeOptions {
  /** Whether to look for images that look the same. Default: true. */
  readonly duplicates?: boolean;
  readonly signal?: AbortSignal;
  /** Called after each item; of a stream it is not known how many there are. */
  readonly onProgress?: (progress: {
    readonly part: string;
    readonly done: number;
    readonly of: number | undefined;
  }) => void;
}

/** Collects numbers. */
class RangeOf {
  #least = Infinity;
  #most = -Infinity;
  #sum = 0;
  #count = 0;
  add(value: number): void {
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
    this.#sum += value;
    this.#count++;
  }
  get value(): Range | undefined {
    if (this.#count === 0) return undefined;
    return { least: this.#least, mean: this.#sum / this.#count, most: this.#most };
  }
}

/** Sums of the channels of images with one number of channels. */
interface Channels {
  images: number;
  pixels: number;
  readonly sums: Float64Array;
  readonly squares: Float64Array;
}

/** What is found in one dataset. */
class Findings {
  readonly #counts = new Map<number, number>();
  readonly #maskCounts: number[] = [];
  readonly #channels = new Map<number, Channels>();
  readonly #width = new RangeOf();
  readonly #height = new RangeOf();
  readonly #boxes = new RangeOf();
  readonly #boxSide = new RangeOf();
  readonly #textLength = new RangeOf();
  readonly broken: { readonly index: number; readonly reason: string }[] = [];

  add({ image, mask, boxes, label, text }: Shown): void {
    if (label !== undefined) this.#count(label);
    if (text !== undefined) this.#textLength.add(text.length);
    if (image) this.#addImage(image);
    if (mask) for (const value of mask.values) this.#maskCounts[value] = (this.#maskCounts[value] ?? 0) + 1;
    if (!boxes) return;
    this.#boxes.add(boxes.labels.length);
    for (const [index, kind] of boxes.labels.entries()) {
      if (label === undefined) this.#count(kind);
      const [left = 0, top = 0, right = 0, bottom = 0] = boxes.values.subarray(4 * index, 4 * index + 4);
      this.#boxSide.add(Math.sqrt((right - left) * (bottom - top)));
    }
  }

  #count(label: number): void {
    this.#counts.set(label, (this.#counts.get(label) ?? 0) + 1);
  }

  #addImage({ values, shape: [channels, height, width] }: Image): void {
    this.#width.add(width);
    this.#height.add(height);
    const known = this.#channels.get(channels) ?? {
      images: 0,
      pixels: 0,
      sums: new Float64Array(channels),
      squares: new Float64Array(channels),
    };
    this.#channels.set(channels, known);
    const area = height * width;
    known.images++;
    known.pixels += area;
    for (let channel = 0; channel < channels; channel++) {
      let [sum, squares] = [0, 0];
      for (let at = channel * area; at < (channel + 1) * area; at++) {
        const value = values[at] ?? 0;
        sum += value;
        squares += value * value;
      }
      known.sums[channel] = (known.sums[channel] ?? 0) + sum;
      known.squares[channel] = (known.squares[channel] ?? 0) + squares;
    }
  }

  described(items: number, names: readonly string[] | undefined): PartDescription {
    const most = Math.max(-1, ...this.#counts.keys());
    const classes = this.#counts.size === 0 ? [] : Array.from({ length: Math.max(names?.length ?? 0, most + 1) });
    const [usual] = [...this.#channels.values()].toSorted((a, b) => b.images - a.images);
    const means = Array.from(usual?.sums ?? [], (sum) => sum / (usual?.pixels ?? 1));
    const deviations = Array.from(usual?.squares ?? [], (squares, channel) =>
      Math.sqrt(Math.max(0, squares / (usual?.pixels ?? 1) - (means[channel] ?? 0) ** 2)),
    );
    const maskPixels = this.#maskCounts.reduce((sum, count) => sum + count, 0);
    return {
      items,
      classes: classes.map((_, index) => ({
        name: names?.[index] ?? String(index),
        count: this.#counts.get(index) ?? 0,
      })),
      width: this.#width.value,
      height: this.#height.value,
      mean: means.map((value) => value / 255),
      std: deviations.map((value) => value / 255),
      boxes: this.#boxes.value,
      boxSide: this.#boxSide.value,
      maskShares: Array.from(
        { length: this.#maskCounts.length },
        (_, label) => (this.#maskCounts[label] ?? 0) / maskPixels,
      ),
      textLength: this.#textLength.value,
      broken: this.broken,
    };
  }
}

type Source = Dataset<object> | IterableDataset<object>;

function isStream(source: object): source is IterableDataset<object> {
  return Symbol.asyncIterator in source;
}

function isSource(value: unknown): value is Source {
  if (typeof value !== "object" || value === null) return false;
  return isStream(value) || ("get" in value && typeof value.get === "function" && "length" in value);
}

/** What the items show, one after the other; an error for one that cannot be read. A stream ends with its first error. */
async function* shownIn(source: Source): AsyncGenerator<Shown | Error> {
  try {
    let count = 0;
    if (isStream(source)) for await (const item of source) yield shownBy(source, item, count++);
    else
      for (let index = 0; index < source.length; index++)
        yield await shownOf(source, index).catch((error: unknown) => {
          if (error instanceof Error) return error;
          throw error;
        });
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    yield error;
  }
}

/**
 * Reads every item of a dataset or a stream, or of several by their names (`describe({ train, test })`), and says what is in them: counts by class, sizes, means and deviations of the channels, boxes, masks,
 * items that cannot be read, images that look the same in one part (duplicates) and in two (leaks). `String(description)` is a report.
 * @throws AttributeError for what is no dataset; what a dataset throws that is no Error; the reason of `signal` when that is aborted
 */
export async function describe(
  datasets: Source | Readonly<Record<string, Source>>,
  options: DescribeOptions = {},
): Promise<Description> {
  const { duplicates = true, signal, onProgress } = options;
  const parts: Readonly<Record<string, Source>> = isSource(datasets) ? { all: datasets } : datasets;
  const lookAlikes = new LookAlikes();
  const described: Record<string, PartDescription> = {};
  for (const [part, source] of Object.entries(parts)) {
    if (!isSource(source))
      throw new AttributeError("describe", `${part} is no dataset`, "pass a dataset or a stream, or several by name");
    const findings = new Findings();
    const length = isStream(source) ? undefined : source.length;
    let index = 0;
    signal?.throwIfAborted();
    for await (const shown of shownIn(source)) {
      if (shown instanceof Error) findings.broken.push({ index, reason: shown.message });
      else {
        findings.add(shown);
        if (duplicates && shown.image) lookAlikes.add(lookOf(shown.image), { part, index, name: shown.name });
      }
      index++;
      onProgress?.({ part, done: index, of: length });
      signal?.throwIfAborted();
    }
    described[part] = findings.described(index, classNamesOf(source));
  }
  const repeated = lookAlikes.repeated;
  const partsIn = (group: readonly Sighting[]): number => new Set(group.map(({ part }) => part)).size;
  const inOnePart = repeated.flatMap((group) =>
    Object.keys(parts)
      .map((name) => group.filter(({ part }) => part === name))
      .filter(({ length }) => length > 1),
  );
  const found = { parts: described, duplicates: inOnePart, leaks: repeated.filter((group) => partsIn(group) > 1) };
  return { ...found, toString: () => descriptionText(found) };
}
