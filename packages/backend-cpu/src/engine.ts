// What the WebAssembly engine that we run on can do, asked by validating modules of a few bytes.

export interface EngineFeatures {
  readonly simd: boolean;
  /** Relaxed SIMD: multiply and add with one rounding, where the processor has it. */
  readonly relaxedMultiplyAdd: boolean;
  /** Memories of more than 4 GiB: not used here, but the mark of an engine whose compiler leaves loads where they stand. */
  readonly memory64: boolean;
  /** Shared memory and atomics, and a host that hands out SharedArrayBuffer. */
  readonly threads: boolean;
}

/** Whether a function of these instructions is valid, beside one page of shared memory where that is asked for. Written out: a process begins with it. */
function validates(instructions: readonly number[], shared = false): boolean {
  const memory = shared ? [5, 4, 1, 3, 1, 1] : [];
  const code = [10, instructions.length + 4, 1, instructions.length + 2, 0, ...instructions, 0x0b];
  return WebAssembly.validate(Uint8Array.from([...header, 1, 4, 1, 0x60, 0, 0, 3, 2, 1, 0, ...memory, ...code]));
}

const header = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const zero = [0x41, 0];
const splat = [...zero, 0xfd, 0x11];
const drop = 0x1a;

/** A module whose memory has 64-bit addresses and no page. */
const memory64 = [...header, 5, 3, 1, 4, 0];

let detected: EngineFeatures | undefined;

/** The features of this engine; asked once. */
export function engineFeatures(): EngineFeatures {
  detected ??= {
    simd: validates([...splat, 0xfd, 0xe1, 0x01, drop]), // f32x4.neg
    relaxedMultiplyAdd: validates([...splat, ...splat, ...splat, 0xfd, 0x85, 0x02, drop]), // f32x4.relaxed_madd
    memory64: WebAssembly.validate(Uint8Array.from(memory64)),
    threads: typeof SharedArrayBuffer === "function" && validates([...zero, ...zero, 0xfe, 0x00, 2, 0, drop], true), // memory.atomic.notify
  };
  return detected;
}
