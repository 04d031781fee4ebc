// What is used of jsfive, which comes without types.
declare module "jsfive" {
  /** A group: links by name, and attributes. */
  export class Group {
    readonly keys: string[];
    readonly attrs: Readonly<Record<string, unknown>>;
    get(name: string): unknown;
  }

  /** The root group of a file. */
  export class File extends Group {
    constructor(bytes: ArrayBuffer, name?: string);
  }

  /** An array. */
  export class Dataset {
    readonly shape: unknown;
    /** As NumPy writes it, "<f4". */
    readonly dtype: unknown;
    readonly attrs: Readonly<Record<string, unknown>>;
  }
}
