// A traced network in evaluation mode as whole layers: constants computed, batch norm folded, decomposed layers recognised.
import { at, type Attrs, type Graph, type GraphNode, type Shape, sizeOf, type TypedArray } from "@stria/core";
import { reference } from "@stria/core/reference";
import type { Layer, PeerGraph, PeerNode, Weights } from "./peer-graph.ts";

const oracle = reference();

function numbersOf(attrs: Attrs, name: string): readonly number[] {
  const value = attrs[name];
  if (Array.isArray(value) && value.every((item) => typeof item === "number")) return value;
  throw new TypeError(`${name} is ${JSON.stringify(value)}`);
}

function pairsOf(attrs: Attrs, name: string): (readonly [number, number])[] {
  const value = attrs[name];
  const isPair = (item: unknown): item is readonly [number, number] => Array.isArray(item) && item.length === 2;
  if (Array.isArray(value) && value.every(isPair)) return [...value];
  throw new TypeError(`${name} is ${JSON.stringify(value)}`);
}

/** Runs a node of constants. */
async function evaluate(graph: Graph, node: GraphNode, inputs: readonly TypedArray[]): Promise<TypedArray> {
  const avals = (values: readonly number[]) => values.map((value) => at(graph.values, value));
  const uploaded = inputs.map((data, index) => oracle.upload(data, at(graph.values, at(node.inputs, index))));
  const spec = { op: node.op, attrs: node.attrs, inputs: avals(node.inputs), outputs: avals(node.outputs) };
  const [result] = oracle.execute?.(spec, uploaded) ?? [];
  if (!result) throw new Error(`${node.op.name} cannot be computed`);
  const data = await oracle.download(result);
  for (const buffer of [...uploaded, result]) oracle.free(buffer);
  return data;
}

/** One number for each channel of a value of this shape, if the constant is that; a single number counts. */
function perChannel(constant: TypedArray, shape: Shape, of: Shape): Float32Array<ArrayBuffer> | undefined {
  const channels = at(of, 1);
  if (constant.length === 1) return new Float32Array(channels).fill(at(constant, 0));
  const axis = of.length - shape.length;
  const isChannels = shape.every((length, index) => length === (index + axis === 1 ? channels : 1));
  return isChannels && constant.length === channels ? Float32Array.from(constant) : undefined;
}

class Builder {
  readonly #graph: Graph;
  readonly #constants: Map<number, TypedArray>;
  readonly #uses = new Map<number, number>();
  /** The node that makes a value, while it can still be changed. */
  readonly #makers = new Map<number, PeerNode>();
  readonly #nodes: PeerNode[] = [];
  /** Comparisons with a number: `x <= bound` or `bound <= x`. */
  readonly #comparisons = new Map<number, { x: number; bound: number; xFirst: boolean }>();
  /** Values that are others under another name. */
  readonly #same = new Map<number, number>();

  constructor(graph: Graph, constants: Map<number, TypedArray>) {
    this.#graph = graph;
    this.#constants = constants;
    for (const value of [...graph.nodes.flatMap((node) => node.inputs), ...graph.outputs.map((output) => output.value)])
      this.#uses.set(value, (this.#uses.get(value) ?? 0) + 1);
  }

  async build(): Promise<PeerGraph> {
    for (const node of this.#graph.nodes) {
      const given = node.inputs.map((input) => this.#constants.get(input));
      const known = given.filter((data) => data !== undefined);
      if (known.length === given.length)
        this.#constants.set(at(node.outputs, 0), await evaluate(this.#graph, node, known));
      else this.#translate(node);
    }
    const output = at(this.#graph.outputs, 0).value;
    return {
      inputs: this.#graph.inputs
        .filter(({ value }) => !this.#constants.has(value))
        .map(({ value }) => ({ value, shape: this.#shape(value) })),
      nodes: this.#nodes,
      output: this.#find(output),
    };
  }

  #shape(value: number): Shape {
    return at(this.#graph.values, value).shape;
  }

  #find(value: number): number {
    const same = this.#same.get(value);
    return same === undefined ? value : this.#find(same);
  }

  #weights(value: number): Weights {
    const data = this.#constants.get(value);
    if (!data) throw new Error("a weight is no constant");
    return { shape: [...this.#shape(value)], data: Float32Array.from(data) };
  }

  #emit(node: GraphNode, layer: Layer, inputs: readonly number[] = node.inputs): void {
    const output = at(node.outputs, 0);
    const made = {
      layer,
      inputs: inputs.filter((input) => !this.#constants.has(input)).map((input) => this.#find(input)),
      output,
      shape: this.#shape(output),
    };
    this.#nodes.push(made);
    this.#makers.set(output, made);
  }

  #translate(node: GraphNode): void {
    const { op, attrs, inputs, outputs } = node;
    const [first = -1, second = -1] = inputs;
    switch (op.name) {
      case "conv":
      case "convTranspose": {
        const window = { stride: numbersOf(attrs, "stride"), padding: pairsOf(attrs, "padding") };
        if (numbersOf(attrs, "dilation").some((step) => step !== 1)) throw new Error("dilation");
        const groups = Number(attrs["groups"]);
        if (op.name === "conv")
          return this.#emit(node, { op: "conv", ...window, groups, weight: this.#weights(second) });
        if (groups !== 1) throw new Error("groups of a transposed convolution");
        return this.#emit(node, { op: "convTranspose", ...window, weight: this.#weights(second) });
      }
      case "matmul":
        if (!this.#constants.has(second)) return this.#emit(node, { op: "matmul" });
        if (attrs["transposeB"] !== true) throw new Error("a dense weight that is not transposed");
        return this.#emit(node, { op: "dense", weight: this.#weights(second) });
      case "add":
      case "mul":
      case "sub":
      case "div":
        return this.#arithmetic(node);
      case "sum":
        return this.#emit(node, { op: "mean", keepDims: this.#shape(at(outputs, 0)).length > 2 });
      case "maxPool":
      case "avgPool":
        return this.#emit(node, {
          op: op.name,
          kernel: numbersOf(attrs, "kernel"),
          stride: numbersOf(attrs, "stride"),
          padding: pairsOf(attrs, "padding"),
        });
      case "relu":
      case "concat":
        return this.#emit(node, { op: op.name });
      case "softmax":
        return this.#emit(node, { op: "softmax" });
      case "reshape":
        if (sizeOf(this.#shape(first).slice(1)) !== sizeOf(this.#shape(at(outputs, 0)).slice(1)))
          throw new Error("reshape");
        return this.#emit(node, { op: "flatten" });
      case "lessEqual": {
        const xFirst = this.#constants.has(second);
        const bound = at(this.#constants.get(xFirst ? second : first) ?? [Number.NaN], 0);
        this.#comparisons.set(at(outputs, 0), { x: xFirst ? first : second, bound, xFirst });
        return;
      }
      case "where":
        return this.#clip(node);
      case "slice":
        return this.#emit(node, {
          op: "slice",
          start: numbersOf(attrs, "start"),
          size: this.#shape(at(outputs, 0)),
          stride: numbersOf(attrs, "stride"),
        });
      case "pad":
        return this.#emit(node, { op: "pad", padding: pairsOf(attrs, "padding") });
      default:
        throw new Error(`peers have no layer for ${op.name}`);
    }
  }

  /** where(x <= bound, bound, x) and where(bound <= x, bound, x): a bound below or above. */
  #clip(node: GraphNode): void {
    const comparison = this.#comparisons.get(at(node.inputs, 0));
    if (!comparison || at(node.inputs, 2) !== comparison.x) throw new Error("a choice that is no bound");
    const { x, bound, xFirst } = comparison;
    const maker = this.#makers.get(this.#find(x));
    if (!xFirst && maker?.layer.op === "clip" && maker.layer.high === Infinity) {
      this.#replace(maker, { ...maker.layer, high: bound }, at(node.outputs, 0));
      return;
    }
    this.#emit(node, { op: "clip", low: xFirst ? bound : -Infinity, high: xFirst ? Infinity : bound }, [x]);
  }

  #replace(maker: PeerNode, layer: Layer, output: number): void {
    const changed = { ...maker, layer };
    this.#nodes[this.#nodes.indexOf(maker)] = changed;
    this.#makers.set(maker.output, changed);
    this.#same.set(output, maker.output);
  }

  #arithmetic(node: GraphNode): void {
    const [left = -1, right = -1] = node.inputs;
    const isLeft = this.#constants.has(left);
    const constant = this.#constants.get(isLeft ? left : right);
    if (!constant) {
      if (node.op.name !== "add") throw new Error(`${node.op.name} of two values`);
      return this.#emit(node, { op: "add" });
    }
    const x = isLeft ? right : left;
    const channels = perChannel(constant, this.#shape(isLeft ? left : right), this.#shape(x));
    if (!channels || (isLeft && node.op.name !== "add" && node.op.name !== "mul"))
      throw new Error("arithmetic that is not by channel");
    const isScale = node.op.name === "mul" || node.op.name === "div";
    const values = channels.map((value) =>
      node.op.name === "div" ? 1 / value : node.op.name === "sub" ? -value : value,
    );
    const scale = isScale ? values : new Float32Array(values.length).fill(1);
    const shift = isScale ? new Float32Array(values.length) : values;
    const maker = this.#makers.get(this.#find(x));
    const folded = maker && (this.#uses.get(x) ?? 0) === 1 ? fold(maker, scale, shift, this.#shape(x)) : undefined;
    if (maker && folded) this.#replace(maker, folded, at(node.outputs, 0));
    else {
      const shape = [values.length];
      this.#emit(node, { op: "affine", scale: { shape, data: scale }, shift: { shape, data: shift } }, [x]);
    }
  }
}

/** The layer that does what `maker` and then scale and shift do; undefined where none does. */
function fold(
  maker: PeerNode,
  scale: Float32Array<ArrayBuffer>,
  shift: Float32Array<ArrayBuffer>,
  shape: Shape,
): Layer | undefined {
  const { layer } = maker;
  const shifted = (old: Weights | undefined): Weights => ({
    shape: [shift.length],
    data: shift.map((value, channel) => value + (old ? at(old.data, channel) * at(scale, channel) : 0)),
  });
  const isPlain = (): boolean => scale.every((value) => value === 1);
  if (layer.op === "conv" || layer.op === "dense") {
    const inner = layer.weight.data.length / scale.length;
    const data = layer.weight.data.map((value, index) => value * at(scale, Math.floor(index / inner)));
    return { ...layer, weight: { ...layer.weight, data }, bias: shifted(layer.bias) };
  }
  if (layer.op === "convTranspose" && isPlain()) return { ...layer, bias: shifted(layer.bias) };
  if (layer.op === "affine")
    return {
      ...layer,
      scale: { ...layer.scale, data: layer.scale.data.map((value, channel) => value * at(scale, channel)) },
      shift: shifted(layer.shift),
    };
  // A sum over places, and then the division by their number.
  if (layer.op === "mean" && shift.every((value) => value === 0) && at(scale, 0) < 1 && shape.length >= 2) return layer;
  return undefined;
}

/** Converts a graph with one output; `constants` are the numbers of its parameters and state, by name. */
export async function peerGraphOf(graph: Graph, constants: ReadonlyMap<string, TypedArray>): Promise<PeerGraph> {
  const known = new Map<number, TypedArray>(graph.constants.map(({ value, data }) => [value, data]));
  for (const { value, name } of graph.inputs) {
    const data = constants.get(name);
    if (data) known.set(value, data);
  }
  return new Builder(graph, known).build();
}
