// The entry point of @stria/layers.
export {};
