// A stream in another order, as far as a buffer reaches.
import { AttributeError, at, boundedInteger, type RandomKey, rootSeed, streamKey } from "@stria/core";
import { type IterableDataset, passOf, streamOf } from "../dataset.ts";

export interface ShuffleOptions {
  /** Items that are held back, one of which comes next, each as likely. As many as the stream has: every order is as likely. */
  readonly buffer: number;
  /** Root of the order. Default: the root seed (`setSeed`) at the time a pass begins. */
  readonly seed?: number;
}

async function* shuffled<Item>(items: AsyncIterable<Item>, buffer: number, key: RandomKey): AsyncGenerator<Item> {
  const held: Item[] = [];
  let given = 0;
  for await (const item of items) {
    if (held.length < buffer) {
      held.push(item);
      continue;
    }
    const place = boundedInteger(key, given++, buffer);
    const next = at(held, place);
    held[place] = item;
    yield next;
  }
  while (held.length > 0) {
    yield at(held.splice(boundedInteger(key, given++, held.length), 1), 0);
  }
}

/**
 * The stream in a random order, another one in each pass: a loader's epoch is the pass. Iterated without a loader, it is pass 0 each time.
 * @throws AttributeError when `buffer` is no whole number from 1
 */
export function shuffle<Item>(dataset: IterableDataset<Item>, { buffer, seed }: ShuffleOptions): IterableDataset<Item> {
  if (!Number.isSafeInteger(buffer) || buffer < 1)
    throw new AttributeError("shuffle", `buffer ${buffer} is not a whole number from 1`, "pass how many items to hold");
  return streamOf(
    (epoch) => shuffled(passOf(dataset, epoch), buffer, streamKey(seed ?? rootSeed(), "shuffle", epoch)),
    dataset.fields,
  );
}
