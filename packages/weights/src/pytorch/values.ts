// What a pickle of PyTorch may hold, and what stands on the unpickler's stack while it is read.
import type { StoredTensor, StoredType } from "@stria/core";
import type { PyTorchTensor } from "./pytorch-tensor.ts";

/** A key of a Python dict. */
export type PyTorchKey = string | number | bigint | boolean | null;

/**
 * A value of a PyTorch file: None is null, a dict a Map, a list or a tuple an array, bytes a Uint8Array; an integer that a number
 * cannot hold exactly is a bigint. What the file shares (tied weights) is the same object here.
 */
export type PyTorchValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly PyTorchValue[]
  | ReadonlyMap<PyTorchKey, PyTorchValue>
  | StoredTensor;

/** A value under construction. A tuple is a frozen array. */
export type Item =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Item[]
  | Map<PyTorchKey, Item>
  | Global
  | StorageView
  | PyTorchTensor;

/** What one of the few names that a pickle may ask for stands for: a builder, a kind of storage or an element type. */
export class Global {
  readonly name: string;
  readonly build: ((args: readonly Item[]) => Item) | undefined;
  readonly storage: StoredType | "untyped" | undefined;
  readonly dtype: StoredType | undefined;
  constructor(name: string, meaning: Partial<Pick<Global, "build" | "storage" | "dtype">>) {
    this.name = name;
    this.build = meaning.build;
    this.storage = meaning.storage;
    this.dtype = meaning.dtype;
  }
}

/** `count` elements of a storage from `first` on; the storage's own bytes may come later in the file. */
export class StorageView {
  readonly key: string;
  readonly type: StoredType | "untyped";
  readonly first: number;
  readonly count: number;
  constructor(key: string, type: StoredType | "untyped", first: number, count: number) {
    this.key = key;
    this.type = type;
    this.first = first;
    this.count = count;
  }
}

/** What to call an item in an error. */
export function describeItem(item: Item): string {
  if (item === null) return "None";
  if (item instanceof Map) return "a dict";
  if (Array.isArray(item)) return Object.isFrozen(item) ? "a tuple" : "a list";
  if (item instanceof Global) return item.name;
  if (item instanceof StorageView) return "a storage";
  if (item instanceof Uint8Array) return "bytes";
  if (typeof item === "object") return "a tensor";
  return typeof item === "string" ? `the text ${JSON.stringify(item.slice(0, 40))}` : String(item);
}
