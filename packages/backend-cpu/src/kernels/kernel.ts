// What the program calls: a kernel is one emitted function `(arguments, begin, end, scratch)` that does the units of work from begin to end.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local, ValueType } from "../wasm/function.ts";

export interface Kernel {
  /** Equal keys mean equal code. */
  readonly key: string;
  /** What has to be loaded before it can be emitted. */
  readonly part?: { readonly isLoaded: boolean; load(): Promise<void> };
  emit(module: ModuleBuilder, name: string): void;
}

export const kernelParameters: readonly ValueType[] = ["i32", "i32", "i32", "i32"];

/** Address of the argument words; first unit; one past the last unit; this thread's scratch memory. */
export const kernelArguments: Local = 0;
export const kernelBegin: Local = 1;
export const kernelEnd: Local = 2;
export const kernelScratch: Local = 3;

/** A local for each name. */
export function namedLocals<Name extends string>(
  f: FunctionBuilder,
  type: ValueType,
  names: readonly Name[],
): Record<Name, Local> {
  const locals: Partial<Record<Name, Local>> = {};
  for (const name of names) locals[name] = f.local(type);
  if (!holdsAll(locals, names)) throw new Error("a name without a local");
  return locals;
}

function holdsAll<Name extends string>(
  locals: Partial<Record<Name, Local>>,
  names: readonly Name[],
): locals is Record<Name, Local> {
  return names.every((name) => locals[name] !== undefined);
}

/** A local for each name, loaded with the argument words in order. */
export function namedArguments<Name extends string>(f: FunctionBuilder, names: readonly Name[]): Record<Name, Local> {
  const locals = namedLocals(f, "i32", names);
  names.forEach((name, index) =>
    f
      .get(kernelArguments)
      .memory("i32.load", index * 4)
      .set(locals[name]),
  );
  return locals;
}
