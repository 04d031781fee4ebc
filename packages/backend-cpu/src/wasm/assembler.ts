// A small WebAssembly assembler: functions are built instruction by instruction and encoded into one module.
import { ByteWriter } from "./bytes.ts";
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
    const out = new ByteWriter().bytes([0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);
    const section = (id: number, fill: (body: ByteWriter) => void): void => {
      const body = new ByteWriter();
      fill(body);
      out.byte(id).sized(body);
    };
    const exported = this.#functions.filter((builder) => builder.name !== "");
    section(1, (body) => {
      body.unsigned(this.#types.length);
      for (const { parameters, results } of this.#types) {
        body.byte(0x60);
        for (const list of [parameters, results])
          body.unsigned(list.length).bytes(list.map((type) => valueTypes[type]));
      }
    });
    section(2, (body) => {
      body.unsigned(this.#options.table ? 2 : 1);
      body
        .name("env")
        .name("memory")
        .byte(2)
        .byte(this.#options.shared ? 3 : 1)
        .unsigned(0)
        .unsigned(maximumPages);
      if (this.#options.table) body.name("env").name("table").byte(1).byte(0x70).byte(0).unsigned(0);
    });
    section(3, (body) => {
      body.unsigned(this.#functions.length);
      for (const builder of this.#functions) body.unsigned(builder.type);
    });
    section(7, (body) => {
      body.unsigned(exported.length);
      for (const builder of exported) body.name(builder.name).byte(0).unsigned(builder.index);
    });
    section(10, (body) => {
      body.unsigned(this.#functions.length);
      for (const builder of this.#functions) body.sized(builder.encode());
    });
    return out.view().slice();
  }
}
