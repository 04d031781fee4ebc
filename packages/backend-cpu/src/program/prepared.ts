// The memory of a preparation, and whether what lies there is still right.
import { at } from "@stria/core";
import type { Block, BlockStore } from "../memory/buffer.ts";
import type { Preparation } from "./preparation.ts";
import type { ProgramBuilder } from "./steps.ts";

export class Prepared {
  readonly #preparation: Preparation;
  readonly #builder: ProgramBuilder;
  readonly #store: BlockStore;
  readonly #blocks = new Map<number, Block>();
  /** The parameters that it was made from: their blocks, and how often those had been written. */
  #from: readonly (readonly [Block, number])[] | undefined;

  constructor(preparation: Preparation, builder: ProgramBuilder, store: BlockStore) {
    this.#preparation = preparation;
    this.#builder = builder;
    this.#store = store;
  }

  /** Whether it was made from these inputs of the graph as they are now. */
  isFor(given: readonly Block[]): boolean {
    return (
      this.#from !== undefined &&
      this.#preparation.inputs.every((input, place) => {
        const [block, writes] = this.#from?.[place] ?? [];
        return at(given, input) === block && block.writes === writes;
      })
    );
  }

  /** The blocks of the buffers that stay, by buffer, made when they are first asked for. @throws BackendError where there is no memory. */
  blocks(): ReadonlyMap<number, Block> {
    for (const id of this.#preparation.kept) {
      const buffer = at(this.#builder.buffers, id);
      if (!this.#blocks.has(id) && buffer.kind === "local") this.#blocks.set(id, this.#store.make(buffer.bytes));
    }
    return this.#blocks;
  }

  /** A run that makes everything from these inputs begins; what was there is gone. */
  begin(): void {
    this.#from = undefined;
  }

  /** That run is launched. */
  done(given: readonly Block[]): void {
    this.#from = this.#preparation.inputs.map((input) => {
      const block = at(given, input);
      return [block, block.writes] as const;
    });
  }

  release(): void {
    for (const block of this.#blocks.values()) block.release();
    this.#blocks.clear();
    this.#from = undefined;
  }
}
