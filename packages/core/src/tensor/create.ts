// Tensors from host data, and from nothing.
import { type Shape, showShape, sizeOf } from "./aval.ts";
import { type DType, type TypedArray, allocate, dtypes, fromNumbers, holds, isFloat, toStored } from "./dtype.ts";
import { AttributeError, DTypeError, ShapeError } from "../errors.ts";
import { checkFinite, checkNumber, checkShape } from "../ops/support/shape-rules.ts";
import { Storage } from "../execution/storage.ts";
import { type NestedArray, Tensor, isTensor } from "./tensor.ts";

export interface TensorOptions {
  /** Default: the nesting of arrays; one axis for a typed array. */
  readonly shape?: Shape;
  /**
   * Default: float32 for numbers and Float32Array, int32 for Int32Array, uint8 for Uint8Array, bool for booleans. For float16, numbers and a
   * Float32Array are rounded to the nearest, ties to even; a Uint16Array holds the bits.
   */
  readonly dtype?: DType;
}

function nestedShape(data: NestedArray): number[] {
  const shape: number[] = [];
  for (let level: NestedArray | undefined = data; Array.isArray(level); level = level[0]) shape.push(level.length);
  return shape;
}

function* leaves(data: NestedArray, shape: Shape, axis: number): Generator<number | boolean> {
  if (!Array.isArray(data)) {
    if (axis !== shape.length)
      throw new ShapeError("tensor", "the nested arrays are not equally deep", "nest all of them to the same depth");
    yield data;
    return;
  }
  if (axis >= shape.length || data.length !== shape[axis])
    throw new ShapeError(
      "tensor",
      `the nested arrays are ragged: ${data.length} entries where axis ${axis} of ${showShape(shape)} has ${shape[axis] ?? "none"}`,
      "make all rows equally long",
    );
  for (const item of data) yield* leaves(item, shape, axis + 1);
}

function isTyped(data: TypedArray | NestedArray): data is TypedArray {
  return ArrayBuffer.isView(data);
}

function defaultDType(data: TypedArray | NestedArray): DType {
  if (data instanceof Uint16Array)
    throw new DTypeError(
      "tensor",
      "a Uint16Array may hold whole numbers or the bits of float16",
      'pass dtype: "float16" for bits, Int32Array.from(data) for whole numbers',
    );
  if (isTyped(data)) return data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "uint8";
  let first: NestedArray | undefined = data;
  while (Array.isArray(first)) first = first[0];
  return typeof first === "boolean" ? "bool" : "float32";
}

/** What is a number by its type may be anything in JavaScript. */
function notANumber(value: unknown): DTypeError {
  const kind =
    value === null ? "null" : isTensor(value) ? "a tensor" : value instanceof Promise ? "a Promise" : typeof value;
  return new DTypeError(
    "tensor",
    `${kind} stands where a number is expected`,
    "give numbers or booleans, nested arrays of them, or a typed array",
  );
}

/**
 * A tensor of host data: nested arrays, a number, or a typed array (copied).
 * @throws ShapeError for ragged arrays and sizes that do not fit, DTypeError for a typed array of another kind.
 */
export function tensor(
  data: TypedArray | NestedArray,
  { shape, dtype = defaultDType(data) }: TensorOptions = {},
): Tensor {
  if (!dtypes.includes(dtype))
    throw new DTypeError("tensor", `there is no dtype "${dtype as string}"`, `use ${dtypes.join(", ")}`);
  if (isTyped(data)) {
    const stored = fromNumbers(dtype, data);
    if (!holds(stored, dtype))
      throw new DTypeError(
        "tensor",
        `a ${data.constructor.name} does not hold ${dtype}`,
        "convert it first, as by Float32Array.from(data)",
      );
    const own = stored === data ? data.slice() : stored;
    if (dtype === "bool") for (const [index, value] of own.entries()) own[index] = value === 0 ? 0 : 1;
    return fromHost(own, shape ?? [data.length], dtype);
  }
  const nested = nestedShape(data);
  const array = allocate(dtype, sizeOf(nested));
  let index = 0;
  for (const value of leaves(data, nested, 0)) {
    if (typeof value !== "number" && typeof value !== "boolean") throw notANumber(value);
    array[index] = dtype === "bool" ? (value ? 1 : 0) : toStored(dtype, Number(value));
    if (dtype !== "bool" && !isFloat(dtype) && array[index] !== Number(value))
      throw new DTypeError("tensor", `${String(value)} is no ${dtype}`, "round it, or use float32");
    index++;
  }
  return fromHost(array, shape ?? nested, dtype);
}

/** A tensor that takes `data` over without copying: do not write to it afterwards. */
export function fromHost(data: TypedArray, shape: Shape, dtype: DType): Tensor {
  checkShape("tensor", shape);
  if (data.length !== sizeOf(shape))
    throw new ShapeError(
      "tensor",
      `${data.length} elements do not fill shape ${showShape(shape)}`,
      `give ${sizeOf(shape)} elements`,
    );
  return Tensor.concrete(Storage.host({ shape: [...shape], dtype }, data));
}

/** What came out of host arithmetic, as `dtype`. */
function progression(op: string, count: number, dtype: DType, element: (index: number) => number): Tensor {
  if (!Number.isInteger(count) || count < 0)
    throw new AttributeError(
      op,
      `${count} elements cannot be made`,
      "give finite bounds, and a step that leads to the end",
    );
  checkShape(op, [count]);
  return tensor(
    Array.from({ length: count }, (_, index) => element(index)),
    { shape: [count], dtype },
  );
}

/**
 * The numbers `start`, `start + step`, ... before `end`, on the host.
 * @throws AttributeError for a step of 0 and for bounds that are not finite; DTypeError for numbers that the dtype does not have.
 */
export function arange(start: number, end: number, step = 1, dtype: DType = "float32"): Tensor {
  for (const [name, value] of Object.entries({ start, end, step })) checkNumber("arange", name, value);
  return progression("arange", Math.max(0, Math.ceil((end - start) / step)), dtype, (index) => start + index * step);
}

/**
 * `count` numbers from `start` to `end`, both included, evenly apart, on the host; one number is `start`. Computed in float64 from the nearer end, as
 * PyTorch does, so that the last one is `end`.
 * @throws AttributeError for a count that is no whole number >= 0.
 */
export function linspace(start: number, end: number, count: number, dtype: DType = "float32"): Tensor {
  for (const [name, value] of Object.entries({ start, end })) checkFinite("linspace", name, value);
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return progression("linspace", count, dtype, (index) => {
    const exact = index < count / 2 ? start + index * step : end - (count - 1 - index) * step;
    return isFloat(dtype) ? exact : Math.trunc(exact);
  });
}
