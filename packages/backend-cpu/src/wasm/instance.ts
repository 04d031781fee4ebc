// Calling into a module that this package has emitted.

/** Compiles and instantiates a module, and returns one of its functions. */
export function instantiateFunction(
  bytes: Uint8Array<ArrayBuffer>,
  name: string,
  env: Record<string, WebAssembly.Memory | WebAssembly.Table>,
): (...words: readonly number[]) => unknown {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env });
  const callee = exports[name];
  if (typeof callee !== "function") throw new Error(`the module exports no function ${name}`);
  return (...words): unknown => {
    const result: unknown = Reflect.apply(callee, undefined, words);
    return result;
  };
}
