// One element of a tensor's data on the host.
import { at } from "./aval.ts";
import { type DType, type TypedArray, fromStored } from "./dtype.ts";

/** An element as users see it. */
export function elementOf(data: TypedArray, index: number, dtype: DType): number | boolean {
  const element = at(data, index);
  return dtype === "bool" ? element !== 0 : fromStored(dtype, element);
}
