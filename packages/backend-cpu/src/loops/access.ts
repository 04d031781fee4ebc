// Loads and stores of four elements between memory, where each dtype has its own width, and vector registers.
import { bytesOf, type DType } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";

/** How elements of 4, 2 and 1 bytes get into the four lanes of a register, and back. */
const widths = {
  4: {
    splat: "v128.load32_splat",
    load: "v128.load",
    widen: [],
    mask: 0,
    loadLane: "v128.load32_lane",
    storeLane: "v128.store32_lane",
    narrow: [],
  },
  2: {
    splat: "v128.load16_splat",
    load: "v128.load64_zero",
    widen: ["i32x4.extend_low_i16x8_u"],
    mask: 0xffff,
    loadLane: "v128.load16_lane",
    storeLane: "v128.store16_lane",
    narrow: ["i16x8.narrow_i32x4_u"],
  },
  1: {
    splat: "v128.load8_splat",
    load: "v128.load32_zero",
    widen: ["i16x8.extend_low_i8x16_u", "i32x4.extend_low_i16x8_u"],
    mask: 0xff,
    loadLane: "v128.load8_lane",
    storeLane: "v128.store8_lane",
    narrow: ["i16x8.narrow_i32x4_u", "i8x16.narrow_i16x8_u"],
  },
} as const;

function widthOf(dtype: DType): (typeof widths)[keyof typeof widths] {
  const bytes = bytesOf(dtype);
  return bytes === 4 ? widths[4] : bytes === 2 ? widths[2] : widths[1];
}

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
  const bytes = bytesOf(dtype);
  const width = widthOf(dtype);
  const step = stride * bytes;
  if (stride === 0) {
    f.get(address).memory(width.splat, offset);
    if (width.mask > 0) f.v128([width.mask, width.mask, width.mask, width.mask]).op("v128.and");
  } else if (stride === 1) {
    f.get(address)
      .memory(width.load, offset)
      .op(...width.widen);
  } else {
    const vector = f.local("v128");
    f.v128([0, 0, 0, 0]).set(vector);
    for (let lane = 0; lane < count; lane++) {
      f.get(address);
      if (lane > 0) f.i32(lane * step).op("i32.add");
      f.get(vector)
        .laneMemory(width.loadLane, lane * (4 / bytes), offset)
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
  const bytes = bytesOf(dtype);
  const width = widthOf(dtype);
  const vector = f.local("v128");
  value();
  if (dtype === "bool") f.v128([1, 1, 1, 1]).op("v128.and");
  if (dtype === "uint8") f.v128([255, 255, 255, 255]).op("v128.and");
  f.set(vector);
  for (const narrow of width.narrow) f.get(vector).get(vector).op(narrow).set(vector);
  if (stride === 1 && count === 4) {
    f.get(address).get(vector);
    if (bytes === 4) f.memory("v128.store", offset);
    else f.laneMemory(bytes === 2 ? "v128.store64_lane" : "v128.store32_lane", 0, offset);
    return;
  }
  const step = stride * bytes;
  for (let lane = 0; lane < count; lane++) {
    f.get(address);
    if (lane > 0) f.i32(lane * step).op("i32.add");
    f.get(vector).laneMemory(width.storeLane, lane, offset);
  }
}
