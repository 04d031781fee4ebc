// Bytes of a stream, as many as are asked for.

/** Reads a stream piece by piece, and no further than it must. */
export class ByteReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>;
  #piece: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Bytes that were given out. */
  position = 0;
  constructor(stream: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = stream.getReader();
  }

  /** The next `length` bytes; fewer where the stream ends. */
  async take(length: number): Promise<Uint8Array<ArrayBuffer>> {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length && (await this.#hasPiece())) {
      const part = this.#piece.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#piece = this.#piece.subarray(part.length);
    }
    this.position += filled;
    return filled < length ? bytes.slice(0, filled) : bytes;
  }

  /** Passes over bytes, and says how many there were. */
  async skip(length: number): Promise<number> {
    let left = length;
    while (left > 0 && (await this.#hasPiece())) {
      const part = Math.min(left, this.#piece.length);
      this.#piece = this.#piece.subarray(part);
      left -= part;
    }
    this.position += length - left;
    return length - left;
  }

  /** Gives the stream up. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => undefined); // rejects with what is wrong with the stream
  }

  async #hasPiece(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const { done, value } = await this.#reader.read();
      if (done) return false;
      this.#piece = value;
    }
    return true;
  }
}
