// Where threads meet: the control words at the start of the shared memory, and the record of one kernel call in a program.

/** Control words, as indices into an Int32Array over the memory. */
export const control = {
  /** Counts programs and modules; workers sleep on it. */
  sequence: 1,
  /** Address and length of the program that runs; 0 when none does. */
  program: 2,
  records: 3,
  /** Workers that are inside a program. */
  active: 4,
  /** Not 0 after a kernel trapped in some thread. */
  fault: 5,
  /** Head of the list of modules: address of the first, 0 when there is none. */
  modules: 6,
  /** Scratch memory: address of thread 0's, and bytes from one thread's to the next. */
  scratch: 7,
  scratchStride: 8,
  /** Sequence number of the last program that is complete; a browser's main thread waits for it. */
  finished: 9,
  /** Modules that each thread has loaded, from here on one word a thread. */
  loaded: 16,
} as const;

/** Bytes at the start of the memory that the allocator leaves alone. */
export const reservedBytes = 1024;

/** Byte offsets inside a record. Chunk i does the units from i * grain to min(units, (i + 1) * grain). */
export const record = {
  kernel: 0,
  arguments: 4,
  units: 8,
  grain: 12,
  chunks: 16,
  /** Next chunk to take, and chunks done; both start at 0. */
  next: 20,
  done: 24,
  /**
   * Records that follow one another may run at the same time. The last of them counts what is done of them all: bytes from a record to that counter; and
   * how many chunks they have together, which is 0 in all but the last.
   */
  counter: 28,
  due: 32,
  /** A kernel that does each unit right behind the first kernel, which is there where its arguments are not 0. */
  nextKernel: 36,
  nextArguments: 40,
  bytes: 64,
} as const;

/** Threads that there are control words for. */
export const mostThreads: number = reservedBytes / 4 - control.loaded;

/** Word offsets in the header of a module that waits to be loaded; the bytes follow. Its functions are named by their places in the table. */
export const moduleHeader = { next: 0, length: 1, words: 4 } as const;

/** Kernels that one backend can hold. */
export const tableSize = 65536;

/** Places for kernels at first: a table is grown where it is too short, since engines fill all its places one by one. */
export const firstTableSize = 256;
