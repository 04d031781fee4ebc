// What the builders of layers have in common.
import { type HostTensor, Parameter, State, type Tensor, cast } from "@stria/core";
import { Module, inLayer } from "@stria/layers";
import type { Settings } from "../topology/settings.ts";
import type { KerasShape } from "../topology/topology.ts";
import type { Layout } from "./layout.ts";

const states: ReadonlySet<string> = new Set(["running_mean", "running_var", "mean", "variance"]);

/** What a layer computes of its inputs, which are all in the order `layout`. */
export type Compute = (inputs: readonly Tensor[], layout: Layout) => Tensor;

/** What a builder is given. */
export interface Build {
  readonly settings: Settings;
  /** The shape that the layer was first given, in Keras' order, without the batch. */
  readonly input: KerasShape;
  /** The layer's cells by Stria's names. */
  readonly cells: Cells;
  /** Keras' major version that wrote the file. */
  readonly version: number;
  /** The layer's module, to ask for modes and random streams. */
  readonly layer: () => object;
}

/** Makes what a class of layers computes. @throws FormatError for settings that are not supported */
export type Builder = (build: Build) => Compute;

/** The parameters and the state of a layer, from the file's numbers. */
export class Cells {
  readonly #cells = new Map<string, Parameter | State>();
  readonly #settings: Settings;

  /** Running statistics and the like are state. Parameters of a layer that Keras does not train are frozen. */
  constructor(weights: ReadonlyMap<string, HostTensor>, settings: Settings) {
    this.#settings = settings;
    const frozen = !settings.flag("trainable", true);
    for (const [name, { shape, dtype, data }] of weights) {
      const first = (): typeof data => data.slice();
      const cell = states.has(name) ? new State(shape, first, dtype) : new Parameter(shape, first, dtype);
      cell.load(data);
      if (cell instanceof Parameter) cell.trainable = !frozen;
      this.#cells.set(name, cell);
    }
  }

  /** The value in the current trace; undefined where the layer has none. */
  optional(name: string): Tensor | undefined {
    return this.#cells.get(name)?.value;
  }

  /** The value in the current trace. */
  value(name: string): Tensor {
    return this.optional(name) ?? this.#settings.fail(`has no ${name}`);
  }

  /** Gives a state its value for the next run. */
  update(name: string, value: Tensor): void {
    this.#cells.get(name)?.set(value);
  }

  /** By name, "depthwise.weight" as a field within a field: what a walk of the model finds. */
  get fields(): Record<string, object> {
    const fields: Record<string, object> = {};
    const groups = new Map<string, Record<string, object>>();
    for (const [path, cell] of this.#cells) {
      const [name = path, inner] = path.split(".");
      if (inner === undefined) fields[name] = cell;
      else fields[name] = { ...groups.get(name), [inner]: cell };
      if (inner !== undefined) groups.set(name, { ...groups.get(name), [inner]: cell });
    }
    return fields;
  }
}

/** A layer of a Keras model. Its fields are its cells, under the names of Stria's own layers. */
export class KerasUnit extends Module<[inputs: readonly Tensor[], layout: Layout]> {
  /** Keras' class. */
  readonly kind: string;
  readonly #compute: Compute;

  constructor(kind: string, cells: Cells, compute: Compute) {
    super();
    this.kind = kind;
    this.#compute = compute;
    Object.assign(this, cells.fields);
  }

  override forward(inputs: readonly Tensor[], layout: Layout): Tensor {
    // Keras takes whole numbers for any input.
    const numbers = (x: Tensor): Tensor =>
      x.dtype === "float32" || this.kind === "Embedding" ? x : cast(x, "float32");
    return inLayer(this, this.kind, () => this.#compute(inputs.map(numbers), layout));
  }
}
