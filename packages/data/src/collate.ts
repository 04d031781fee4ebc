// Items into the arrays of a batch, on the host, with every check that needs no device.
import {
  allocate,
  AttributeError,
  type Aval,
  checkSize,
  type DType,
  isTensor,
  ShapeError,
  showAval,
  sizeOf,
  type Tensor,
  toStored,
  type TypedArray,
} from "@stria/core";
import type { Field, Fields } from "./dataset.ts";

/** What becomes a tensor of a batch; other values are collected in an array. */
export type Collatable = number | boolean | TypedArray | Tensor | readonly number[];

/** One field of a batch on the host: `rows` values one after the other. */
export interface HostColumn extends Aval {
  readonly data: TypedArray;
}

/** A batch on the host. */
export interface HostBatch {
  readonly columns: ReadonlyMap<string, HostColumn | readonly unknown[]>;
  /** How many rows there are, and how many of them, the first ones, are items. */
  readonly rows: number;
  readonly count: number;
}

/** Where an array of a batch lies. What it holds before is of no matter: every element is written. */
export type Allocate = (dtype: DType, length: number) => TypedArray;

export interface CollateOptions {
  /** Rows of the batch; where there are fewer items, they are repeated from the first. */
  readonly rows: number;
  /** Whether to look for NaN and infinities in float fields. */
  readonly checkFinite: boolean;
  /** What to call the item in errors. */
  readonly name: (position: number) => string;
  /** Default: a new array. */
  readonly allocate?: Allocate | undefined;
}

/** The value of a tensor on the host. */
class HostValue {
  readonly aval: Aval;
  readonly data: TypedArray;
  constructor(aval: Aval, data: TypedArray) {
    this.aval = aval;
    this.data = data;
  }
}

function isArray(value: unknown): value is TypedArray {
  return (
    value instanceof Float32Array ||
    value instanceof Int32Array ||
    value instanceof Uint8Array ||
    value instanceof Uint16Array
  );
}

function isNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.length > 0 && value.every((element) => typeof element === "number");
}

/** Whether an item holds tensors, whose values must be waited for. */
export function holdsTensors(item: object): boolean {
  return Object.values(item).some((value) => isTensor(value));
}

/** The item with the values of its tensors. */
export async function withoutTensors(item: object): Promise<object> {
  const entries = Object.entries(item).map(async ([name, value]: [string, unknown]) =>
    isTensor(value) ? ([name, new HostValue(value.aval, await value.data())] as const) : ([name, value] as const),
  );
  return Object.fromEntries(await Promise.all(entries));
}

/** The field that a value makes where none is stated; undefined for what is collected in an array. @throws AttributeError for arrays of other kinds */
function fieldOf(value: unknown, what: string): Field | undefined {
  if (typeof value === "number") return { shape: [], dtype: "float32" };
  if (typeof value === "boolean") return { shape: [], dtype: "bool" };
  // 16 bits may be float16 or whole numbers: that must be stated.
  if (isArray(value) && !(value instanceof Uint16Array))
    return {
      shape: [value.length],
      dtype: value instanceof Float32Array ? "float32" : value instanceof Int32Array ? "int32" : "uint8",
    };
  if (isNumbers(value)) return { shape: [value.length], dtype: "float32" };
  if (value instanceof HostValue) return value.aval;
  if (ArrayBuffer.isView(value))
    throw new AttributeError(
      what,
      `a ${value.constructor.name} is not an array that tensors are made of`,
      "use Float32Array.from, Int32Array.from or Uint8Array.from; for the bits of float16, state the field",
    );
  return undefined;
}

function isKind(array: TypedArray, dtype: DType): boolean {
  return array.constructor === allocate(dtype, 0).constructor;
}

/** What of a batch a value has to fit. */
interface Expected {
  readonly field: Field;
  readonly stated: boolean;
}

function misfit(found: string, { field, stated }: Expected, what: string): ShapeError {
  return stated
    ? new ShapeError(
        what,
        `${found} is not ${showAval(field)}, which the dataset states`,
        "return what the dataset states, or state the change: map(dataset, transform, { name: { shape, dtype } })",
      )
    : new ShapeError(
        what,
        `${found} is not ${showAval(field)}, as in the batch's first sample`,
        "make all alike with a transform, or pass collate to say what a batch is",
      );
}

function checkFinite(array: ArrayLike<number>, what: string): void {
  for (let place = 0; place < array.length; place++)
    if (!Number.isFinite(array[place]))
      throw new AttributeError(
        what,
        `element ${place} is ${array[place]}`,
        "clean the data, or load without checkFinite",
      );
}

/** @throws AttributeError when a label is not one of 0 to `numClasses` - 1 */
function checkLabels(labels: ArrayLike<number>, numClasses: number, what: string): void {
  for (const label of Array.from(labels))
    if (!Number.isInteger(label) || label < 0 || label >= numClasses)
      throw new AttributeError(
        what,
        `the label ${label} is not one of ${numClasses} classes`,
        `labels are integers from 0 to ${numClasses - 1}; map them, or correct numClasses`,
      );
}

/** The elements of a value, of the field's size. @throws ShapeError where they are not */
function elementsOf(value: unknown, expected: Expected, what: string): ArrayLike<number> {
  const { field } = expected;
  const size = sizeOf(field.shape);
  if (typeof value === "number" || typeof value === "boolean") {
    if (size === 1) return [Number(value)];
    throw misfit(`one ${typeof value}`, expected, what);
  }
  if (isNumbers(value)) {
    if (value.length === size) return value;
    throw misfit(`a list of ${value.length} numbers`, expected, what);
  }
  if (value instanceof HostValue) {
    if (showAval(value.aval) === showAval(field)) return value.data;
    throw misfit(`a tensor ${showAval(value.aval)}`, expected, what);
  }
  if (isArray(value)) {
    if (value.length === size && isKind(value, field.dtype)) return value;
    throw misfit(`a ${value.constructor.name} of ${value.length} elements`, expected, what);
  }
  throw misfit(value === undefined ? "nothing" : `a value of type ${typeof value}`, expected, what);
}

function column(values: readonly unknown[], expected: Expected, name: string, options: CollateOptions): HostColumn {
  const { field } = expected;
  const { shape, dtype, numClasses } = field;
  const size = sizeOf(shape);
  checkSize(`loader, ${name}`, [options.rows, ...shape]);
  const data = (options.allocate ?? allocate)(dtype, options.rows * size);
  for (const [position, value] of values.entries()) {
    const what = `${options.name(position)}, ${name}`;
    const elements = elementsOf(value, expected, what);
    if (numClasses !== undefined) checkLabels(elements, numClasses, what);
    if (options.checkFinite && dtype === "float32") checkFinite(elements, what);
    const start = position * size;
    const isBits = dtype !== "float16" || elements instanceof Uint16Array;
    data.set(isBits ? elements : Array.from(elements, (element) => toStored(dtype, element)), start);
    // A number that the dtype cannot hold would be changed without a word: 1.5 as int32, 300 as uint8.
    if (!["float32", "float16"].includes(dtype) && !isArray(elements))
      for (let i = 0; i < size; i++)
        if (data[start + i] !== elements[i] || (dtype === "bool" && Number(elements[i]) > 1))
          throw new AttributeError(
            what,
            `${elements[i]} is no ${dtype}`,
            "return a number of the dtype that the dataset states",
          );
  }
  for (let row = values.length; row < options.rows; row++) {
    const source = row % values.length;
    data.copyWithin(row * size, source * size, (source + 1) * size);
  }
  return { data, shape: [options.rows, ...shape], dtype };
}

function keysOf(item: unknown, what: string): string[] {
  if (typeof item === "object" && item !== null && !ArrayBuffer.isView(item) && !Array.isArray(item))
    return Object.keys(item);
  throw new AttributeError(
    what,
    `${item === null ? "null" : `a ${typeof item === "object" ? item.constructor.name : typeof item}`} is no object with fields`,
    "return an object such as { x, y }, or pass collate to say what a batch is",
  );
}

/**
 * Copies items into one batch, field by field.
 * @throws ShapeError when a field is not what `fields` state, or not as in the first item; AttributeError for a label out of range, a number that the dtype
 * does not hold, or what `checkFinite` finds
 */
export function collate(items: readonly unknown[], fields: Fields, options: CollateOptions): HostBatch {
  const { rows, name } = options;
  const keys = keysOf(items[0], name(0));
  for (const [position, item] of items.entries()) {
    const own = keysOf(item, name(position));
    const odd = keys.find((key) => !own.includes(key)) ?? own.find((key) => !keys.includes(key));
    if (odd !== undefined)
      throw new ShapeError(
        name(position),
        `its fields ${own.join(", ")} are not those of ${name(0)}: ${keys.join(", ")}`,
        "give all items the same fields",
      );
  }
  const columns = keys.map((key): readonly [string, HostColumn | readonly unknown[]] => {
    const values = items.map((item): unknown => Reflect.get(Object(item), key));
    const stated = Object.hasOwn(fields, key) ? fields[key] : undefined;
    const field = stated ?? fieldOf(values[0], `${name(0)}, ${key}`);
    if (!field) return [key, Array.from({ length: rows }, (_, row) => values[row % values.length])];
    return [key, column(values, { field, stated: stated !== undefined }, key, options)];
  });
  return { columns: new Map(columns), rows, count: items.length };
}
