// A few requests at a time.

const atOnce = 4;

/** What `work` gives for each item, in order; not more than four are under way. The first error is thrown when none is any more. */
export async function fewAtOnce<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const pending = [...items.entries()].toReversed();
  const worker = async (): Promise<void> => {
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const [index, item] = next;
      try {
        results[index] = await work(item);
      } catch (error) {
        pending.length = 0;
        throw error;
      }
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
  return results;
}
