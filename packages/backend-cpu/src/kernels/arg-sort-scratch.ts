// Which way lanes are sorted, and the memory that it takes.

/** From this length on, counting digits is faster than insertion. */
export const longLane = 64;

const digitBits = 8;
export const digits: number = 1 << digitBits;
export const pairBytes = 8;

/** Scratch memory for lanes of `length`: pairs, pairs in the next order, and how often each digit comes up. */
export function argSortScratch(length: number): number {
  return 2 * pairBytes * length + 4 * digits;
}
