// The entry point of @stria/backend-webgpu.
export {};
