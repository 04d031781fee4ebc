// Datatypes, dataspaces and attributes of an HDF5 file: that they are of the kinds Keras writes, and that what they count is there.
import type { Budget } from "../../budget.ts";
import type { Region } from "./region.ts";

/** The sizes in bytes of the elements that each class of numbers may have. */
const numberSizes: readonly (readonly number[])[] = [
  [1, 2, 4, 8], // 0: integers
  [2, 4, 8], // 1: floating point
];
const stringClass = 3;
const opaqueClass = 5;
const enumClass = 8;
const variableClass = 9;
const mostAxes = 32;

/** What a datatype says of an element. */
export interface Datatype {
  readonly bytes: number;
  readonly kind: "number" | "text" | "variable text" | "opaque";
}

/** Reads the datatype at `at`. @throws FormatError for one that Keras does not write */
export function datatypeAt(region: Region, at: number): Datatype {
  const kind = region.uint8(at) & 15;
  const bytes = region.uint32(at + 4);
  if (numberSizes[kind]?.includes(bytes)) return { bytes, kind: "number" };
  if (kind === stringClass && bytes > 0) return { bytes, kind: "text" };
  if (kind === opaqueClass && bytes === 2) return { bytes, kind: "opaque" }; // bfloat16, to NumPy
  // Booleans are an enumeration of integers, whose type follows.
  if (kind === enumClass && (region.uint8(at + 8) & 15) === 0) return datatypeAt(region, at + 8);
  if (kind === variableClass && (region.uint8(at + 1) & 15) === 1 && bytes === 16)
    return { bytes, kind: "variable text" };
  return region.fail(`has data of a type that Keras does not write (class ${kind}, ${bytes} bytes)`);
}

/** The number of elements that the dataspace at `at` counts. @throws FormatError for an empty one */
export function elementsAt(region: Region, at: number): number {
  const version = region.uint8(at);
  if (version !== 1 && version !== 2) return region.fail(`has a dataspace of version ${version}`);
  const axes = region.uint8(at + 1);
  if (version === 2 && region.uint8(at + 3) === 2)
    return region.fail("has an empty dataspace, which Keras does not write");
  if (axes > mostAxes) return region.fail(`has data of ${axes} axes`);
  const first = at + (version === 1 ? 8 : 4);
  let elements = 1;
  for (let axis = 0; axis < axes; axis++) elements *= region.uint64(first + 8 * axis) ?? Number.NaN;
  return Number.isSafeInteger(elements) ? elements : region.fail("has data of more elements than can be");
}

const padded = (length: number): number => Math.ceil(length / 8) * 8;

/** Texts of variable length lie in heaps that several attributes share. */
export class GlobalHeaps {
  readonly #region: Region;
  readonly #budget: Budget;
  readonly #heaps = new Map<number, ReadonlyMap<number, number>>();

  constructor(region: Region, budget: Budget) {
    this.#region = region;
    this.#budget = budget;
  }

  /** The lengths of the objects in a heap, by number. */
  #heap(address: number): ReadonlyMap<number, number> {
    const known = this.#heaps.get(address);
    if (known) return known;
    const region = this.#region;
    region.signature(address, "GCOL", "global heap");
    const size = region.address(address + 8, "a heap's end");
    region.claim(address, size, "a global heap");
    const objects = new Map<number, number>();
    for (let at = address + 16; at + 16 <= address + size;) {
      const number = region.uint16(at);
      if (number === 0) break;
      const length = region.address(at + 8, "a heap's object");
      region.within(at + 16, length, "a heap's object");
      objects.set(number, length);
      at += 16 + padded(length);
    }
    this.#heaps.set(address, objects);
    return objects;
  }

  /** Checks the reference at `at`, and counts what reading it takes. `seen` are the heaps that the same object has read before. */
  check(at: number, seen: Set<number>): void {
    const region = this.#region;
    const address = region.address(at + 4, "a text");
    if (region.uint32(at) === 0 && address === 0) {
      // An empty text: the library looks for a heap at 0, and takes the whole file for it.
      if (!seen.has(0)) this.#budget.spend(region.bytes.length, "its texts");
      seen.add(0);
      return;
    }
    const objects = this.#heap(address);
    const length = objects.get(region.uint32(at + 12));
    if (length === undefined || length < region.uint32(at)) region.fail("has a text that is not in its heap");
    if (!seen.has(address))
      this.#budget.spend(
        [...objects.values()].reduce((sum, one) => sum + one + 64, 0),
        "its texts",
      );
    seen.add(address);
    this.#budget.spend(2 * (length ?? 0), "its texts");
  }
}

/** Checks the attribute in [at, end), whose value must lie in it. */
export function checkAttribute(region: Region, at: number, end: number, heaps: GlobalHeaps, seen: Set<number>): void {
  const version = region.uint8(at);
  if (version !== 1 && version !== 3) region.fail(`has an attribute of version ${version}`);
  const align = version === 1 ? padded : (length: number): number => length;
  const name = at + (version === 1 ? 8 : 9);
  const datatype = name + align(region.uint16(at + 2));
  const dataspace = datatype + align(region.uint16(at + 4));
  const value = dataspace + align(region.uint16(at + 6));
  const type = datatypeAt(region, datatype);
  const elements = elementsAt(region, dataspace);
  if (!(value + elements * type.bytes <= end)) region.fail("has an attribute that is larger than its place");
  if (type.kind === "opaque") region.fail("has an attribute of a type that Keras does not write");
  if (type.kind === "variable text")
    for (let index = 0; index < elements; index++) heaps.check(value + index * type.bytes, seen);
}
