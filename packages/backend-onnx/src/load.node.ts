// ONNX Runtime in Node: the package's main entry.
import type * as onnxruntime from "onnxruntime-web";

export function load(): Promise<typeof onnxruntime> {
  return import("onnxruntime-web");
}
