// A program's words at a place of their own, where they stay from run to run: they are written again only when something lies elsewhere than before.
import { at } from "@stria/core";
import type { Arena } from "../memory/arena.ts";
import type { Lasting } from "../pool/place.ts";
import type { EncodedProgram } from "./encode.ts";

export class Frame implements Lasting {
  readonly address: number;
  launched = 0;
  readonly #encoded: EncodedProgram;
  readonly #words: Int32Array<ArrayBuffer>;
  /** The address of each buffer for which the words are made. */
  #bound: readonly number[] | undefined;

  constructor(encoded: EncodedProgram, address: number) {
    this.address = address;
    this.#encoded = encoded;
    this.#words = encoded.words.slice();
    for (const word of encoded.own) this.#words[word] = (this.#words[word] ?? 0) + address;
  }

  /** The words with these addresses of buffers; undefined where they are those of the last call. */
  bind(buffers: readonly number[]): Int32Array<ArrayBuffer> | undefined {
    if (this.#isBound(buffers)) return undefined;
    const { words, addresses } = this.#encoded;
    for (let pair = 0; pair < addresses.length; pair += 2) {
      const word = at(addresses, pair);
      this.#words[word] = (words[word] ?? 0) + at(buffers, at(addresses, pair + 1));
    }
    this.#bound = [...buffers];
    return this.#words;
  }

  #isBound(buffers: readonly number[]): boolean {
    if (!this.#bound) return false;
    for (let id = 0; id < buffers.length; id++) if (this.#bound[id] !== buffers[id]) return false;
    return true;
  }
}

/** The frames of a program, in turn: a thread that comes late may still look at the words of the last run when the next begins. */
export class Frames {
  readonly #encoded: EncodedProgram;
  readonly #arena: Arena;
  readonly #frames: (Frame | undefined)[] = [];
  readonly #count: number;
  #turn = 0;

  constructor(encoded: EncodedProgram, arena: Arena, threads: number) {
    this.#encoded = encoded;
    this.#arena = arena;
    this.#count = encoded.alone || threads === 1 ? 1 : 2;
  }

  /** @throws BackendError where there is no memory. */
  next(): Frame {
    const turn = (this.#turn = (this.#turn + 1) % this.#count);
    return (this.#frames[turn] ??= new Frame(this.#encoded, this.#arena.allocate(this.#encoded.words.byteLength)));
  }

  free(): void {
    for (const frame of this.#frames) if (frame) this.#arena.free(frame.address);
  }
}

/** The words of a program at `address`, with the addresses of one run. */
export function place(
  encoded: EncodedProgram,
  address: number,
  buffers: readonly number[],
): Int32Array<ArrayBuffer> | undefined {
  return new Frame(encoded, address).bind(buffers);
}
