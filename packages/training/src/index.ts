// The entry point of @stria/training.
export {};
