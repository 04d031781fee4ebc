// Graphs as JSON: what is written.
import { toBase64 } from "./base64.ts";
import type { Aval } from "../tensor/aval.ts";
import { FormatError } from "../errors.ts";
import type { Graph, Role, Writeback } from "./graph.ts";
import type { AttrValue } from "../op.ts";

/** A number as JSON can carry it: the infinities, NaN and -0 are strings. */
export type JsonNumber = number | "Infinity" | "-Infinity" | "NaN" | "-0";

/** An attribute as JSON can carry it. */
export type JsonAttribute =
  | number
  | boolean
  | string
  | readonly JsonNumber[]
  | readonly (readonly [JsonNumber, JsonNumber])[];

export interface GraphJson {
  readonly format: "stria.graph";
  readonly version: 1;
  readonly values: readonly Aval[];
  readonly inputs: readonly {
    readonly value: number;
    readonly role: Role;
    readonly name: string;
    readonly noise?: {
      readonly stream: string;
      readonly distribution: string;
      readonly parameters: readonly JsonNumber[];
    };
  }[];
  readonly nodes: readonly {
    readonly op: string;
    readonly inputs: readonly number[];
    readonly outputs: readonly number[];
    readonly attrs: Readonly<Record<string, JsonAttribute>>;
    readonly site?: string;
  }[];
  /** `data`: base64 of the elements, row-major, little-endian. */
  readonly constants: readonly { readonly value: number; readonly data: string }[];
  readonly outputs: readonly { readonly value: number; readonly name: string }[];
  readonly writebacks: readonly Writeback[];
}

/** Texts that stand for numbers. */
export const specialNumbers: ReadonlyMap<string, number> = new Map([
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
  ["NaN", Number.NaN],
  ["-0", -0],
]);

function writeNumber(value: number): JsonNumber {
  if (Object.is(value, -0)) return "-0";
  if (Number.isFinite(value)) return value;
  return Number.isNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity";
}

function writeAttribute(value: AttrValue, subject: string): JsonAttribute {
  if (typeof value === "number") return writeNumber(value);
  if (typeof value === "boolean") return value;
  if (typeof value === "string") {
    if (specialNumbers.has(value))
      throw new FormatError(subject, `the string "${value}" would be read as a number`, "use another string");
    return value;
  }
  const numbers: JsonNumber[] = [];
  const pairs: (readonly [JsonNumber, JsonNumber])[] = [];
  for (const entry of value) {
    if (typeof entry === "number") numbers.push(writeNumber(entry));
    else pairs.push([writeNumber(entry[0]), writeNumber(entry[1])]);
  }
  return pairs.length > 0 ? pairs : numbers;
}

/** The graph as plain data for `JSON.stringify`; `fromJSON` reads it. Ops are written by name. */
export function toJSON(graph: Graph): GraphJson {
  return {
    format: "stria.graph",
    version: 1,
    values: graph.values.map(({ shape, dtype }) => ({ shape: [...shape], dtype })),
    inputs: graph.inputs.map(({ value, role, name, noise }) => ({
      value,
      role,
      name,
      ...(noise && {
        noise: {
          stream: noise.stream,
          distribution: noise.distribution,
          parameters: noise.parameters.map(writeNumber),
        },
      }),
    })),
    nodes: graph.nodes.map(({ op, inputs, outputs, attrs, site }) => ({
      op: op.name,
      inputs: [...inputs],
      outputs: [...outputs],
      attrs: Object.fromEntries(
        Object.entries(attrs).map(([name, value]) => [name, writeAttribute(value, `${op.name} ${name}`)]),
      ),
      ...(site !== undefined && { site }),
    })),
    constants: graph.constants.map(({ value, data }) => ({ value, data: toBase64(data) })),
    outputs: graph.outputs.map(({ value, name }) => ({ value, name })),
    writebacks: graph.writebacks.map(({ from, to }) => ({ from, to })),
  };
}
