// The entry point of @stria/backend-onnx.
export { type OnnxOptions, onnx } from "./backend.ts";
export type { Runtime, RuntimeOptions } from "./runtime.ts";
