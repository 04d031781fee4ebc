// Calling into modules that this package has emitted.
import { BackendError } from "@stria/core";

type Callable = (...words: readonly number[]) => unknown;

interface Instance {
  /** The exported functions. */
  readonly functions: readonly (readonly [name: string, exported: unknown])[];
  /** @throws Error where there is none of this name. */
  function(name: string): Callable;
}

/**
 * Compiles and instantiates a module.
 * @throws BackendError where a content security policy forbids it.
 */
export function instantiate(
  bytes: Uint8Array<ArrayBuffer>,
  env: Record<string, WebAssembly.Memory | WebAssembly.Table>,
): Instance {
  const { exports } = new WebAssembly.Instance(compiled(bytes), { env });
  return {
    functions: Object.entries(exports).filter(([, value]) => typeof value === "function"),
    function(name) {
      const callee = exports[name];
      if (typeof callee !== "function") throw new Error(`the module exports no function ${name}`);
      return (...words): unknown => {
        const result: unknown = Reflect.apply(callee, undefined, words);
        return result;
      };
    },
  };
}

function compiled(bytes: Uint8Array<ArrayBuffer>): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (cause) {
    if (!WebAssembly.validate(bytes)) throw cause;
    throw new BackendError(
      "backend-cpu",
      `the engine refused to compile WebAssembly: ${String(cause)}`,
      "let the page's content security policy allow script-src 'wasm-unsafe-eval'",
      { cause },
    );
  }
}
