// The entry point of @stria/onnx.
export {};
