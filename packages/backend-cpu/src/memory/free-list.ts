// Which parts of a range are taken: best fit, neighbours merged when they are freed. It knows numbers only, so it serves memory and plans of memory.

export class FreeList {
  /** Free parts by place. */
  readonly #free: { start: number; size: number }[] = [];
  readonly #sizes = new Map<number, number>();
  /** One past the last place that was ever taken. */
  end: number;

  constructor(start: number) {
    this.end = start;
  }

  /** Parts that are taken. */
  get used(): number {
    return this.#sizes.size;
  }

  allocate(size: number): number {
    const start = this.allocateBelow(Infinity, size);
    if (start === undefined) throw new RangeError("numbers have no end");
    return start;
  }

  /** A part that ends at `limit` at most, or undefined where there is none. */
  allocateBelow(limit: number, size: number): number | undefined {
    let best = -1;
    let bestSize = Infinity;
    for (let index = 0; index < this.#free.length && bestSize > size; index++) {
      const block = this.#free[index];
      if (!block || block.size < size || block.size >= bestSize || block.start + size > limit) continue;
      best = index;
      bestSize = block.size;
    }
    const block = this.#free[best];
    let start: number;
    if (block) {
      ({ start } = block);
      block.start += size;
      block.size -= size;
      if (block.size === 0) this.#free.splice(best, 1);
    } else {
      // What is free at the very end is extended.
      const last = this.#free.at(-1);
      const grows = last !== undefined && last.start + last.size === this.end;
      start = grows ? last.start : this.end;
      if (start + size > limit) return undefined;
      if (grows) this.#free.pop();
      this.end = start + size;
    }
    this.#sizes.set(start, size);
    return start;
  }

  /** Ends the range at `end` again, behind which nothing is taken: what was added to it cannot be had after all. */
  truncate(end: number): void {
    const last = this.#free.at(-1);
    if (last && last.start + last.size > end) {
      last.size = end - last.start;
      if (last.size <= 0) this.#free.pop();
    }
    this.end = end;
  }

  /** Gives a part back; returns its size. */
  free(start: number): number {
    const size = this.#sizes.get(start);
    if (size === undefined) throw new RangeError(`nothing is taken at ${start}`);
    this.#sizes.delete(start);
    let low = 0;
    let high = this.#free.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#free[middle]?.start ?? 0) < start) low = middle + 1;
      else high = middle;
    }
    const before = this.#free[low - 1];
    const after = this.#free[low];
    const joinsBefore = before !== undefined && before.start + before.size === start;
    const joinsAfter = after !== undefined && start + size === after.start;
    if (joinsBefore && joinsAfter) {
      before.size += size + after.size;
      this.#free.splice(low, 1);
    } else if (joinsBefore) before.size += size;
    else if (joinsAfter) {
      after.start = start;
      after.size += size;
    } else this.#free.splice(low, 0, { start, size });
    return size;
  }
}
