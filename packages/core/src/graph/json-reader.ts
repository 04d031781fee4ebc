// Reading JSON that is not trusted: every field is looked at before it is used, and an error names its place.
import { FormatError } from "../errors.ts";

const reserved: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);

/** One value of a parsed JSON document, and where in it the value is. */
export class Json {
  readonly #value: unknown;
  readonly path: string;

  constructor(value: unknown, path: string) {
    this.#value = value;
    this.path = path;
  }

  fail(fault: string, options?: ErrorOptions): FormatError {
    return new FormatError(this.path, fault, "read a file that toJSON wrote, whole and unchanged", options);
  }

  /** The field, which must be there. */
  field(name: string): Json {
    const found = this.optional(name);
    if (!found) throw this.fail(`"${name}" is missing`);
    return found;
  }

  optional(name: string): Json | undefined {
    const found = this.entries().find(([key]) => key === name);
    return found?.[1];
  }

  /** The fields of an object. Names that could reach a prototype are refused. */
  entries(): (readonly [string, Json])[] {
    const value = this.#value;
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw this.fail("an object is expected");
    return Object.entries(value).map(([name, item]) => {
      if (reserved.has(name)) throw this.fail(`the name "${name}" is not allowed`);
      return [name, new Json(item, `${this.path}.${name}`)];
    });
  }

  /** The items of a list of at most `most`. */
  list(most: number): Json[] {
    const value = this.#value;
    if (!Array.isArray(value)) throw this.fail("a list is expected");
    if (value.length > most) throw this.fail(`${value.length} entries are more than ${most}`);
    return value.map((item: unknown, index) => new Json(item, `${this.path}[${index}]`));
  }

  /** A whole number from 0 to `most`. */
  count(most: number): number {
    const value = this.#value;
    if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > most || Object.is(value, -0))
      throw this.fail(`a whole number from 0 to ${most} is expected, found ${JSON.stringify(value)}`);
    return value;
  }

  text(): string {
    const value = this.#value;
    if (typeof value !== "string") throw this.fail("a string is expected");
    return value;
  }

  /** One of the texts in `choices`. */
  choice<T extends string>(choices: readonly T[]): T {
    const found = choices.find((choice) => choice === this.#value);
    if (found === undefined)
      throw this.fail(`one of ${choices.join(", ")} is expected, found ${JSON.stringify(this.#value)}`);
    return found;
  }

  /** The value itself, for a caller that looks at it. */
  raw(): unknown {
    return this.#value;
  }
}
