// Graphs from JSON that is not trusted: values are made once and before they are used, shapes are inferred again, sizes are bounded.
import { type Aval, at, maxRank, sameAval, showAval, sizeOf } from "../tensor/aval.ts";
import { fromBase64 } from "./base64.ts";
import { dtypes } from "../tensor/dtype.ts";
import type { Graph, GraphInput, GraphNode, NoiseSpec, Role, Writeback } from "./graph.ts";
import { specialNumbers } from "./graph-to-json.ts";
import { Json } from "./json-reader.ts";
import type { AttrValue, Attrs, Op } from "../op.ts";

/** Most values, nodes and inputs of a graph; most elements of a value. */
const mostItems = 1_000_000;
const mostElements = 2 ** 31 - 1;
const mostAttributes = 64;

const roles: readonly Role[] = ["param", "state", "data", "scalar", "noise"];
const distributions: readonly NoiseSpec["distribution"][] = ["uniform", "normal", "bernoulli", "permutation"];
const parametersOf: Readonly<Record<NoiseSpec["distribution"], number>> = {
  uniform: 2,
  normal: 2,
  bernoulli: 1,
  permutation: 0,
};

function readAval(json: Json): Aval {
  const shape = json
    .field("shape")
    .list(maxRank)
    .map((length) => length.count(mostElements));
  if (sizeOf(shape) > mostElements)
    throw json.fail(`shape [${shape.join(", ")}] has more than ${mostElements} elements`);
  return { shape, dtype: json.field("dtype").choice(dtypes) };
}

function readNumber(json: Json): number {
  const value = json.raw();
  const special = typeof value === "string" ? specialNumbers.get(value) : undefined;
  if (special !== undefined) return special;
  if (typeof value !== "number" || !Number.isFinite(value)) throw json.fail("a number is expected");
  return value;
}

function readAttribute(json: Json): AttrValue {
  const value = json.raw();
  if (typeof value === "boolean") return value;
  if (typeof value === "string") return specialNumbers.get(value) ?? value;
  if (typeof value === "number") return readNumber(json);
  const items = json.list(mostItems);
  if (!items.some((item) => Array.isArray(item.raw()))) return items.map(readNumber);
  return items.map((item): readonly [number, number] => {
    const [first, second, ...more] = item.list(2);
    if (!first || !second || more.length > 0) throw item.fail("a pair of numbers is expected");
    return [readNumber(first), readNumber(second)];
  });
}

function readAttributes(json: Json): Attrs {
  const entries = json.entries();
  if (entries.length > mostAttributes) throw json.fail(`${entries.length} attributes are more than ${mostAttributes}`);
  return Object.fromEntries(entries.map(([name, value]) => [name, readAttribute(value)]));
}

function readNoise(json: Json): NoiseSpec {
  const distribution = json.field("distribution").choice(distributions);
  const parameters = json.field("parameters").list(2).map(readNumber);
  const wanted = parametersOf[distribution];
  if (parameters.length !== wanted || !parameters.every(Number.isFinite))
    throw json.fail(`${distribution} has ${wanted} finite parameters`);
  return { stream: json.field("stream").text(), distribution, parameters };
}

/** Which values there are, and which of them have been made so far. */
class Values {
  readonly avals: readonly Aval[];
  readonly #made = new Set<number>();

  constructor(avals: readonly Aval[]) {
    this.avals = avals;
  }

  #number(json: Json): number {
    return json.count(this.avals.length - 1);
  }

  make(json: Json): number {
    const value = this.#number(json);
    if (this.#made.has(value)) throw json.fail(`value ${value} is made twice`);
    this.#made.add(value);
    return value;
  }

  use(json: Json): number {
    const value = this.#number(json);
    if (!this.#made.has(value))
      throw json.fail(`value ${value} is used before it is made: the nodes are out of order, or go in a circle`);
    return value;
  }

  checkAllMade(json: Json): void {
    for (const value of this.avals.keys()) if (!this.#made.has(value)) throw json.fail(`nothing makes value ${value}`);
  }
}

function readInput(json: Json, values: Values): GraphInput {
  const value = values.make(json.field("value"));
  const role = json.field("role").choice(roles);
  const name = json.field("name").text();
  const noise = json.optional("noise");
  if ((role === "noise") !== (noise !== undefined))
    throw json.fail("inputs of role noise, and no others, say how they are drawn");
  const spec = noise && readNoise(noise);
  const { dtype, shape } = at(values.avals, value);
  const isOrder = spec?.distribution === "permutation";
  if (isOrder && (dtype !== "int32" || shape.length !== 1)) throw json.fail("a permutation is int32 with one axis");
  if ((role === "noise" || role === "scalar") && !isOrder && dtype !== "float32")
    throw json.fail(`a ${role} input is float32`);
  return spec ? { value, role, name, noise: spec } : { value, role, name };
}

function readNode(json: Json, values: Values, ops: ReadonlyMap<string, Op>): GraphNode {
  const name = json.field("op").text();
  const op = ops.get(name);
  if (!op) throw json.fail(`there is no op "${name}"`);
  const inputs = json
    .field("inputs")
    .list(mostItems)
    .map((input) => values.use(input));
  const attrs = readAttributes(json.field("attrs"));
  const outputs = json
    .field("outputs")
    .list(mostItems)
    .map((output) => values.make(output));
  const avalsOf = (list: readonly number[]): Aval[] => list.map((value) => at(values.avals, value));
  inferAgain(json, op, avalsOf(inputs), attrs, avalsOf(outputs));
  const site = json.optional("site")?.text();
  return { op, inputs, outputs, attrs, ...(site !== undefined && { site }) };
}

/** Checks that the op gives what the file says it does. Whatever an op throws at attributes that it did not expect is a fault of the file. */
function inferAgain(json: Json, op: Op, inputs: readonly Aval[], attrs: Attrs, stated: readonly Aval[]): void {
  let found: string;
  try {
    const inferred = op.infer(inputs, attrs);
    if (inferred.length === stated.length && inferred.every((value, index) => sameAval(value, at(stated, index))))
      return;
    found = inferred.map(showAval).join(", ");
  } catch (error) {
    throw json.fail(error instanceof Error ? error.message : String(error), { cause: error });
  }
  throw json.fail(`${op.name} gives ${found}, the file says ${stated.map(showAval).join(", ")}`);
}

function readConstant(json: Json, values: Values): Graph["constants"][number] {
  const value = values.make(json.field("value"));
  const aval = at(values.avals, value);
  const data = fromBase64(json.field("data").text(), aval.dtype, sizeOf(aval.shape));
  if (!data) throw json.fail(`the data are no base64 of a ${showAval(aval)}`);
  if (aval.dtype === "bool" && data.some((element: number) => element > 1)) throw json.fail("a bool is 0 or 1");
  return { value, data };
}

function readWriteback(json: Json, values: Values, inputs: readonly GraphInput[], written: Set<number>): Writeback {
  const [from, to] = [values.use(json.field("from")), values.use(json.field("to"))];
  const target = inputs.find(({ value }) => value === to);
  if (target?.role !== "param" && target?.role !== "state") throw json.fail(`value ${to} is no param or state`);
  if (written.has(to)) throw json.fail(`"${target.name}" is written twice`);
  written.add(to);
  const [kept, fresh] = [at(values.avals, to), at(values.avals, from)];
  if (!sameAval(kept, fresh)) throw json.fail(`a ${showAval(fresh)} cannot replace a ${showAval(kept)}`);
  return { from, to };
}

/** The ops that the file uses, by name. All names that are not in the table are listed at once. */
function knownOps(json: Json, nodes: readonly Json[], table: Readonly<Record<string, Op>>): Map<string, Op> {
  const known = new Map<string, Op>();
  const unknown = new Set<string>();
  for (const node of nodes) {
    const name = node.field("op").text();
    const op = Object.hasOwn(table, name) ? table[name] : undefined;
    if (op) known.set(name, op);
    else unknown.add(name);
  }
  if (unknown.size > 0)
    throw json.fail(
      `there are no ops ${[...unknown].map((name) => JSON.stringify(name)).join(", ")} in the table of ops`,
    );
  return known;
}

/**
 * The graph that `toJSON` wrote: its object or the text of it. `ops` is a table of ops by name, such as `allOps` of `@stria/core/all-ops`.
 * Nothing in it is trusted: shapes are inferred again and compared, every value is made once and before it is used, sizes are bounded.
 * @throws FormatError naming the place in the file.
 */
export function fromJSON(source: unknown, ops: Readonly<Record<string, Op>>): Graph {
  const json = new Json(typeof source === "string" ? parse(source) : source, "graph");
  json.field("format").choice(["stria.graph"]);
  if (json.field("version").raw() !== 1) throw json.field("version").fail("this version of Stria reads version 1");
  const values = new Values(json.field("values").list(mostItems).map(readAval));
  const inputs = json
    .field("inputs")
    .list(mostItems)
    .map((input) => readInput(input, values));
  const constants = json
    .field("constants")
    .list(mostItems)
    .map((constant) => readConstant(constant, values));
  const nodesJson = json.field("nodes").list(mostItems);
  const known = knownOps(json.field("nodes"), nodesJson, ops);
  const nodes = nodesJson.map((node) => readNode(node, values, known));
  values.checkAllMade(json.field("values"));
  const written = new Set<number>();
  return {
    values: values.avals,
    inputs,
    nodes,
    constants,
    outputs: json
      .field("outputs")
      .list(mostItems)
      .map((output) => ({ value: values.use(output.field("value")), name: output.field("name").text() })),
    writebacks: json
      .field("writebacks")
      .list(mostItems)
      .map((writeback) => readWriteback(writeback, values, inputs, written)),
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Json(text, "graph").fail("the text is no JSON", { cause: error });
  }
}
