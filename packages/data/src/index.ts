// The entry point of @stria/data.
export {};
