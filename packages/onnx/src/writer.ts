// Collects the nodes and initialisers of one ONNX graph. The only place that knows ONNX's messages for them.
import { create } from "@bufbuild/protobuf";
import { toStored } from "@stria/core";
import {
  type AttributeProto,
  AttributeProto_AttributeType as AttributeType,
  AttributeProtoSchema,
  type GraphProto,
  GraphProtoSchema,
  type NodeProto,
  NodeProtoSchema,
  type TensorProto,
  TensorProto_DataType as DataType,
  TensorProtoSchema,
  ValueInfoProtoSchema,
} from "./schema/onnx_pb.ts";

/** Element types that a written model has: those of Stria, and ONNX's own type of shapes and indices. */
export type ElementType = "float32" | "int32" | "uint8" | "bool" | "float16" | "int64";

/** ONNX's number of an element type. */
export const dataTypes: Readonly<Record<ElementType, number>> = {
  float32: DataType.FLOAT,
  int32: DataType.INT32,
  uint8: DataType.UINT8,
  bool: DataType.BOOL,
  float16: DataType.FLOAT16,
  int64: DataType.INT64,
};

/** A real number: JavaScript does not tell 1 from 1.0, ONNX does. */
export interface Float {
  readonly float: number;
}

/** The branch of a condition. */
export interface Subgraph {
  readonly graph: GraphProto;
}

/** An attribute: integers as numbers, reals as `{ float }`. */
export type Attribute = number | readonly number[] | Float | Subgraph | string;
export type Attributes = Readonly<Record<string, Attribute>>;

function attributeProto(name: string, value: Attribute): AttributeProto {
  if (typeof value === "number")
    return create(AttributeProtoSchema, { name, type: AttributeType.INT, i: BigInt(value) });
  if (typeof value === "string")
    return create(AttributeProtoSchema, { name, type: AttributeType.STRING, s: new TextEncoder().encode(value) });
  if ("float" in value) return create(AttributeProtoSchema, { name, type: AttributeType.FLOAT, f: value.float });
  if ("graph" in value) return create(AttributeProtoSchema, { name, type: AttributeType.GRAPH, g: value.graph });
  return create(AttributeProtoSchema, { name, type: AttributeType.INTS, ints: value.map(BigInt) });
}

/** Bytes of an array of elements, little-endian whatever the machine. */
function littleEndian(data: ArrayBufferView, bytesPerElement: number): Uint8Array {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (bytesPerElement > 1 && new Uint8Array(Uint16Array.of(1).buffer)[0] === 0)
    for (let start = 0; start < bytes.length; start += bytesPerElement)
      bytes.subarray(start, start + bytesPerElement).reverse();
  return bytes;
}

const bytesPerElement: Readonly<Record<ElementType, number>> = {
  float32: 4,
  int32: 4,
  uint8: 1,
  bool: 1,
  float16: 2,
  int64: 8,
};

/** An initialiser of at most this many bytes is written once, however often it is asked for. */
const sharedBytes = 256;

export class Writer {
  nodes: NodeProto[] = [];
  readonly initializers: TensorProto[] = [];
  /** Stem of the names of what is written next: the op at work, and where in the user's program it stands. */
  stem = "value";
  site = "";
  readonly #taken = new Set<string>();
  readonly #shared = new Map<string, string>();
  readonly #renamed = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** A name that nothing has yet: `wanted`, or with a number after it. */
  claim(wanted: string): string {
    let name = wanted;
    let count = this.#counts.get(wanted) ?? 0;
    while (name === "" || this.#taken.has(name)) name = `${wanted}_${++count}`;
    this.#counts.set(wanted, count);
    this.#taken.add(name);
    return name;
  }

  /** Writes a node of one output and returns the output's name. An empty input name is an input left out. */
  node(opType: string, inputs: readonly string[], attributes: Attributes = {}): string {
    const output = this.claim(this.stem);
    this.write(opType, inputs, [output], attributes);
    return output;
  }

  /** Writes a node of several outputs and returns their names. */
  nodeOf(outputs: number, opType: string, inputs: readonly string[], attributes: Attributes = {}): string[] {
    const names = Array.from({ length: outputs }, () => this.claim(this.stem));
    this.write(opType, inputs, names, attributes);
    return names;
  }

  write(opType: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes): void {
    this.nodes.push(
      create(NodeProtoSchema, {
        opType,
        name: `${this.site === "" ? "" : `${this.site}/`}${opType}:${outputs[0] ?? ""}`,
        input: [...inputs],
        output: [...outputs],
        attribute: Object.entries(attributes).map(([name, value]) => attributeProto(name, value)),
      }),
    );
  }

  /** Writes what `build` writes as the branch of a condition. Inside, everything written before may be used; outside, nothing of it. */
  branch(build: () => readonly string[]): Subgraph {
    const outside = this.nodes;
    this.nodes = [];
    try {
      const output = build().map((name) => create(ValueInfoProtoSchema, { name }));
      return { graph: create(GraphProtoSchema, { name: this.claim("branch"), node: this.nodes, output }) };
    } finally {
      this.nodes = outside;
    }
  }

  /** Writes an initialiser and returns its name. */
  constant(type: ElementType, shape: readonly number[], data: ArrayBufferView, wanted = "constant"): string {
    const rawData = littleEndian(data, bytesPerElement[type]);
    const key = rawData.length <= sharedBytes ? `${type}[${shape.join()}]${rawData.join()}` : undefined;
    const known = key === undefined ? undefined : this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.claim(wanted);
    if (key !== undefined) this.#shared.set(key, name);
    this.initializers.push(
      create(TensorProtoSchema, { name, dataType: dataTypes[type], dims: shape.map(BigInt), rawData }),
    );
    return name;
  }

  /** A constant of rank 0. */
  scalar(type: ElementType, value: number): string {
    return this.filled(type, [], value);
  }

  /** A constant whose elements are all `value`. Meant for small shapes: the elements are in the file. */
  filled(type: ElementType, shape: readonly number[], value: number): string {
    const length = shape.reduce((size, axis) => size * axis, 1);
    if (type === "int64") return this.constant(type, shape, new BigInt64Array(length).fill(BigInt(value)));
    if (type === "float32") return this.constant(type, shape, new Float32Array(length).fill(value));
    if (type === "int32") return this.constant(type, shape, new Int32Array(length).fill(value));
    if (type === "float16") return this.constant(type, shape, new Uint16Array(length).fill(toStored(type, value)));
    return this.constant(type, shape, new Uint8Array(length).fill(type === "bool" ? Number(value !== 0) : value));
  }

  /** A list of integers, as ONNX takes shapes and axes. */
  integers(list: readonly number[]): string {
    return this.constant("int64", [list.length], BigInt64Array.from(list, BigInt));
  }

  /** Makes what is called `name` leave the model as `output`: its node is renamed where it can be, else copied. Call `finish` afterwards. */
  publish(name: string, output: string): void {
    const made = this.nodes.some((node) => node.output.includes(name));
    if (made && !this.#renamed.has(name)) this.#renamed.set(name, output);
    else this.write("Identity", [name], [output], {});
  }

  /** Carries the renaming out, in branches too. */
  finish(nodes: readonly NodeProto[] = this.nodes): void {
    const rename = (name: string): string => this.#renamed.get(name) ?? name;
    for (const node of nodes) {
      node.input = node.input.map(rename);
      node.output = node.output.map(rename);
      for (const { g } of node.attribute) if (g) this.finish(g.node);
    }
  }

  cast(input: string, to: ElementType): string {
    return this.node("Cast", [input], { to: dataTypes[to] });
  }
}
