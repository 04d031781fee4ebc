// ONNX Runtime in a browser: the entry with WebAssembly alone, whose .wasm file is half as large as the main entry's.
import type * as onnxruntime from "onnxruntime-web";

export function load(): Promise<typeof onnxruntime> {
  return import("onnxruntime-web/wasm");
}
