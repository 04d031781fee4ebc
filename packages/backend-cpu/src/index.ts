// @stria/backend-cpu: kernels emitted as WebAssembly SIMD at run time, on threads.
export { cpu, type CpuOptions } from "./backend.ts";
