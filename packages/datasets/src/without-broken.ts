// A dataset without the items that cannot be read, which are counted and named.
import { type Dataset, subset } from "@stria/data";

/** An item that could not be read. */
export interface BrokenItem {
  readonly index: number;
  readonly error: Error;
}

/**
 * Reads every item once, and leaves out those that fail; `broken` says which, and why.
 * @throws what is thrown that is no Error, and the reason of `signal` when that is aborted
 */
export async function withoutBroken<Item>(
  dataset: Dataset<Item>,
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly dataset: Dataset<Item>; readonly broken: readonly BrokenItem[] }> {
  const broken: BrokenItem[] = [];
  const good: number[] = [];
  for (let index = 0; index < dataset.length; index++) {
    signal?.throwIfAborted();
    try {
      await dataset.get(index);
      good.push(index);
    } catch (error) {
      if (!(error instanceof Error)) throw error;
      broken.push({ index, error });
    }
  }
  return { dataset: subset(dataset, good), broken };
}
