// Transforms of a loader: random numbers of each item's own, errors that name it, an end on request.
import { AttributeError, setSeed, streamKey } from "@stria/core";
import { describe, expect, it, vi } from "vitest";
import type { Dataset } from "../src/dataset.ts";
import { ItemRandom } from "../src/item-random.ts";
import { loader, type LoaderOptions, type StreamLoader } from "../src/loader.ts";
import { listDataset, streamDataset } from "../src/own-items.ts";
import { SampleError } from "../src/sample-error.ts";
import { collected } from "./fixtures.ts";

const items = Array.from({ length: 20 }, (_, index) => ({ index }));
const dataset: Dataset<{ index: number }> = listDataset(items);

type Options = Partial<LoaderOptions<{ index: number }, { index: number; drawn: number }>>;
const augmented = (options: Options) => ({
  batchSize: 6,
  seed: 1,
  transform: ({ index }: { index: number }, { random }: { random: ItemRandom }) => {
    if (index % 3 === 0) random.normal(); // how much one item draws is nothing to the others
    return { index, drawn: random.uniform() };
  },
  ...options,
});

async function drawnByIndex(batches: StreamLoader, epoch: number): Promise<Map<number, number>> {
  const drawn = new Map<number, number>();
  for await (const batch of batches.batches(epoch)) {
    const { index, drawn: values } = batch as unknown as Record<string, { data(): Promise<Float32Array> }>;
    const [places, found] = [await index?.data(), await values?.data()];
    places?.forEach((place, row) => drawn.set(place, found?.[row] ?? Number.NaN));
  }
  return drawn;
}

const load = (options: Options): StreamLoader => loader(dataset, augmented(options)) as unknown as StreamLoader;

describe("random numbers of a transform", () => {
  it("are of the item and the epoch, whatever the batches, the order and the prefetch", async () => {
    const first = await drawnByIndex(load({}), 0);
    expect(new Set(first.values()).size).toBe(20);
    for (const options of [{ batchSize: 1 }, { shuffle: true }, { prefetch: 0 }, { prefetch: 5 }, { batchSize: 20 }])
      for (const [index, value] of await drawnByIndex(load(options), 0)) expect(value).toBe(first.get(index));
    const stream = loader(
      streamDataset(() => items),
      augmented({}),
    ) as unknown as StreamLoader;
    expect(await drawnByIndex(stream, 0)).toEqual(first);
    expect(await drawnByIndex(load({}), 1)).not.toEqual(first);
    expect(await drawnByIndex(load({ seed: 2 }), 0)).not.toEqual(first);
  });

  it("derive from the root seed where the loader has none", async () => {
    const { seed: _, ...unseeded } = augmented({});
    const batches = loader(dataset, unseeded) as unknown as StreamLoader;
    setSeed(1);
    expect(await drawnByIndex(batches, 0)).toEqual(await drawnByIndex(load({}), 0));
  });

  it("differ where an item comes again in an epoch", async () => {
    const sampler = { length: 4, draw: () => [7, 3, 7, 7] };
    const drawn: number[] = [];
    for (const batch of loader(dataset, augmented({ sampler, batchSize: 3 })))
      drawn.push(...(await batch.drawn.data()));
    expect(new Set(drawn).size).toBe(4);
    const alone = await drawnByIndex(load({}), 0);
    expect(drawn[0]).toBe(alone.get(7));
    expect(drawn[1]).toBe(alone.get(3));
  });

  it("are uniform, normal, whole, or true as often as asked", () => {
    const random = new ItemRandom(streamKey(1, "test"));
    const count = 20_000;
    const mean = (draw: () => number): number => Array.from({ length: count }, draw).reduce((a, b) => a + b, 0) / count;
    // Five standard errors each: 1/sqrt(12 n), 1/sqrt(n), sqrt((9^2 - 1)/12 / n), sqrt(p q / n).
    expect(Math.abs(mean(() => random.uniform(2, 4)) - 3)).toBeLessThan(5 * 2 * Math.sqrt(1 / 12 / count));
    expect(Math.abs(mean(() => random.normal(1, 2)) - 1)).toBeLessThan((5 * 2) / Math.sqrt(count));
    expect(Math.abs(mean(() => random.integer(9)) - 4)).toBeLessThan(5 * Math.sqrt(80 / 12 / count));
    expect(Math.abs(mean(() => Number(random.chance(0.2))) - 0.2)).toBeLessThan(5 * Math.sqrt(0.16 / count));
    expect(random.split("a").uniform()).toBe(new ItemRandom(streamKey(1, "test", "a")).uniform());
    expect(() => random.chance(1.5)).toThrow(/probability 1.5 is not from 0 to 1/);
  });
});

describe("errors", () => {
  const failing = (): never => {
    throw new RangeError("no picture in it.");
  };

  it("of a transform name the item, and keep what was thrown", async () => {
    const transform = ({ index }: { index: number }): { index: number } => (index === 13 ? failing() : { index });
    const reading = collected(loader(dataset, { batchSize: 4, shuffle: true, seed: 3, transform }));
    const error: unknown = await reading.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(SampleError);
    expect(String(error)).toMatch(
      /^SampleError: sample 13: transforming it failed: no picture in it\. Remedy: leave the item out/,
    );
    expect(error).toMatchObject({ index: 13, subject: "sample 13" });
    expect((error as SampleError).cause).toBeInstanceOf(RangeError);
    expect(() => [...loader(dataset, { batchSize: 4, transform })]).toThrow(/sample 13: transforming it failed/);
  });

  it("of reading name it too, in streams as well, after the batches before", async () => {
    const broken: Dataset<{ index: number }> = {
      length: 9,
      get: (index) => (index === 4 ? failing() : { index }),
    };
    expect(() => [...loader(broken, { batchSize: 9 })]).toThrow(/sample 4: reading it failed: no picture/);
    let given = 0;
    const transform = ({ index }: { index: number }): Promise<{ index: number }> =>
      index === 4 ? Promise.reject(new Error("gone")) : Promise.resolve({ index });
    const reading = async (): Promise<void> => {
      for await (const batch of loader(
        streamDataset(() => items),
        { batchSize: 3, transform, prefetch: 3 },
      ))
        given += batch.index.size;
    };
    await expect(reading()).rejects.toThrow(/sample 4: transforming it failed: gone/);
    expect(given).toBe(3);
  });

  it("of asynchronous transforms in `for` say what to write", () => {
    expect(() => [...loader(dataset, { batchSize: 4, transform: async (item) => item })]).toThrow(/for await/);
    expect(() => [...loader(dataset, { batchSize: 4, collate: async (all) => all })]).toThrow(
      /the batches of collate must be waited for/,
    );
  });
});

describe("a signal", () => {
  it("ends every iteration with its reason, also while an item is waited for", async () => {
    const user = new AbortController();
    const reason = new Error("enough");
    const never = vi.fn<() => Promise<{ index: number }>>(() => new Promise(() => undefined));
    const waiting = collected(
      loader({ length: 3, get: never }, { batchSize: 3, signal: user.signal }) as AsyncIterable<unknown>,
    );
    const batches = loader(dataset, { batchSize: 2, signal: user.signal });
    let given = 0;
    const reading = async (): Promise<void> => {
      for await (const batch of batches) {
        given += batch.index.size;
        if (given === 4) user.abort(reason);
      }
    };
    await expect(reading()).rejects.toBe(reason);
    expect(given).toBe(4);
    await expect(waiting).rejects.toBe(reason);
    expect(never).toHaveBeenCalledTimes(3);
    const heeding = loader(dataset, {
      batchSize: 2,
      signal: user.signal,
      transform: async (item) => {
        user.signal.throwIfAborted();
        return item;
      },
    });
    await expect(collected<unknown>(heeding.batches(0))).rejects.toBe(reason);
    expect(() => [...batches]).toThrow(reason);
    await expect(collected(batches)).rejects.toBe(reason);
  });
});

describe("a loop that is left", () => {
  it("closes the stream it read from", async () => {
    let closed = 0;
    async function* source(): AsyncGenerator<{ index: number }> {
      try {
        yield* items;
      } finally {
        closed++;
      }
    }
    for await (const { index } of loader(streamDataset(source), { batchSize: 2, prefetch: 2 })) {
      expect(index.size).toBe(2);
      break;
    }
    await vi.waitUntil(() => closed === 1, { timeout: 60_000 });
  });
});

describe("the position", () => {
  const indices = async (batches: AsyncIterable<{ readonly index: { data(): Promise<ArrayLike<number>> } }>) => {
    const all: number[][] = [];
    for await (const { index } of batches) all.push(Array.from(await index.data()));
    return all;
  };
  const make = () => loader(dataset, { batchSize: 6, shuffle: true, seed: 1 });

  it("is what was given out, and goes on there in another loader", async () => {
    const [first, second] = [await indices(make()), await indices(make().batches(1))];
    const batches = make();
    expect(batches.position).toEqual({ epoch: 0, batch: 0 });
    let saved = "";
    let seen = 0;
    for await (const { index } of batches) {
      expect(index.size).toBeLessThanOrEqual(6);
      if (++seen < 2) continue;
      saved = JSON.stringify(batches.position);
      break;
    }
    expect(saved).toBe('{"epoch":0,"batch":2}');
    const resumed = make();
    resumed.seek(JSON.parse(saved) as { epoch: number; batch: number });
    expect(resumed.position).toEqual({ epoch: 0, batch: 2 });
    expect(await indices(resumed)).toEqual(first.slice(2));
    expect(resumed.position).toEqual({ epoch: 1, batch: 0 });
    expect(await indices(resumed)).toEqual(second);
    const synchronous = make();
    synchronous.seek({ epoch: 0, batch: 3 });
    expect([...synchronous].length).toBe(1);
    expect(synchronous.position).toEqual({ epoch: 1, batch: 0 });
  });

  it("of a stream too", async () => {
    const batches = loader(
      streamDataset(() => items),
      { batchSize: 6 },
    );
    const whole = await indices(batches);
    batches.seek({ epoch: 4, batch: 2 });
    expect(batches.epoch).toBe(4);
    expect(await indices(batches)).toEqual(whole.slice(2));
    expect(batches.position).toEqual({ epoch: 5, batch: 0 });
    expect(await indices(batches.batches(0, 3))).toEqual(whole.slice(3));
    expect(batches.position).toEqual({ epoch: 5, batch: 0 });
    for (const position of [
      { epoch: -1, batch: 0 },
      { epoch: 0, batch: 0.5 },
    ])
      expect(() => batches.seek(position)).toThrow(AttributeError);
  });
});
