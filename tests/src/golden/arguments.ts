// The arguments of a golden's call, by PyTorch's names. What is read is noted: an argument that nobody asked for must not be ignored.
import { type Tensor, cast } from "@stria/core";
import { type Json, type JsonObject, asNumber, asText, isList } from "./json.ts";
import { Unsupported } from "./outcome.ts";

export class Arguments {
  readonly call: string;
  /** Mode of a layer. */
  readonly training: boolean;
  readonly #args: JsonObject;
  readonly #inputs: ReadonlyMap<string, Tensor>;
  readonly #read = new Set<string>();

  constructor(call: string, args: JsonObject, inputs: ReadonlyMap<string, Tensor>, training: boolean) {
    this.call = call;
    this.training = training;
    this.#args = args;
    this.#inputs = inputs;
  }

  /** Arguments and inputs that were not asked for; Python's None is what is not given. */
  unread(): string[] {
    const given = Object.entries(this.#args).flatMap(([name, value]) => (value === null ? [] : [name]));
    return [...given, ...this.#inputs.keys()].filter((name) => !this.#read.has(name));
  }

  #argument(name: string): Json | undefined {
    this.#read.add(name);
    return this.#args[name] ?? undefined;
  }

  has(name: string): boolean {
    return this.#inputs.has(name) || (this.#args[name] ?? undefined) !== undefined;
  }

  /** Whether an argument is given at all, be it null. */
  holds(name: string): boolean {
    return Object.hasOwn(this.#args, name);
  }

  /** An argument of any kind. */
  json(name: string): Json | undefined {
    return this.#argument(name);
  }

  maybe(name: string): Tensor | undefined {
    this.#read.add(name);
    return this.#inputs.get(name);
  }

  tensor(name = "input"): Tensor {
    return this.maybe(name) ?? this.missing(name);
  }

  /** A tensor as float32: PyTorch promotes, Stria does not. */
  float(name = "input"): Tensor {
    return cast(this.tensor(name), "float32");
  }

  /** A tensor or a number. */
  operand(name: string): Tensor | number {
    return this.maybe(name) ?? this.number(name);
  }

  /** A list of tensors: `tensors.0`, `tensors.1`, ... */
  tensors(name = "tensors"): Tensor[] {
    const list: Tensor[] = [];
    for (let next = this.maybe(`${name}.0`); next; next = this.maybe(`${name}.${list.length}`)) list.push(next);
    return list;
  }

  number(name: string, fallback?: number): number {
    const value = this.#argument(name);
    return value === undefined ? (fallback ?? this.missing(name)) : asNumber(value, name);
  }

  /** One number or several; nothing where the argument is not given. */
  axes(name: string): number | number[] | undefined {
    const value = this.#argument(name);
    if (value === undefined) return undefined;
    return isList(value) ? value.map((item) => asNumber(item, name)) : asNumber(value, name);
  }

  /** One number for all axes, or one for each. */
  perAxis(name: string, fallback?: number): number | number[] {
    return this.axes(name) ?? fallback ?? this.missing(name);
  }

  numbers(name: string): number[] {
    const value = this.axes(name) ?? this.missing(name);
    return typeof value === "number" ? [value] : value;
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.#argument(name) ?? fallback;
    if (typeof value !== "boolean") throw new Unsupported(`${this.call} with ${name} ${JSON.stringify(value)}`);
    return value;
  }

  text(name: string, fallback?: string): string {
    const value = this.#argument(name);
    return value === undefined ? (fallback ?? this.missing(name)) : asText(value, name);
  }

  missing(name: string): never {
    throw new Unsupported(`${this.call} without ${name}`);
  }

  /** Says that this call is known, but not in this form. */
  unsupported(form: string): never {
    throw new Unsupported(`${this.call} ${form}`);
  }
}

/** `read` of an object of the file, every entry of which it must have asked for. */
export function readAll<T>(what: string, json: JsonObject, read: (given: Arguments) => T): T {
  const given = new Arguments(what, json, new Map(), true);
  const value = read(given);
  const unread = given.unread();
  if (unread.length > 0) throw new Unsupported(`${what} with ${unread.join(", ")}`);
  return value;
}
