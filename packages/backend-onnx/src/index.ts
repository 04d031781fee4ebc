// The entry point of @stria/backend-onnx.
export {};
