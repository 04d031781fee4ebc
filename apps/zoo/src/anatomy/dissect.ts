// From a model to its anatomy: nodes of the traced graph are gathered into boxes, and their inputs followed from box to box.
import { type GraphNode, type Shape, at } from "@stria/core";
import { type Module, type SummaryRow, summary } from "@stria/layers";
import type { Anatomy, Box, Field } from "./anatomy.ts";
import { decorationOf, opNames, recurrentName, resizingName } from "./decorations.ts";
import { type Operation, joinSigns, operationOf, valuesOf } from "./operations.ts";
import { type Traced, traceModel } from "./trace.ts";

/** What a unit sees that is made of several maps: all that any of them sees. */
function union(all: readonly (readonly Field[] | null)[]): readonly Field[] | null {
  const [first, ...rest] = all.filter((fields) => fields !== null);
  if (first === undefined) return null;
  return first.map((field, axis) =>
    rest.reduce((wide, fields) => {
      const other = fields[axis] ?? wide;
      const start = Math.min(wide.start, other.start);
      const end = Math.max(wide.start + wide.field, other.start + other.field);
      return { field: end - start, jump: (wide.field >= other.field ? wide : other).jump, start };
    }, field),
  );
}

/** Nodes that belong together: those of one call of a layer without layers inside, or a single node. */
interface Unit {
  readonly site: string;
  readonly nodes: readonly GraphNode[];
}

function unitsOf({ graph, leaves }: Traced, live: ReadonlySet<number>): Unit[] {
  const units: { site: string; nodes: GraphNode[] }[] = [];
  for (const node of graph.nodes) {
    if (!node.outputs.some((value) => live.has(value))) continue;
    const site = node.site ?? "";
    const last = units.at(-1);
    if (last?.site === site && leaves.has(site)) last.nodes.push(node);
    else units.push({ site, nodes: [node] });
  }
  return units;
}

type Building = { -readonly [Key in keyof Box]: Box[Key] } & { after: string[] };

class Dissection {
  readonly boxes: Building[] = [];
  readonly #traced: Traced;
  readonly #values: ReturnType<typeof valuesOf>;
  /** The box that each value comes from. */
  readonly #source = new Map<number, number>();
  readonly #concats: { readonly inputs: readonly number[]; readonly box: number }[] = [];
  readonly #rows: ReadonlyMap<string, SummaryRow>;

  constructor(traced: Traced, rows: readonly SummaryRow[]) {
    this.#traced = traced;
    this.#values = valuesOf(traced.graph, traced.input);
    this.#rows = new Map(rows.map((row) => [row.path, row]));
    const { shape } = at(traced.graph.values, traced.input);
    const fields = shape.slice(shape.length > 2 ? 2 : 1).map(() => ({ field: 1, jump: 1, start: 0 }));
    this.#add({ kind: "input", label: "input", words: "input" }, "", traced.input, [], { fields });
    this.#source.set(traced.input, 0);
    for (const unit of unitsOf(traced, this.#values.live)) this.#take(unit);
    this.#findMaps();
  }

  #add(
    operation: Operation,
    path: string,
    value: number,
    inputs: readonly number[],
    more: Partial<Building>,
  ): Building {
    const { kind, label, words } = operation;
    const box: Building = {
      id: this.boxes.length,
      origin: this.boxes.length,
      kind,
      path,
      label,
      words,
      after: [],
      shape: at(this.#traced.graph.values, value).shape.slice(1),
      channelsLast: false,
      inputs,
      parameters: 0,
      multiplyAdds: 0,
      fields: null,
      maps: null,
      repeat: 1,
      ...more,
    };
    this.boxes.push(box);
    return box;
  }

  /** The boxes that some values come from, each once. */
  #sources(values: readonly number[]): number[] {
    return [...new Set(values.flatMap((value) => this.#source.get(value) ?? []))];
  }

  #take({ site, nodes }: Unit): void {
    const isLeaf = this.#traced.leaves.has(site);
    const layer = this.#traced.layers.get(site);
    const own = new Set(nodes.flatMap(({ outputs }) => outputs));
    const inputs = nodes
      .flatMap((node) => node.inputs)
      .filter((value) => this.#values.live.has(value) && !own.has(value));
    const decoration = isLeaf ? decorationOf(layer) : undefined;
    const operation = decoration === undefined ? this.#operation(site, nodes, isLeaf) : undefined;
    const sources = this.#sources(inputs);
    const outputs = nodes.flatMap((node) => node.outputs);
    const last = at(nodes.at(-1)?.outputs ?? [], 0);
    const box =
      operation === undefined
        ? this.#passed(site, nodes, inputs, decoration)
        : this.#made(operation, site, isLeaf, last, sources);
    if (box !== undefined) for (const value of outputs) this.#source.set(value, box);
  }

  #operation(site: string, nodes: readonly GraphNode[], isLeaf: boolean): Operation | undefined {
    const layer = this.#traced.layers.get(site);
    const recurrent = recurrentName(layer);
    if (isLeaf && recurrent !== undefined) return { kind: "recurrent", label: recurrent, words: `${recurrent} layer` };
    const resizing = resizingName(layer);
    if (isLeaf && resizing !== undefined) return { kind: "resize", label: resizing, words: resizing };
    const found = nodes.flatMap((node) => operationOf(this.#traced.graph, node, this.#values) ?? []);
    const main = found.find(({ kind }) => kind !== "pool" && kind !== "resize") ?? found[0];
    if (!isLeaf || (main !== undefined && main.windows !== "all")) return main;
    const { graph } = this.#traced;
    const isMade = nodes
      .flatMap(({ inputs }) => inputs)
      .some((value) => this.#values.kept.has(value) && at(graph.values, value).shape.length > 1);
    return isMade ? { kind: "other", label: "layer", words: "layer of its own kind" } : main;
  }

  #made(operation: Operation, site: string, isLeaf: boolean, value: number, sources: readonly number[]): number {
    const before = this.boxes[sources[0] ?? 0];
    const shape = at(this.#traced.graph.values, value).shape.slice(1);
    // Resizing is done axis by axis.
    if (operation.kind === "resize" && before?.kind === "resize" && before.path === site) {
      before.shape = shape;
      return before.id;
    }
    const row = isLeaf || operation.windows === undefined ? this.#rows.get(site) : undefined;
    const seen = union(sources.map((source) => this.boxes[source]?.fields ?? null));
    return this.#add(operation, site, value, sources, {
      channelsLast: ["dense", "embedding", "recurrent"].includes(operation.kind) && shape.length > 1,
      parameters: row?.parameters ?? 0,
      multiplyAdds: row?.multiplyAdds ?? 0,
      fields: isLeaf && row !== undefined ? row.receptiveField : this.#pooled(operation, before, seen),
    }).id;
  }

  /** What a pooling that is no layer sees. */
  #pooled({ windows }: Operation, before: Box | undefined, seen: readonly Field[] | null): readonly Field[] | null {
    if (windows === undefined || before === undefined || seen === null) return seen;
    const spatial = before.shape.slice(-seen.length);
    return seen.map(({ field, jump, start }, axis) => {
      if (windows === "all") return { field: field + ((spatial[axis] ?? 1) - 1) * jump, jump, start };
      const { reach, stride, before: padding } = windows[axis] ?? { reach: 0, stride: 1, before: 0 };
      return { field: field + reach * jump, jump: jump * stride, start: start - padding * jump };
    });
  }

  /** Values that go on as they are, or meet others. */
  #passed(
    site: string,
    nodes: readonly GraphNode[],
    inputs: readonly number[],
    decoration: string | undefined,
  ): number | undefined {
    const [node] = nodes;
    const sources = this.#sources(inputs);
    const [only] = sources;
    if (node === undefined || only === undefined) return undefined;
    const name = decoration ?? (nodes.length === 1 ? opNames[node.op.name] : undefined);
    if (sources.length === 1) {
      const box = this.boxes[only];
      // Resizing moves the axis to the end, and here back.
      if (box?.kind === "resize" && decoration === undefined && ["reshape", "transpose"].includes(node.op.name))
        box.shape = at(this.#traced.graph.values, at(node.outputs, 0)).shape.slice(1);
      if (name !== undefined && name !== "" && box !== undefined && box.after.at(-1) !== name && box.kind !== "input")
        box.after.push(name);
      return only;
    }
    return this.#joined(site, at(nodes, nodes.length - 1), inputs);
  }

  #joined(site: string, node: GraphNode, inputs: readonly number[]): number {
    // Maps that are collected one by one, as in a dense block: what was side by side already is one box.
    const earlier = this.#concats.findLast(
      (concat) =>
        concat.inputs.length < inputs.length && concat.inputs.every((value, index) => value === inputs[index]),
    );
    const isConcat = node.op.name === "concat";
    const sources =
      isConcat && earlier !== undefined
        ? [...new Set([earlier.box, ...this.#sources(inputs.slice(earlier.inputs.length))])]
        : this.#sources(inputs);
    const [label, words] = joinSigns[node.op.name] ?? ["·", "branches meet"];
    const fields = union(sources.map((source) => this.boxes[source]?.fields ?? null));
    const { id } = this.#add({ kind: "join", label, words }, site, at(node.outputs, 0), sources, { fields });
    if (isConcat) this.#concats.push({ inputs, box: id });
    return id;
  }

  /** Layers return their own maps; a meeting of branches is what the module around it returns, where nothing comes after. */
  #findMaps(): void {
    const { returned, leaves } = this.#traced;
    const ordered = [...returned].toSorted(([a], [b]) => b.split(".").length - a.split(".").length);
    for (const [path, value] of ordered) {
      const box = this.boxes[this.#source.get(value) ?? -1];
      if (path === "" || box === undefined || box.kind === "input") continue;
      if (leaves.has(path) ? box.path === path : box.kind === "join" || box.path === path) box.maps ??= path;
    }
  }
}

/** Multiply-adds are those of all calls of a layer: each call has its share. The parameters are shared, and told at each. */
function shared(boxes: readonly Building[]): Box[] {
  const calls = new Map<string, number>();
  for (const { path, multiplyAdds } of boxes) if (multiplyAdds > 0) calls.set(path, (calls.get(path) ?? 0) + 1);
  return boxes.map((box) => ({ ...box, multiplyAdds: box.multiplyAdds / (calls.get(box.path) ?? 1) }));
}

/** @throws what the model throws for an input of this shape (without the batch axis). */
export function dissect(
  model: Module<never[], unknown>,
  inputShape: Shape,
  dtype: "float32" | "int32" = "float32",
): Anatomy {
  const { rows, parameters, multiplyAdds } = summary(model, inputShape, { inputDType: dtype });
  const { boxes } = new Dissection(traceModel(model, inputShape, dtype), rows);
  return { boxes: shared(boxes), parameters, multiplyAdds };
}
