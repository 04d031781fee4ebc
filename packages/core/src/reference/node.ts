// What references read of a node: shapes and attributes, checked to be of the kind that is wanted.
import { type Shape, at, sizeOf } from "../tensor/aval.ts";
import type { NodeSpec } from "../backend.ts";
import { type DType, type TypedArray, allocate } from "../tensor/dtype.ts";
import { AttributeError } from "../errors.ts";

export function inputShape(node: NodeSpec, index = 0): Shape {
  return at(node.inputs, index).shape;
}

export function outputShape(node: NodeSpec, index = 0): Shape {
  return at(node.outputs, index).shape;
}

export function outputDType(node: NodeSpec): DType {
  return at(node.outputs, 0).dtype;
}

/** A zero-filled array for output `index`. */
export function newOutput(node: NodeSpec, index = 0): TypedArray {
  const { shape, dtype } = at(node.outputs, index);
  return allocate(dtype, sizeOf(shape));
}

/** Float64 sums, rounded to the dtype of output `index`. */
export function rounded(node: NodeSpec, sums: Float64Array, index = 0): TypedArray {
  const output = newOutput(node, index);
  output.set(sums);
  return output;
}

function wrong(node: NodeSpec, name: string, wanted: string): AttributeError {
  return new AttributeError(node.op.name, `attribute ${name} is not ${wanted}`, "make the node by calling the op");
}

export function numberAttribute(node: NodeSpec, name: string): number {
  const value = node.attrs[name];
  if (typeof value !== "number") throw wrong(node, name, "a number");
  return value;
}

export function booleanAttribute(node: NodeSpec, name: string): boolean {
  const value = node.attrs[name];
  if (typeof value !== "boolean") throw wrong(node, name, "true or false");
  return value;
}

/** A list of numbers, one an axis. */
export function listAttribute(node: NodeSpec, name: string): readonly number[] {
  const value = node.attrs[name];
  if (typeof value !== "object") throw wrong(node, name, "a list of numbers");
  return value.map((entry) => {
    if (typeof entry !== "number") throw wrong(node, name, "a list of numbers");
    return entry;
  });
}

/** A list of [before, after], one an axis. */
export function pairsAttribute(node: NodeSpec, name: string): readonly (readonly [number, number])[] {
  const value = node.attrs[name];
  if (typeof value !== "object") throw wrong(node, name, "a list of pairs");
  return value.map((entry) => {
    if (typeof entry === "number") throw wrong(node, name, "a list of pairs");
    return entry;
  });
}
