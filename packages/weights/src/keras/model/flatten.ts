// Where a Flatten of maps may leave them channels first, because Dense layers alone read it and their weights can be put into that order. Theirs is the only
// layout that depends on the layers around.
import type { Shape } from "@stria/core";
import { Settings } from "../topology/settings.ts";
import type { KnownTopology } from "../topology/known-layers.ts";
import type { KerasLayer, KerasShape, KerasTopology } from "../topology/topology.ts";
import type { Layout } from "./layout.ts";

/** Layers that treat every element alike. */
const elementwise: ReadonlySet<string> = new Set([
  "ReLU",
  "LeakyReLU",
  "ELU",
  "ThresholdedReLU",
  "Dropout",
  "GaussianNoise",
  "GaussianDropout",
  "AlphaDropout",
  "ActivityRegularization",
]);

function passes(layer: KerasLayer, source: string): boolean {
  if (layer.className !== "Activation") return elementwise.has(layer.className);
  return !["softmax", "log_softmax"].includes(new Settings(layer, source).activation().name);
}

/** The Flatten that a call gets its input from, through elementwise layers; undefined where it is another layer. */
function flattenBefore({ calls }: KerasTopology, call: number, source: string): number | undefined {
  for (let at = calls[call]?.inputs[0]?.call; at !== undefined; at = calls[at]?.inputs[0]?.call) {
    const layer = calls[at]?.layer;
    if (layer?.className === "Flatten") return at;
    if (!layer || !passes(layer, source)) return undefined;
  }
  return undefined;
}

/** What was found of one model. */
export interface Flattenings {
  /** The calls of Flatten that leave the maps channels first. */
  readonly direct: ReadonlySet<number>;
  /** By Dense layer: the shape, channels last, that the Flatten before it made one axis of. */
  readonly flattened: ReadonlyMap<KerasLayer, Shape>;
}

/** Whether Keras' own order before a Flatten is channels first, which it then turns itself. */
export function isTurned(layer: KerasLayer): boolean {
  return layer.config["data_format"] === "channels_first";
}

class Search {
  readonly direct: Set<number>;
  readonly #topology: KerasTopology;
  readonly #shapes: KnownTopology["shapes"];
  readonly #source: string;
  readonly #before: readonly (number | undefined)[];
  readonly #readers: readonly (readonly number[])[];
  readonly #uses = new Map<KerasLayer, number[]>();
  readonly #results: ReadonlySet<number>;

  constructor(topology: KerasTopology, shapes: KnownTopology["shapes"], layouts: readonly Layout[], source: string) {
    const { calls, outputs } = topology;
    this.#topology = topology;
    this.#shapes = shapes;
    this.#source = source;
    this.#before = calls.map((_, call) => flattenBefore(topology, call, source));
    const readers: number[][] = calls.map(() => []);
    for (const [reader, { inputs }] of calls.entries()) for (const { call } of inputs) readers[call]?.push(reader);
    this.#readers = readers;
    for (const [call, { layer }] of calls.entries()) {
      const known = this.#uses.get(layer);
      if (known) known.push(call);
      else this.#uses.set(layer, [call]);
    }
    this.#results = new Set(outputs.map(({ call }) => call));
    const channelsFirst = (layer: KerasLayer, from: number): boolean =>
      layouts[from] === (isTurned(layer) ? "plain" : "first") && this.#input(from).length >= 2;
    this.direct = new Set(
      calls.flatMap(({ layer, inputs: [from] }, call) =>
        layer.className === "Flatten" && from && channelsFirst(layer, from.call) ? [call] : [],
      ),
    );
  }

  #input(call: number): KerasShape {
    return this.#shapes[call]?.[0] ?? [];
  }

  /** What a Flatten is given, channels last. */
  #flattened(flatten: number): KerasShape {
    const { layer, inputs } = this.#topology.calls[flatten] ?? {};
    const shape = this.#input(inputs?.[0]?.call ?? -1);
    return layer && isTurned(layer) ? [...shape.slice(1), ...shape.slice(0, 1)] : shape;
  }

  /** The shape before a Dense layer, if it is the same at all its uses and each is behind a Flatten that leaves it channels first. */
  shapeBefore(layer: KerasLayer): KerasShape | undefined {
    const shapes = (this.#uses.get(layer) ?? []).map((call) => {
      const flatten = this.#before[call];
      return flatten !== undefined && this.direct.has(flatten) ? this.#flattened(flatten) : undefined;
    });
    const [first] = shapes;
    return shapes.every((shape) => shape && first && shape.join() === first.join()) ? first : undefined;
  }

  #readByDense(call: number): boolean {
    return (
      !this.#results.has(call) &&
      (this.#readers[call] ?? []).every((reader) => {
        const layer = this.#topology.calls[reader]?.layer;
        if (layer?.className === "Dense") return this.shapeBefore(layer) !== undefined;
        return layer !== undefined && passes(layer, this.#source) && this.#readByDense(reader);
      })
    );
  }

  /** Takes away those that other layers read, and then those that share a Dense layer with them. */
  settle(): void {
    for (let size = -1; size !== this.direct.size;) {
      size = this.direct.size;
      for (const call of this.direct) if (!this.#readByDense(call)) this.direct.delete(call);
    }
  }
}

/** Finds them, given the order of axes in which each call's result is. */
export function flattenings(
  topology: KerasTopology,
  shapes: KnownTopology["shapes"],
  layouts: readonly Layout[],
  source: string,
): Flattenings {
  const search = new Search(topology, shapes, layouts, source);
  search.settle();
  const flattened = new Map<KerasLayer, Shape>();
  for (const { layer } of topology.calls) {
    const shape = layer.className === "Dense" ? search.shapeBefore(layer) : undefined;
    const lengths = shape?.filter((length) => length !== null);
    if (lengths) flattened.set(layer, lengths);
  }
  return { direct: search.direct, flattened };
}
