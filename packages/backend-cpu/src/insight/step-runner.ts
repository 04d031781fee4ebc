// Runs a program one step at a time, so that someone can look between them: at the clock, or at the memory.
import { at } from "@stria/core";
import type { Opened } from "../program/executable.ts";
import { place } from "../program/frame.ts";
import { encode, type EncodedProgram } from "../program/encode.ts";
import type { Ticket } from "../pool/place.ts";
import { record } from "../pool/layout.ts";

/** Where things lie. */
export interface Places {
  /** Address of each buffer. */
  readonly addresses: readonly number[];
  /** One past the last byte of them all. */
  readonly end: number;
  /** What filled them, where that can still fail. */
  readonly needs: readonly Ticket[];
  readonly ownScratch?: { readonly address: number; readonly stride: number };
}

export class StepRunner {
  readonly #opened: Opened;
  readonly #places: Places;
  readonly #now: () => number;
  readonly #steps: readonly EncodedProgram[];

  constructor(opened: Opened, places: Places, now: () => number = () => performance.now()) {
    this.#now = now;
    this.#opened = opened;
    this.#places = places;
    const { words } = opened.encoded;
    this.#steps = opened.program.builder.steps.map((step, index) =>
      encode(
        { steps: [step] },
        [record.kernel, record.nextKernel].map((word) => at(words, (index * record.bytes + word) / 4)),
      ),
    );
  }

  /** Runs one step; resolves, when it is done, with the milliseconds that the clock went on from its launch. */
  run(index: number): Promise<number> {
    const encoded = at(this.#steps, index);
    const { pool, store } = this.#opened;
    const { addresses, end, needs, ownScratch } = this.#places;
    const length = encoded.words.byteLength;
    const address = store.arena.allocate(length);
    const launch = {
      words: place(encoded, address, addresses),
      address,
      records: encoded.records,
      scratchBytes: encoded.scratchBytes,
      alone: encoded.alone,
      end: Math.max(end, address + length),
      needs,
      ...(ownScratch && { ownScratch }),
    };
    return new Promise((resolve, reject) => {
      if (!ownScratch) pool.reserveScratch(encoded.scratchBytes);
      const start = this.#now();
      const finish = (): void => resolve(this.#now() - start);
      try {
        const ticket = pool.launch(launch, () => {
          if (pool.inline) finish();
          store.arena.free(address);
        });
        // Memory may be used again as soon as a worker is told so: what it answers later says that it is done.
        if (!pool.inline) void pool.read(at(addresses, 0), "uint8", 0, ticket).then(finish, reject);
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)));
      }
    });
  }
}
