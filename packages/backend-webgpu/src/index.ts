// @stria/backend-webgpu: runs Stria on the GPU through WebGPU.
export type { WebGpuOptions } from "./find-device.ts";
export { webgpu } from "./webgpu.ts";
