// Data that the tests' loaders and their workers have alike, with every way to fail; what happens is chosen by plain data.
import { rootSeed, tensor } from "@stria/core";
import type { CollateContext, TransformContext } from "../../src/batch-maker.ts";
import { classLabel, type Dataset, type IterableDataset } from "../../src/dataset.ts";

export interface Scenario {
  readonly length: number;
  /** Counts of items read, and of workers that were ended once. */
  readonly counts?: Int32Array;
  /** Items that fail when they are read, end their thread, end it the first time, never come. */
  readonly throws?: readonly number[];
  readonly ends?: readonly number[];
  readonly endsOnce?: readonly number[];
  readonly hangs?: readonly number[];
  /** What the worker's module does in place of serving. */
  readonly fails?: "throws" | "other length" | "no transform" | "other fields" | "no dataset";
  /** Whether items hold the root seed. */
  readonly root?: boolean;
  readonly collate?: "tensors" | "function";
}

export interface Item {
  readonly x: Float32Array;
  readonly y: number;
  readonly name: string;
}

/** What is read of item `index`. */
async function read(index: number, { counts, throws, ends, endsOnce, hangs, root }: Scenario): Promise<Item> {
  if (counts) Atomics.add(counts, 0, 1);
  if (throws?.includes(index)) throw new RangeError(`item ${index} is broken`);
  if (ends?.includes(index)) await endThread();
  if (endsOnce?.includes(index) && counts && Atomics.add(counts, 1, 1) === 0) await endThread();
  if (hangs?.includes(index)) await new Promise(() => {});
  const first = root === true ? rootSeed() : index;
  return { x: Float32Array.from({ length: 6 }, (_, place) => first + place / 8), y: index % 3, name: `${index}.png` };
}

/** As a crash: in Node a worker's process.exit ends the thread at once, in a page close does when what runs is over. */
function endThread(): Promise<never> {
  if (typeof process === "undefined") globalThis.close();
  else process.exit(7);
  return new Promise(() => {});
}

const fields = { x: { shape: [2, 3], dtype: "float32" as const }, y: classLabel(3) };

export function itemsOf(scenario: Scenario): Dataset<Item> {
  return {
    length: scenario.length,
    fields,
    get: (index) => read(index, scenario),
    nameOf: (index) => `folder/${index}.png`,
  };
}

export function streamOf(scenario: Scenario): IterableDataset<Item> {
  async function* items(): AsyncGenerator<Item> {
    for (let index = 0; index < scenario.length; index++) yield read(index, { ...scenario, throws: [], ends: [] });
  }
  return { fields, [Symbol.asyncIterator]: items };
}

/** Adds noise; takes what ends the thread of streams too. */
export function noisy(item: Item, { random, epoch }: TransformContext): Item {
  return { ...item, x: item.x.map((value) => value + random.normal() + epoch) };
}

export interface Means {
  readonly mean: ReturnType<typeof tensor>;
  readonly nested: readonly { readonly first: ReturnType<typeof tensor>; readonly names: readonly string[] }[];
  readonly count: number;
}

export function means(items: readonly Item[], { count }: CollateContext): Means {
  const sums = items.map(({ x }) => x.reduce((sum, value) => sum + value, 0));
  return {
    mean: tensor(sums),
    nested: [{ first: tensor([...(items[0]?.x ?? [])]), names: items.map(({ name }) => name) }],
    count,
  };
}

export function notPlain(): { readonly made: () => number } {
  return { made: () => 1 };
}
