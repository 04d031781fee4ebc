// What the WebAssembly engine that we run on can do, asked by validating modules of a few bytes.
import { ModuleBuilder } from "./wasm/assembler.ts";
import type { FunctionBuilder } from "./wasm/function.ts";

export interface EngineFeatures {
  readonly simd: boolean;
  /** Relaxed SIMD: multiply and add with one rounding, where the processor has it. */
  readonly relaxedMultiplyAdd: boolean;
  /** Memories of more than 4 GiB: not used here, but the mark of an engine whose compiler leaves loads where they stand. */
  readonly memory64: boolean;
  /** Shared memory and atomics, and a host that hands out SharedArrayBuffer. */
  readonly threads: boolean;
}

function validates(shared: boolean, body: (builder: FunctionBuilder) => void): boolean {
  const module = new ModuleBuilder({ shared });
  module.function("f", [], [], body);
  return WebAssembly.validate(module.encode());
}

/** A module whose memory has 64-bit addresses and no page. */
const memory64 = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 4, 0];

let detected: EngineFeatures | undefined;

/** The features of this engine; asked once. */
export function engineFeatures(): EngineFeatures {
  detected ??= {
    simd: validates(false, (f) => f.v128([0, 0, 0, 0]).op("f32x4.neg", "drop")),
    relaxedMultiplyAdd: validates(false, (f) =>
      f.v128([0, 0, 0, 0]).v128([0, 0, 0, 0]).v128([0, 0, 0, 0]).op("f32x4.relaxed_madd", "drop"),
    ),
    memory64: WebAssembly.validate(Uint8Array.from(memory64)),
    threads:
      typeof SharedArrayBuffer === "function" &&
      validates(true, (f) => f.i32(0).i32(0).atomic("memory.atomic.notify").op("drop")),
  };
  return detected;
}
