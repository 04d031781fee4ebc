// HDF5 files as h5py writes them: their groups, attributes and arrays, through jsfive.
import { FormatError, type StoredTensor, type StoredType } from "@stria/core";
import { Dataset, File, Group } from "jsfive";
import type { Budget } from "../../budget.ts";
import { refuse } from "../../fault.ts";
import { checkStructure, type Place } from "./check-structure.ts";

/** An attribute: a number, a text, or a list of them. */
export type Attribute = number | string | readonly (number | string)[];

/** A group of an HDF5 file. */
export interface HdfGroup {
  readonly attributes: ReadonlyMap<string, Attribute>;
  readonly groups: ReadonlyMap<string, HdfGroup>;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

const signature = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a];

/** Whether the bytes begin as an HDF5 file does. */
export function isHdf5(bytes: Uint8Array): boolean {
  return signature.every((byte, index) => bytes[index] === byte);
}

const types: Readonly<Record<string, StoredType>> = {
  b2: "BF16",
  f2: "F16",
  f4: "F32",
  f8: "F64",
  i1: "I8",
  i2: "I16",
  i4: "I32",
  i8: "I64",
  u1: "U8",
  u2: "U16",
  u4: "U32",
  u8: "U64",
};

function attributesOf(given: Readonly<Record<string, unknown>>): Map<string, Attribute> {
  const plain = (value: unknown): value is number | string => typeof value === "number" || typeof value === "string";
  const attributes = new Map<string, Attribute>();
  for (const [name, value] of Object.entries(given)) {
    // Texts of a fixed length end at their first zero.
    const cut = (one: number | string): number | string => (typeof one === "string" ? one.replace(/\0.*$/su, "") : one);
    if (plain(value)) attributes.set(name, cut(value));
    else if (Array.isArray(value) && value.every(plain)) attributes.set(name, value.map(cut));
  }
  return attributes;
}

/** The bytes of numbers of `width` bytes the other way round. */
function swapped(bytes: Uint8Array, width: number): Uint8Array {
  const copy = new Uint8Array(bytes);
  for (let at = 0; at < copy.length; at += width) copy.subarray(at, at + width).reverse();
  return copy;
}

const brain = { order: "<", type: "b2" };

/** The order of the bytes and the type of the numbers; none of the types where it holds something else. */
function typeOf({ dtype }: Dataset): { readonly order: string; readonly type: string } {
  const text = typeof dtype === "string" ? dtype : "";
  return { order: text.slice(0, 1), type: text.slice(1) };
}

class Reader {
  readonly #bytes: Uint8Array;
  readonly #places: ReadonlyMap<string, Place>;
  readonly #source: string;

  constructor(bytes: Uint8Array, places: ReadonlyMap<string, Place>, source: string) {
    this.#bytes = bytes;
    this.#places = places;
    this.#source = source;
  }

  group(group: Group, path: string): HdfGroup {
    const groups = new Map<string, HdfGroup>();
    const tensors = new Map<string, StoredTensor>();
    for (const name of group.keys) {
      const child = group.get(name);
      if (child instanceof Group) groups.set(name, this.group(child, `${path}${name}/`));
      else if (child instanceof Dataset) tensors.set(name, this.#tensor(child, `${path}${name}`));
    }
    return { attributes: attributesOf(group.attrs), groups, tensors };
  }

  #tensor(dataset: Dataset, path: string): StoredTensor {
    const place = this.#places.get(path);
    // HDF5 has no name for bfloat16; Keras writes one beside it.
    const { order, type } = dataset.attrs["dtype"] === "bfloat16" ? brain : typeOf(dataset);
    const storedAs = types[type];
    const shape: unknown = dataset.shape;
    const whole = (length: unknown): length is number => typeof length === "number";
    if (!place || storedAs === undefined || !Array.isArray(shape) || !shape.every(whole))
      return refuse(this.#source, `${JSON.stringify(path)} does not hold numbers`, "leave it out");
    const bytes = this.#bytes.subarray(place.address, place.address + place.length);
    return { shape, storedAs, bytes: order === ">" ? swapped(bytes, Number(type.at(-1))) : bytes };
  }
}

/**
 * All groups, attributes and arrays of a file. Arrays are views of it, row-major and little-endian.
 * @throws FormatError for a file that is cut or damaged, and for one that uses more of HDF5 than h5py does by default
 */
export function readHdf5(bytes: Uint8Array, budget: Budget): HdfGroup {
  const { source } = budget;
  if (!isHdf5(bytes)) refuse(source, "this is no HDF5 file");
  const places = checkStructure(bytes, budget);
  // No slice(): that of Node's Buffer copies nothing.
  const whole = bytes.byteLength === bytes.buffer.byteLength && bytes.buffer instanceof ArrayBuffer;
  try {
    const file = new File(whole ? bytes.buffer : new Uint8Array(bytes).buffer);
    return new Reader(bytes, places, source).group(file, "");
  } catch (error) {
    if (error instanceof FormatError) throw error;
    return refuse(source, `the HDF5 file cannot be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
