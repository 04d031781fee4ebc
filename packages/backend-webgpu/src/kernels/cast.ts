// cast: own WGSL, one text for each pair of kinds. uint8 and bool live in i32, so narrowing is explicit.
import { type DType, at } from "@stria/core";
import { stridedMap } from "../engine/strided-map.ts";
import { broadcastStrides } from "../engine/collapse.ts";
import { type Kernel, outputOf } from "../kernel.ts";

/** Truncated; what does not fit becomes the nearest number that does, NaN 0. Spelled out, since devices differ. */
const toInt32 =
  "select(select(i32(a), select(-2147483647 - 1, 2147483647, a > 0.0), abs(a) >= 2147483648.0), 0, isnan(a))";
const toUint8 = "select(i32(clamp(a, 0.0, 255.0)), 0, isnan(a))";

function expression(from: DType, to: DType): string {
  if (from === to) return "a";
  // By bits: NaN is true, and so are subnormals, which a device may flush to 0.
  if (to === "bool")
    return from === "float32" ? "select(0, 1, (bitcast<u32>(a) & 0x7fffffffu) != 0u)" : "select(0, 1, a != 0)";
  if (to === "float32") return "f32(a)";
  if (from === "float32") return to === "uint8" ? toUint8 : toInt32;
  return to === "uint8" ? "a & 255" : "a";
}

export const cast: Kernel = (runtime, node, inputs) => {
  const tensor = at(inputs, 0);
  const aval = outputOf(node);
  if (tensor.aval.dtype === aval.dtype) return [runtime.alias(tensor, aval)];
  const output = runtime.allocate(aval, inputs);
  const code = {
    key: `cast ${tensor.aval.dtype} ${aval.dtype}`,
    expression: expression(tensor.aval.dtype, aval.dtype),
  };
  stridedMap(runtime, code, aval.shape, [{ tensor, strides: broadcastStrides(aval.shape, aval.shape) }], output);
  return [output];
};
