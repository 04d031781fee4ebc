// The entry point of @stria/zoo.
export {};
