// The arguments of an entry with their types, for the functions that make layers.
import { type Entry, type Kind, type KindTypes, readers } from "../list/kinds.ts";

type Present<Options> = { [Name in keyof Options]?: Exclude<Options[Name], undefined> };

/** Options without those that were not given. */
export function given<Options extends Readonly<Record<string, unknown>>>(options: Options): Present<Options> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Present<Options>;
}

export class Arguments {
  readonly #entry: Entry;

  constructor(entry: Entry) {
    this.#entry = entry;
  }

  /** An argument that may be left out. */
  get<K extends Kind>(name: string, kind: K): KindTypes[K] | undefined {
    const value = this.#entry.arguments[name];
    return value !== undefined && readers[kind].is(value) ? value : undefined;
  }

  /** An argument that the parser has made sure of. */
  need<K extends Kind>(name: string, kind: K): KindTypes[K] {
    const value = this.get(name, kind);
    if (value === undefined) throw new Error(`${this.#entry.name} has no ${name}`);
    return value;
  }
}
