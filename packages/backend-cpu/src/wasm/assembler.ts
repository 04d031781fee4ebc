// A small WebAssembly assembler: functions are built instruction by instruction and encoded into one module.
import { joined, lengthOf, pushName, pushUnsigned } from "./bytes.ts";
import { FunctionBuilder, valueTypes, type ValueType } from "./function.ts";

export interface Signature {
  readonly parameters: readonly ValueType[];
  readonly results: readonly ValueType[];
}

/** Largest memory that a module may be given: the whole 32-bit address space, in pages of 64 KiB. */
export const maximumPages = 65536;

export interface ModuleOptions {
  /** Whether the imported memory is shared between threads. */
  readonly shared: boolean;
  /** Whether the module imports the table of kernels, to call through it. */
  readonly table?: boolean;
}

/** A module that imports `env.memory` (and `env.table`), and exports the functions that are given a name. */
export class ModuleBuilder {
  readonly #options: ModuleOptions;
  readonly #functions: FunctionBuilder[] = [];
  readonly #types: Signature[] = [];
  readonly #typeIndices = new Map<string, number>();

  constructor(options: ModuleOptions) {
    this.#options = options;
  }

  /** The index of a function type; equal signatures share one. */
  type(parameters: readonly ValueType[], results: readonly ValueType[]): number {
    const key = `${parameters.join()}|${results.join()}`;
    const known = this.#typeIndices.get(key);
    if (known !== undefined) return known;
    this.#typeIndices.set(key, this.#types.length);
    return this.#types.push({ parameters, results }) - 1;
  }

  /** Adds a function. An empty name keeps it internal. */
  function(
    name: string,
    parameters: readonly ValueType[],
    results: readonly ValueType[],
    body: (builder: FunctionBuilder) => void,
  ): FunctionBuilder {
    const builder = new FunctionBuilder(
      this.#functions.length,
      name,
      this.type(parameters, results),
      parameters.length,
    );
    this.#functions.push(builder);
    body(builder);
    return builder;
  }

  /** The binary module. */
  encode(): Uint8Array<ArrayBuffer> {
    const out: (readonly number[])[] = [[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]];
    const section = (id: number, body: readonly (readonly number[])[]): void => {
      const head = [id];
      pushUnsigned(head, lengthOf(body));
      out.push(head, ...body);
    };
    section(1, [this.#encodeTypes()]);
    section(2, [this.#encodeImports()]);
    const functions: number[] = [];
    pushUnsigned(functions, this.#functions.length);
    for (const builder of this.#functions) pushUnsigned(functions, builder.type);
    section(3, [functions]);
    section(7, [this.#encodeExports()]);
    const count: number[] = [];
    pushUnsigned(count, this.#functions.length);
    const bodies: (readonly number[])[] = [count];
    for (const builder of this.#functions) {
      const body = builder.encode();
      const length: number[] = [];
      pushUnsigned(length, lengthOf(body));
      bodies.push(length, ...body);
    }
    section(10, bodies);
    return joined(out);
  }

  #encodeTypes(): number[] {
    const body: number[] = [];
    pushUnsigned(body, this.#types.length);
    for (const { parameters, results } of this.#types) {
      body.push(0x60);
      for (const list of [parameters, results]) {
        pushUnsigned(body, list.length);
        for (const type of list) body.push(valueTypes[type]);
      }
    }
    return body;
  }

  #encodeImports(): number[] {
    const { shared, table } = this.#options;
    const body = [table ? 2 : 1];
    pushName(body, "env");
    pushName(body, "memory");
    body.push(2, shared ? 3 : 1, 0);
    pushUnsigned(body, maximumPages);
    if (!table) return body;
    pushName(body, "env");
    pushName(body, "table");
    body.push(1, 0x70, 0, 0);
    return body;
  }

  #encodeExports(): number[] {
    const exported = this.#functions.filter((builder) => builder.name !== "");
    const body: number[] = [];
    pushUnsigned(body, exported.length);
    for (const builder of exported) {
      pushName(body, builder.name);
      body.push(0);
      pushUnsigned(body, builder.index);
    }
    return body;
  }
}
