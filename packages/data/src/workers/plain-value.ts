// What `collate` makes as what can be sent to another thread: its tensors as arrays, and the places where they were.
import { AttributeError, type Aval, fromHost, isTensor, type Tensor, type TypedArray } from "@stria/core";

/** A value whose tensors were taken out. */
export interface PlainValue {
  readonly value: unknown;
  readonly tensors: readonly (Aval & { readonly path: readonly string[]; readonly data: TypedArray })[];
}

interface Found {
  readonly path: readonly string[];
  readonly tensor: Tensor;
}

function isContainer(value: unknown): value is object {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Array.prototype || prototype === Object.prototype || prototype === null;
}

/** A copy of lists and plain objects without their tensors, which are added to `found`. */
function withoutTensors(value: unknown, path: readonly string[], found: Found[]): unknown {
  if (isTensor(value)) {
    found.push({ path, tensor: value });
    return undefined;
  }
  if (!isContainer(value)) return value;
  const entries = Object.entries(value).map(([key, element]: [string, unknown]) => [
    key,
    withoutTensors(element, [...path, key], found),
  ]);
  const copy: unknown = Object.fromEntries(entries);
  return Array.isArray(value) ? Object.assign([], copy) : copy;
}

export async function plainValue(made: unknown): Promise<PlainValue> {
  const found: Found[] = [];
  const value = withoutTensors(made, [], found);
  const tensors = found.map(async ({ path, tensor: { aval }, tensor }) => ({
    path,
    shape: aval.shape,
    dtype: aval.dtype,
    data: await tensor.data(),
  }));
  return { value, tensors: await Promise.all(tensors) };
}

/** The value with its tensors. */
export function valueFrom({ value, tensors }: PlainValue): unknown {
  let whole = value;
  for (const { path, data, shape, dtype } of tensors) {
    const tensor = fromHost(data, shape, dtype);
    const last = path.at(-1);
    if (last === undefined) {
      whole = tensor;
      continue;
    }
    let place: unknown = whole;
    for (const key of path.slice(0, -1)) place = Reflect.get(Object(place), key);
    Reflect.set(Object(place), last, tensor);
  }
  return whole;
}

/** The error of what cannot be sent. */
export function cannotBeSent(cause: unknown): AttributeError {
  return new AttributeError(
    "loader",
    `a batch cannot leave its worker: ${cause instanceof Error ? cause.message : String(cause)}`,
    "let items and collate give numbers, arrays, tensors, text and plain objects of them; functions and objects of classes stay in their thread",
    { cause },
  );
}
