// A Keras model as a module of Stria: its layers, used as its config says.
import { ShapeError, type Tensor, showShape } from "@stria/core";
import { Module } from "@stria/layers";
import type { KerasFile } from "../read-keras.ts";
import { Settings } from "../topology/settings.ts";
import type { KerasLayer, KerasShape } from "../topology/topology.ts";
import { type Builder, Cells, KerasUnit } from "./build.ts";
import { type Layout, inLayout } from "./layout.ts";
import { bidirectional, recurrentBuilders } from "./layers/recurrent.ts";
import { shapeBuilders } from "./layers/shapes.ts";
import { weightedBuilders } from "./layers/weighted.ts";
import { windowBuilders } from "./layers/windows.ts";
import { isChannelsFirst } from "./plan.ts";
import { type Runnable, runModel } from "./run.ts";
import { type Planned, planned, weightsByLayer } from "./weights.ts";

/** How a model is to be used. */
export interface KerasModelOptions {
  /**
   * How inputs and outputs lie that have two axes or more besides the batch. "keras": as in Keras, so that what was given to the Keras model is given to
   * this one: [N, height, width, channels], but for models whose own data format is channels_first. "channelsFirst": [N, channels, height, width], as
   * elsewhere in Stria; of sequences too. Default "keras".
   */
  readonly layout?: "keras" | "channelsFirst";
}

/** The layers of a model by name; those of a model within it, or in a wrapper, one level below. */
export interface KerasLayers {
  readonly [name: string]: KerasUnit | KerasLayers;
}

const builders: Readonly<Record<string, Builder>> = {
  ...windowBuilders,
  ...shapeBuilders,
  ...weightedBuilders,
  ...recurrentBuilders,
};

/** Keras' major version; where the file does not say it, the notation of its config does. */
function versionOf({ version, topology }: KerasFile): number {
  const major = Number(version?.split(".")[0]);
  if (Number.isInteger(major) && major > 0) return major;
  return topology?.layers.some(({ config }) => Object.hasOwn(config, "batch_shape")) === true ? 3 : 2;
}

class Units {
  readonly units = new Map<KerasLayer, KerasUnit>();
  readonly #planned: Planned;
  readonly #weights: ReturnType<typeof weightsByLayer>;
  readonly #version: number;

  constructor(file: KerasFile, plan: Planned) {
    this.#planned = plan;
    this.#weights = weightsByLayer(file, plan);
    this.#version = versionOf(file);
  }

  /** The modules of layers, as a model has them in its fields. */
  of(layers: readonly KerasLayer[], prefix: string): KerasLayers {
    const made = layers.filter(({ className }) => className !== "InputLayer");
    return Object.fromEntries(made.map((layer) => [layer.name, this.#layer(layer, `${prefix}${layer.name}`)]));
  }

  #layer(layer: KerasLayer, path: string): KerasUnit | KerasLayers {
    if (layer.model) return this.of(layer.model.layers, `${path}/`);
    if (layer.className === "TimeDistributed") return this.of([...layer.wrapped.values()], `${path}/`);
    const settings = new Settings(layer, this.#planned.source);
    const cells = new Cells(this.#weights.get(path) ?? new Map<string, never>(), settings);
    const unit =
      layer.className === "Bidirectional" ? this.#bidirectional(settings, cells) : this.#single(settings, cells);
    this.units.set(layer, unit);
    return unit;
  }

  #single(settings: Settings, cells: Cells): KerasUnit {
    const { layer } = settings;
    const builder =
      builders[layer.className.replace(/V[12]$/u, "")] ?? settings.fail("is of a class that is not known");
    const held: { unit?: KerasUnit } = {};
    const input = this.#planned.known.given.get(layer) ?? [];
    const compute = builder({ settings, input, cells, version: this.#version, layer: () => held.unit ?? layer });
    held.unit = new KerasUnit(layer.className, cells, compute);
    return held.unit;
  }

  #bidirectional(settings: Settings, cells: Cells): KerasUnit {
    const { wrapped, className } = settings.layer;
    const forward = wrapped.get("layer") ?? settings.fail("wraps no layer");
    const both = [forward, wrapped.get("backward_layer") ?? forward].map((one) => new Settings(one, settings.source));
    const [ahead = settings, behind = settings] = both;
    const run = bidirectional(settings, [ahead, behind], cells, this.#version);
    return new KerasUnit(className, cells, ([x]) => run(x ?? settings.fail("is given no tensor")));
  }
}

/** A model of Keras. Its state dict has `layers.conv2d.weight` and so on, in Stria's layouts. */
export class KerasModel extends Module<Tensor[]> {
  /** The model's own name. */
  readonly kind: string;
  readonly layers: KerasLayers;
  readonly #planned: Planned;
  readonly #runnable: Runnable;
  readonly #outside: Layout;

  /** @internal */
  constructor(file: KerasFile, { layout = "keras" }: KerasModelOptions) {
    super();
    this.#planned = planned(file);
    const { topology, plans, source } = this.#planned;
    const units = new Units(file, this.#planned);
    this.kind = topology.name;
    this.layers = units.of(topology.layers, "");
    this.#runnable = { units: units.units, plans, source };
    this.#outside = layout === "channelsFirst" && !isChannelsFirst(topology) ? "first" : "plain";
  }

  /** The model's result, of one tensor for each of its inputs. @throws ShapeError for inputs that do not fit, and where the model has several results */
  override forward(...inputs: Tensor[]): Tensor {
    const [result, ...others] = this.outputs(...inputs);
    if (!result || others.length > 0)
      throw new ShapeError(
        this.kind,
        `has ${others.length + 1} results`,
        "call outputs(...) in the place of forward(...)",
      );
    return result;
  }

  /** All results of the model. @throws ShapeError for inputs that do not fit */
  outputs(...inputs: Tensor[]): Tensor[] {
    const { topology, known } = this.#planned;
    if (inputs.length !== topology.inputs.length)
      throw new ShapeError(this.kind, `is given ${inputs.length} tensors`, `give ${topology.inputs.length}`);
    for (const [index, { call, result }] of topology.inputs.entries())
      this.#check(inputs[index]?.shape ?? [], known.shapes[call]?.[result] ?? []);
    const placed = inputs.map((tensor) => ({ tensor, layout: this.#outside }));
    return runModel(topology, placed, this.#runnable).map((result) => inLayout(result, this.#outside));
  }

  #check(given: readonly number[], inKeras: KerasShape): void {
    const first = this.#outside === "first" && inKeras.length > 1;
    const wanted = first ? [...inKeras.slice(-1), ...inKeras.slice(0, -1)] : inKeras;
    if (
      given.length === wanted.length + 1 &&
      wanted.every((length, axis) => length === null || length === given[axis + 1])
    )
      return;
    throw new ShapeError(
      this.kind,
      `is given ${showShape(given)}`,
      `give [batch, ${wanted.map((length) => length ?? "any").join(", ")}], or choose another layout`,
    );
  }
}

/**
 * Builds the model that a file holds: Sequential or functional, with shared layers, models within models, and any number of inputs and results. Weights are the file's;
 * it can be evaluated, trained on, frozen in parts, exported. Layers that Keras does not train are frozen.
 * @throws FormatError for a file without a config, and, with the layer's name, for layers and settings that are not supported
 */
export function kerasModel(file: KerasFile, options: KerasModelOptions = {}): KerasModel {
  return new KerasModel(file, options);
}
