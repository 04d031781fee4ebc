// What the WebAssembly engine that we run on can do, asked by validating modules of a few bytes.
import { ModuleBuilder } from "./wasm/assembler.ts";
import type { FunctionBuilder } from "./wasm/function.ts";

export interface EngineFeatures {
  readonly simd: boolean;
  /** Relaxed SIMD: multiply and add with one rounding, where the processor has it. */
  readonly relaxedMultiplyAdd: boolean;
  /** Shared memory and atomics, and a host that hands out SharedArrayBuffer. */
  readonly threads: boolean;
}

function validates(shared: boolean, body: (builder: FunctionBuilder) => void): boolean {
  const module = new ModuleBuilder({ shared });
  module.function("f", [], [], body);
  return WebAssembly.validate(module.encode());
}

let detected: EngineFeatures | undefined;

/** The features of this engine; asked once. */
export function engineFeatures(): EngineFeatures {
  detected ??= {
    simd: validates(false, (f) => f.v128([0, 0, 0, 0]).op("f32x4.neg", "drop")),
    relaxedMultiplyAdd: validates(false, (f) =>
      f.v128([0, 0, 0, 0]).v128([0, 0, 0, 0]).v128([0, 0, 0, 0]).op("f32x4.relaxed_madd", "drop"),
    ),
    threads:
      typeof SharedArrayBuffer === "function" &&
      validates(true, (f) => f.i32(0).i32(0).atomic("memory.atomic.notify").op("drop")),
  };
  return detected;
}
