// The entry point of @stria/optimizers.
export {};
