// The entry point of @stria/backend-cpu.
export {};
