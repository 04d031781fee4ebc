// Loads and stores of four elements between memory, where each dtype has its own width, and vector registers.
import { bytesOf, type DType } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";

/**
 * Pushes `count` elements (1 to 4) from the address in `address`, `stride` elements apart; what is in the other lanes is arbitrary. Stride 1 may
 * read up to 15 bytes too far, which the allocator allows for; other strides read nothing else.
 */
export function loadVector(
  f: FunctionBuilder,
  dtype: DType,
  address: Local,
  stride: number,
  count: number,
  offset = 0,
): void {
  const wide = bytesOf(dtype) === 4;
  const step = stride * bytesOf(dtype);
  if (stride === 0) {
    f.get(address).memory(wide ? "v128.load32_splat" : "v128.load8_splat", offset);
    if (!wide) f.v128([255, 255, 255, 255]).op("v128.and");
  } else if (stride === 1) {
    f.get(address).memory(wide ? "v128.load" : "v128.load32_zero", offset);
    if (!wide) f.op("i16x8.extend_low_i8x16_u", "i32x4.extend_low_i16x8_u");
  } else {
    const vector = f.local("v128");
    f.v128([0, 0, 0, 0]).set(vector);
    for (let lane = 0; lane < count; lane++) {
      f.get(address);
      if (lane > 0) f.i32(lane * step).op("i32.add");
      f.get(vector)
        .laneMemory(wide ? "v128.load32_lane" : "v128.load8_lane", wide ? lane : lane * 4, offset)
        .set(vector);
    }
    f.get(vector);
  }
  if (dtype === "bool") f.v128([0, 0, 0, 0]).op("i32x4.ne");
}

/** Stores the first `count` lanes of what `value` pushes at `address`, `stride` elements apart. Four neighbours are one store. */
export function storeVector(
  f: FunctionBuilder,
  dtype: DType,
  address: Local,
  stride: number,
  count: number,
  value: () => void,
  offset = 0,
): void {
  const wide = bytesOf(dtype) === 4;
  const vector = f.local("v128");
  value();
  if (dtype === "bool") f.v128([1, 1, 1, 1]).op("v128.and");
  if (dtype === "uint8") f.v128([255, 255, 255, 255]).op("v128.and");
  f.set(vector);
  if (!wide)
    f.get(vector)
      .get(vector)
      .op("i16x8.narrow_i32x4_u")
      .set(vector)
      .get(vector)
      .get(vector)
      .op("i8x16.narrow_i16x8_u")
      .set(vector);
  if (stride === 1 && count === 4) {
    f.get(address).get(vector);
    if (wide) f.memory("v128.store", offset);
    else f.laneMemory("v128.store32_lane", 0, offset);
    return;
  }
  const step = stride * bytesOf(dtype);
  for (let lane = 0; lane < count; lane++) {
    f.get(address);
    if (lane > 0) f.i32(lane * step).op("i32.add");
    f.get(vector).laneMemory(wide ? "v128.store32_lane" : "v128.store8_lane", lane, offset);
  }
}
