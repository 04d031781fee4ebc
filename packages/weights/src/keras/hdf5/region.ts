// The bytes of an HDF5 file, read within bounds, and what the file has laid claim to so far: structures of a sound file do not overlap.
import { refuse } from "../../fault.ts";

/** Stands for no address. */
const undefinedAddress = 2n ** 64n - 1n;

/** A file, and how much of it the structures read so far say they take. */
export class Region {
  readonly source: string;
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #claimed = 0;

  constructor(bytes: Uint8Array, source: string) {
    this.bytes = bytes;
    this.source = source;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Throws what is wrong with the file. @throws FormatError always */
  fail(fault: string, remedy?: string): never {
    return refuse(this.source, `the HDF5 file ${fault}`, remedy);
  }

  /** Checks that [address, address + length) lies in the file. */
  within(address: number, length: number, what: string): void {
    if (!(address >= 0 && length >= 0 && address + length <= this.bytes.length))
      this.fail(`has ${what} at [${address}, ${address + length}] of ${this.bytes.length} bytes`);
  }

  /**
   * Takes [address, address + length) for `what`. All that is claimed may not come to more than the file, which bounds every walk: structures that are
   * reached twice, contain themselves or overlap end it.
   */
  claim(address: number, length: number, what: string): void {
    this.within(address, length, what);
    this.#claimed += length;
    if (this.#claimed > this.bytes.length) this.fail(`has structures that overlap, or contain themselves: ${what}`);
  }

  uint8(at: number): number {
    this.within(at, 1, "a number");
    return this.#view.getUint8(at);
  }

  uint16(at: number): number {
    this.within(at, 2, "a number");
    return this.#view.getUint16(at, true);
  }

  uint32(at: number): number {
    this.within(at, 4, "a number");
    return this.#view.getUint32(at, true);
  }

  /** A number of 64 bits; undefined for the one that stands for none. What is beyond 2^53 is out of every file. */
  uint64(at: number): number | undefined {
    this.within(at, 8, "a number");
    const value = this.#view.getBigUint64(at, true);
    return value === undefinedAddress ? undefined : Number(value);
  }

  /** An address or a length that must be there. */
  address(at: number, what: string): number {
    return this.uint64(at) ?? this.fail(`has no address of ${what}`);
  }

  /** The bytes at `at` as text. */
  signature(at: number, expected: string, what: string): void {
    this.within(at, expected.length, what);
    for (let index = 0; index < expected.length; index++)
      if (this.bytes[at + index] !== expected.charCodeAt(index)) this.fail(`has no ${what} at ${at}`);
  }
}
