// The entry point of @stria/onnx.
export { onnxSupports } from "./table.ts";
export { type OnnxModel, type ToOnnxOptions, toOnnx, toOnnxModel } from "./to-onnx.ts";
