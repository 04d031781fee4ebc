// The summary of a model: its layers, their outputs, parameters, multiply-adds and receptive fields, from shapes alone.
import {
  AttributeError,
  type DType,
  Parameter,
  type Shape,
  type Tensor,
  at,
  evaluating,
  inferGraph,
  isModule,
  namedCells,
  namedModules,
  sizeOf,
} from "@stria/core";
import { firstTensor } from "./first-tensor.ts";
import { type LayerCall, observeCalls } from "./observe.ts";
import { multiplyAddsBySite } from "./multiply-adds.ts";
import { receptiveFields } from "./receptive-field.ts";
import { type MemoryQuestion, type ModelMemory, memoryOf } from "./memory.ts";
import { alignedTable, shortBytes, shortCount, withCommas } from "./table.ts";
import type { ReceptiveField } from "./view.ts";

export interface SummaryRow {
  /** Path of the layer in the model; empty for the model itself. */
  readonly path: string;
  /** Class of the layer. */
  readonly kind: string;
  /** Shape of its (first) output without the batch axis; null where the layer was not called. */
  readonly outputShape: Shape | null;
  /** Number of its own parameters; those of layers in it are in their rows, shared ones in the first row that has them. */
  readonly parameters: number;
  /** Of these, how many training changes. */
  readonly trainableParameters: number;
  /** Multiply-adds of its convolutions and dense products for one example, in all its calls. */
  readonly multiplyAdds: number;
  /** What one unit of the output sees of each spatial axis of the input; null where nothing is followed. */
  readonly receptiveField: readonly ReceptiveField[] | null;
}

export interface Summary {
  readonly rows: readonly SummaryRow[];
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly multiplyAdds: number;
  /** Bytes of parameters and of activations; worked out when it is first asked for. */
  readonly memory: ModelMemory;
  /** A table for a terminal; `console.log(summary)` shows it too. */
  toString(): string;
}

export interface SummaryOptions {
  /** Element type of the input. Default "float32". */
  readonly inputDType?: DType;
}

/** Recurrent layers are not counted, as in the figures that are published for models. */
const uncounted: ReadonlySet<string> = new Set(["RNN", "LSTM", "GRU", "RNNCell", "LSTMCell", "GRUCell"]);

function kindOf(layer: object): string {
  const kind: unknown = Reflect.get(layer, "kind");
  return typeof kind === "string" ? kind : layer.constructor.name;
}

/** Number of parameters of a model, shared ones counted once; with `trainable`, only of those that training changes. */
export function countParameters(model: object, { trainable = false }: { readonly trainable?: boolean } = {}): number {
  const parameters = new Set([...namedCells(model).values()].filter((cell) => cell instanceof Parameter));
  return [...parameters].reduce((sum, cell) => sum + (trainable && !cell.trainable ? 0 : sizeOf(cell.shape)), 0);
}

interface Found {
  readonly path: string;
  readonly kind: string;
  /** Parameters of its own, of which no earlier layer has any. */
  readonly parameters: readonly Parameter[];
  /** Whether there are layers in it. */
  readonly isContainer: boolean;
}

/** All layers of a model in the order of the fields. */
function layersOf(model: object): Map<object, Found> {
  const layers = [...namedModules(model)];
  const found = new Map<object, Found>();
  const paths = layers.map(([path]) => path);
  const owned = new Map<string, Parameter[]>();
  const seen = new Set<Parameter>();
  for (const [path, cell] of namedCells(model)) {
    if (!(cell instanceof Parameter) || seen.has(cell)) continue;
    seen.add(cell);
    const owner = longest(paths.filter((layer) => layer === "" || path.startsWith(`${layer}.`)));
    owned.set(owner, [...(owned.get(owner) ?? []), cell]);
  }
  for (const [path, layer] of layers) {
    const below = path === "" ? "" : `${path}.`;
    found.set(layer, {
      path,
      kind: kindOf(layer),
      parameters: owned.get(path) ?? [],
      isContainer: paths.some((other) => other !== path && other.startsWith(below)),
    });
  }
  return found;
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), "");
}

/** Counts by the layer's path; a site that is none belongs to the layer whose path it ends with, or begins with, or to the model. */
function byLayer(counts: ReadonlyMap<string, number>, paths: ReadonlySet<string>): Map<string, number> {
  const result = new Map<string, number>();
  for (const [site, count] of counts) {
    const ending = paths.has(site) ? site : longest([...paths].filter((one) => site.endsWith(`.${one}`)));
    const path = ending || longest([...paths].filter((one) => site.startsWith(`${one}.`)));
    result.set(path, (result.get(path) ?? 0) + count);
  }
  return result;
}

function isShapes(shape: Shape | readonly Shape[]): shape is readonly Shape[] {
  return typeof shape[0] === "object";
}

/**
 * The layers of a model in the order in which they are called, for an input of a shape (or inputs of several), given without the batch axis. It is
 * found from the traced graph, so that it works for any model; nothing is computed, and no parameter gets its first value.
 *
 * Receptive fields are those of the first input, along the longest path; what is normalised over places or gated by a global average sees all. Layers without
 * layers in them have a row, and others where they have parameters or multiply-adds of their own. The model is called in evaluation mode, with a batch of one.
 * @throws what the model throws for an input of this shape.
 * @example console.log(String(summary(lenet5(), [1, 28, 28])));
 */
export function summary(
  model: object & { forward(...inputs: never[]): unknown },
  inputShape: Shape | readonly Shape[],
  { inputDType: dtype = "float32" }: SummaryOptions = {},
): Summary {
  if (!isModule(model)) throw new AttributeError("summary", "the first argument is no module", "pass a model");
  const one: unknown = inputShape;
  if (!Array.isArray(one))
    throw new AttributeError(
      "summary",
      "the shape of an input is no list",
      "pass it without the batch axis: [1, 28, 28]",
    );
  const shapes = isShapes(inputShape) ? inputShape : [inputShape];
  const layers = layersOf(model);
  const last = new Map<object, { readonly order: number; readonly output: Tensor | undefined }>();
  const outputs: Tensor[] = [];
  const listener = ({ layer, output }: LayerCall): void => {
    const tensor = firstTensor(output);
    const order = last.get(layer)?.order ?? last.size;
    last.set(layer, { order, output: tensor });
  };
  const graph = inferGraph(
    (inputs) => {
      outputs.push(...inputs);
      observeCalls(model, listener, () => evaluating((): unknown => Reflect.apply(model.forward, model, inputs)));
      for (const { output } of last.values()) if (output) outputs.push(output);
      return outputs;
    },
    shapes.map((shape) => ({ shape: [1, ...shape], dtype })),
  );
  const values = new Map(outputs.map((tensor, index) => [tensor, at(graph.outputs, index).value]));
  const firstInput = at(graph.outputs, 0).value;
  const sequence = dtype === "int32" && at(graph.values, firstInput).shape.length === 2;
  const fields = receptiveFields(graph, firstInput, sequence ? 1 : 2);
  const counts = byLayer(multiplyAddsBySite(graph), new Set([...layers.values()].map(({ path }) => path)));

  const ordered = [...layers].toSorted(
    ([a], [b]) => (last.get(a)?.order ?? Infinity) - (last.get(b)?.order ?? Infinity) || 0,
  );
  const rows = ordered.flatMap(([layer, { path, kind, parameters, isContainer }]): SummaryRow[] => {
    const multiplyAdds = uncounted.has(kind) ? 0 : (counts.get(path) ?? 0);
    if (isContainer && parameters.length === 0 && multiplyAdds === 0) return [];
    const output = last.get(layer)?.output;
    const seen = output && fields.get(values.get(output) ?? -1);
    return [
      {
        path,
        kind,
        outputShape: output ? output.shape.slice(1) : null,
        parameters: total(parameters),
        trainableParameters: total(parameters.filter(({ trainable }) => trainable)),
        multiplyAdds,
        receptiveField: seen && seen.length > 0 ? seen : null,
      },
    ];
  });
  return summaryOf(rows, { model, shapes, dtype });
}

function total(parameters: readonly Parameter[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

function summaryOf(rows: readonly SummaryRow[], question: MemoryQuestion): Summary {
  let memory: ModelMemory | undefined;
  const sum = (count: (row: SummaryRow) => number): number => rows.reduce((all, row) => all + count(row), 0);
  const found: Summary = {
    rows,
    parameters: sum((row) => row.parameters),
    trainableParameters: sum((row) => row.trainableParameters),
    multiplyAdds: sum((row) => row.multiplyAdds),
    get memory() {
      memory ??= memoryOf(question);
      return memory;
    },
    toString: () => tableOf(found),
  };
  Object.defineProperty(found, Symbol.for("nodejs.util.inspect.custom"), { value: () => tableOf(found) });
  return found;
}

/** A number for each axis, once where they are equal. */
function perAxis(fields: readonly ReceptiveField[] | null, figure: keyof ReceptiveField): string {
  const figures = (fields ?? []).map((field) => String(Number(field[figure].toFixed(3))));
  return new Set(figures).size === 1 ? (figures[0] ?? "") : figures.join("x");
}

function tableOf({ rows, parameters, trainableParameters, multiplyAdds, memory }: Summary): string {
  const head = ["layer", "kind", "output", "parameters", "mult-adds", "sees", "jump", "start"];
  const lines = alignedTable(
    [
      head,
      ...rows.map((row) => [
        row.path === "" ? "(model)" : row.path,
        row.kind,
        row.outputShape ? row.outputShape.join("x") || "1" : "-",
        row.parameters === 0 ? "" : withCommas(row.parameters),
        row.multiplyAdds === 0 ? "" : shortCount(row.multiplyAdds),
        perAxis(row.receptiveField, "field"),
        perAxis(row.receptiveField, "jump"),
        perAxis(row.receptiveField, "start"),
      ]),
    ],
    new Set([3, 4, 5, 6, 7]),
  );
  const width = lines.reduce((most, line) => Math.max(most, line.length), 0);
  const rule = "-".repeat(width);
  const frozen = parameters - trainableParameters;
  const [first = "", ...rest] = lines;
  return [
    first,
    rule,
    ...rest,
    rule,
    `${withCommas(parameters)} parameters${frozen > 0 ? `, ${withCommas(frozen)} of them frozen` : ""}; ${withCommas(multiplyAdds)} multiply-adds for one example`,
    `${shortBytes(memory.parameters)} of parameters; activations of one example: ${shortBytes(memory.inference)} in inference, ${shortBytes(memory.training)} in training`,
  ].join("\n");
}
