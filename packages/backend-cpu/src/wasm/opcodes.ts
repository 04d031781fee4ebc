// The instructions that kernels use, by their names in the text format. Numbers from the core, SIMD, relaxed SIMD and threads specifications.

/** One-byte instructions without immediates. */
export const plainOpcodes = {
  unreachable: 0x00,
  return: 0x0f,
  drop: 0x1a,
  select: 0x1b,
  "i32.eqz": 0x45,
  "i32.eq": 0x46,
  "i32.ne": 0x47,
  "i32.lt_s": 0x48,
  "i32.lt_u": 0x49,
  "i32.gt_s": 0x4a,
  "i32.gt_u": 0x4b,
  "i32.le_u": 0x4d,
  "i32.ge_s": 0x4e,
  "i32.ge_u": 0x4f,
  "f32.eq": 0x5b,
  "f32.le": 0x5f,
  "i32.add": 0x6a,
  "i32.sub": 0x6b,
  "i32.mul": 0x6c,
  "i32.div_u": 0x6e,
  "i32.rem_u": 0x70,
  "i32.and": 0x71,
  "i32.or": 0x72,
  "i32.xor": 0x73,
  "i32.shr_s": 0x75,
  "i32.shr_u": 0x76,
  "f32.add": 0x92,
  "f32.mul": 0x94,
  "f32.max": 0x97,
  "f64.add": 0xa0,
  "f32.demote_f64": 0xb6,
  "f32.reinterpret_i32": 0xbe,
  "i32.reinterpret_f32": 0xbc,
} as const;

/** SIMD instructions (prefix 0xfd) without immediates. */
export const simdOpcodes = {
  "i32x4.splat": 0x11,
  "f32x4.splat": 0x13,
  "i32x4.eq": 0x37,
  "i32x4.ne": 0x38,
  "i32x4.lt_s": 0x39,
  "i32x4.lt_u": 0x3a,
  "i32x4.gt_s": 0x3b,
  "i32x4.le_s": 0x3d,
  "i32x4.ge_s": 0x3f,
  "f32x4.eq": 0x41,
  "f32x4.ne": 0x42,
  "f32x4.lt": 0x43,
  "f32x4.gt": 0x44,
  "f32x4.le": 0x45,
  "f32x4.ge": 0x46,
  "v128.not": 0x4d,
  "v128.and": 0x4e,
  "v128.andnot": 0x4f,
  "v128.or": 0x50,
  "v128.xor": 0x51,
  "v128.bitselect": 0x52,
  "v128.any_true": 0x53,
  "f32x4.demote_f64x2_zero": 0x5e,
  "f64x2.promote_low_f32x4": 0x5f,
  "i8x16.narrow_i16x8_u": 0x66,
  "f32x4.floor": 0x68,
  "f32x4.nearest": 0x6a,
  "i32x4.all_true": 0xa3,
  "i16x8.narrow_i32x4_u": 0x86,
  "i16x8.extend_low_i8x16_u": 0x89,
  "i32x4.extend_low_i16x8_u": 0xa9,
  "f64x2.nearest": 0x94,
  "i32x4.abs": 0xa0,
  "i32x4.neg": 0xa1,
  "i32x4.shl": 0xab,
  "i32x4.shr_s": 0xac,
  "i32x4.shr_u": 0xad,
  "i32x4.add": 0xae,
  "i32x4.sub": 0xb1,
  "i32x4.mul": 0xb5,
  "i32x4.min_s": 0xb6,
  "i32x4.max_s": 0xb8,
  "f32x4.abs": 0xe0,
  "f32x4.neg": 0xe1,
  "f32x4.sqrt": 0xe3,
  "f32x4.add": 0xe4,
  "f32x4.sub": 0xe5,
  "f32x4.mul": 0xe6,
  "f32x4.div": 0xe7,
  "f32x4.max": 0xe9,
  "f32x4.pmin": 0xea,
  "f32x4.pmax": 0xeb,
  "f64x2.floor": 0x75,
  "f64x2.gt": 0x4a,
  "f64x2.eq": 0x47,
  "f64x2.ne": 0x48,
  "f64x2.add": 0xf0,
  "f64x2.sub": 0xf1,
  "f64x2.mul": 0xf2,
  "f64x2.div": 0xf3,
  "f64x2.pmin": 0xf6,
  "f64x2.pmax": 0xf7,
  "f64x2.convert_low_i32x4_u": 0xff,
  "i64x2.shl": 0xcb,
  "i64x2.shr_s": 0xcc,
  "i64x2.shr_u": 0xcd,
  "i32x4.trunc_sat_f32x4_s": 0xf8,
  "f32x4.convert_i32x4_s": 0xfa,
  "f32x4.relaxed_madd": 0x105,
} as const;

/** Loads and stores without a prefix: opcode and natural alignment (log2). */
export const plainMemory = {
  "i32.load": [0x28, 2],
  "i64.load": [0x29, 3],
  "f32.load": [0x2a, 2],
  "i32.load8_u": [0x2d, 0],
  "i32.load16_u": [0x2f, 1],
  "i32.store": [0x36, 2],
  "i64.store": [0x37, 3],
  "f32.store": [0x38, 2],
  "f64.store": [0x39, 3],
  "i32.store8": [0x3a, 0],
  "i32.store16": [0x3b, 1],
} as const;

/** SIMD loads and stores (prefix 0xfd). Alignment is a hint: 4 bytes, since rows start anywhere. */
export const simdMemory = {
  "v128.load": [0x00, 2],
  "v128.load8_splat": [0x07, 0],
  "v128.load32_splat": [0x09, 2],
  "v128.store": [0x0b, 2],
  "v128.load32_zero": [0x5c, 2],
  "v128.load16_splat": [0x08, 1],
  "v128.load64_zero": [0x5d, 2],
} as const;

/** SIMD lane loads and stores (prefix 0xfd), with a lane immediate. */
export const simdLaneMemory = {
  "v128.load8_lane": [0x54, 0],
  "v128.load32_lane": [0x56, 2],
  "v128.load16_lane": [0x55, 1],
  "v128.store8_lane": [0x58, 0],
  "v128.store32_lane": [0x5a, 2],
  "v128.store16_lane": [0x59, 1],
  "v128.store64_lane": [0x5b, 2],
} as const;

/** SIMD instructions (prefix 0xfd) with a lane immediate. */
export const simdLane = {
  "i32x4.extract_lane": 0x1b,
  "f32x4.extract_lane": 0x1f,
  "f32x4.replace_lane": 0x20,
  "f64x2.extract_lane": 0x21,
} as const;

/** Atomic instructions (prefix 0xfe), all with a memory immediate: opcode and alignment. */
export const atomicMemory = {
  "memory.atomic.notify": [0x00, 2],
  "memory.atomic.wait32": [0x01, 2],
  "i32.atomic.load": [0x10, 2],
  "i32.atomic.rmw.add": [0x1e, 2],
} as const;

export type PlainOpcode = keyof typeof plainOpcodes;
export type SimdOpcode = keyof typeof simdOpcodes;
export type PlainMemory = keyof typeof plainMemory;
export type SimdMemory = keyof typeof simdMemory;
export type SimdLaneMemory = keyof typeof simdLaneMemory;
export type SimdLane = keyof typeof simdLane;
export type AtomicMemory = keyof typeof atomicMemory;
