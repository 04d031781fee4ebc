// full and iota: own WGSL; the number is a uniform, since WGSL has no literals for NaN and infinities.
import { at, sizeOf, toStored } from "@stria/core";
import { remembered } from "../engine/remembered.ts";
import { numberOf } from "../attributes.ts";
import { type Kernel, outputOf } from "../kernel.ts";
import type { Runtime } from "../runtime.ts";
import { type DeviceTensor, wgslType } from "../tensor.ts";

/** Sets every element of `tensor`. */
export function fill(runtime: Runtime, tensor: DeviceTensor, value: number): void {
  const type = wgslType(tensor.aval.dtype);
  const key = `full ${type}`;
  const program = remembered(key, () => ({
    key,
    inputs: [],
    uniforms: [["value", type]],
    main: "result[index] = uniforms.value;",
  }));
  runtime.run(program, [], tensor, sizeOf(tensor.aval.shape), [[stored(tensor, value)]]);
}

function stored(tensor: DeviceTensor, value: number): number {
  const { dtype } = tensor.aval;
  if (dtype === "float32") return value;
  if (dtype === "float16") return toStored(dtype, value);
  if (dtype === "bool") return value === 0 ? 0 : 1;
  return dtype === "uint8" ? value & 255 : value | 0;
}

export const full: Kernel = (runtime, node) => {
  const output = runtime.allocate(outputOf(node));
  fill(runtime, output, numberOf(node.attrs, "value"));
  return [output];
};

export const iota: Kernel = (runtime, node) => {
  const aval = outputOf(node);
  const axis = numberOf(node.attrs, "axis");
  const output = runtime.allocate(aval);
  const type = wgslType(aval.dtype);
  const key = `iota ${type}`;
  const program = remembered(key, () => ({
    key,
    inputs: [],
    uniforms: [
      ["inner_size", "i32"],
      ["axis_length", "i32"],
    ],
    main: `result[index] = ${type}((index / uniforms.inner_size) % uniforms.axis_length);`,
  }));
  runtime.run(program, [], output, sizeOf(aval.shape), [
    [Math.max(1, sizeOf(aval.shape.slice(axis + 1)))],
    [Math.max(1, at(aval.shape, axis))],
  ]);
  return [output];
};
