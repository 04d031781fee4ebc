// cast: own WGSL, one text for each pair of kinds. uint8 and bool live in i32, so narrowing is explicit.
import { type DType, at } from "@stria/core";
import { stridedMap } from "../engine/strided-map.ts";
import { broadcastStrides } from "../engine/collapse.ts";
import { type Kernel, outputOf } from "../kernel.ts";

/** Truncated; what does not fit becomes the nearest number that does, NaN 0. Spelled out, since devices differ. */
const toInt32 =
  "select(select(i32(a), select(-2147483647 - 1, 2147483647, a > 0.0), abs(a) >= 2147483648.0), 0, isnan(a))";
const toUint8 = "select(i32(clamp(a, 0.0, 255.0)), 0, isnan(a))";

/**
 * The number that 16 bits stand for: what is below 2^-14 is a multiple of 2^-24, else the exponent moves from a bias of 15 to one of 127, and the
 * largest is that of NaN and the infinities. By integers, since a device may flush what is small.
 */
const fromFloat16 =
  "select(bitcast<f32>((u32(a & 0x8000) << 16u) | ((u32(a & 0x7fff) << 13u) + select(0x38000000u, 0x70000000u, (a & 0x7c00) == 0x7c00))), " +
  "f32(a & 0x3ff) * select(5.9604644775390625e-8, -5.9604644775390625e-8, a >= 0x8000), (a & 0x7c00) == 0)";

/**
 * The 16 bits of the nearest float16, ties to even, of the float32 in `bits`: adding the half less one, and the bit that is kept last, carries where it
 * must. What is below 2^-14 is rounded to multiples of 2^-24 by the whole number that it is of them.
 */
const toFloat16 = (bits: string): string => {
  const magnitude = `(${bits} & 0x7fffffffu)`;
  const normal = `((${magnitude} - 0x38000000u + 0xfffu + ((${magnitude} >> 13u) & 1u)) >> 13u)`;
  const small = `u32(round(bitcast<f32>(min(${magnitude}, 0x38800000u)) * 16777216.0))`;
  const finite = `select(${normal}, ${small}, ${magnitude} < 0x38800000u)`;
  const large = `select(0x7c00u, 0x7e00u, ${magnitude} > 0x7f800000u)`;
  return `i32(((${bits} >> 16u) & 0x8000u) | select(${finite}, ${large}, ${magnitude} >= 0x47800000u))`;
};

function expression(from: DType, to: DType): string {
  if (from === to) return "a";
  if (to === "float16") return toFloat16(`bitcast<u32>(${from === "float32" ? "a" : "f32(a)"})`);
  if (from === "float16") {
    if (to === "bool") return "select(0, 1, (a & 0x7fff) != 0)";
    if (to === "float32") return fromFloat16;
    return (to === "uint8" ? toUint8 : toInt32).replaceAll(/\ba\b/g, `(${fromFloat16})`);
  }
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
