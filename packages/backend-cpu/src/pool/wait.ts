// Waiting for a word of shared memory on a thread that must not sleep: the thread of a page.

/** Resolves when `words[index]` may have left `value`, or after some milliseconds. */
export async function wordChange(words: Int32Array, index: number, value: number, milliseconds: number): Promise<void> {
  const waitAsync: unknown = Reflect.get(Atomics, "waitAsync");
  if (typeof waitAsync !== "function") return new Promise((resolve) => setTimeout(resolve, 0));
  const result: unknown = waitAsync.call(Atomics, words, index, value, milliseconds);
  if (typeof result === "object" && result !== null && "value" in result) await result.value;
}
