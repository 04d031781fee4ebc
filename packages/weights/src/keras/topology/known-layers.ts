// The classes of layers that are known, and what follows from a topology whose classes all are: shapes between layers, and their variables.
import { refuse } from "../../fault.ts";
import type { KerasVariable, LayerRule } from "./rule.ts";
import { ofRank } from "./rule.ts";
import { shapeRules } from "./rules/shapes.ts";
import { merged, weightedRules } from "./rules/weighted.ts";
import { windowRules } from "./rules/windows.ts";
import { isList, type Json } from "./json.ts";
import { Settings } from "./settings.ts";
import type { KerasLayer, KerasShape, KerasTopology } from "./topology.ts";

/** The rules of all single layers; models and wrappers are made of these. */
const layerRules: Readonly<Record<string, LayerRule>> = { ...windowRules, ...shapeRules, ...weightedRules };

/** Names of before Keras 2.4 and of TensorFlow 1 that mean the same. */
const formerly: Readonly<Record<string, string>> = {
  BatchNormalizationV1: "BatchNormalization",
  BatchNormalizationV2: "BatchNormalization",
};

/** The class of a single layer by its name of today; undefined for one that is not known. */
function knownClass({ className, foreign }: KerasLayer): string | undefined {
  const name = Object.hasOwn(formerly, className) ? formerly[className] : className;
  return foreign === undefined && name !== undefined && Object.hasOwn(layerRules, name) ? name : undefined;
}

/** What follows from a topology. */
export interface KnownTopology {
  /** For each call the shapes of its results. */
  readonly shapes: readonly (readonly KerasShape[])[];
  /** The same of each model, those within the model included, as it was first used. */
  readonly shapesOf: ReadonlyMap<KerasTopology, KnownTopology["shapes"]>;
  /** The variables of every single layer, wrapped ones and those of inner models included. */
  readonly variables: ReadonlyMap<KerasLayer, readonly KerasVariable[]>;
  /** The shape that each single layer was first given. */
  readonly given: ReadonlyMap<KerasLayer, KerasShape>;
}

/** The shape in a config, without the batch; undefined where it says none. */
function shapeIn(value: Json | undefined): KerasShape | undefined {
  if (!isList(value)) return undefined;
  const lengths = value.slice(1).map((length) => {
    if (length === null) return null;
    return typeof length === "number" && Number.isInteger(length) && length >= 0 ? length : undefined;
  });
  return lengths.every((length) => length !== undefined) ? lengths : undefined;
}

const none: KerasShape = [];

class Inference {
  readonly #source: string;
  readonly variables = new Map<KerasLayer, readonly KerasVariable[]>();
  readonly given = new Map<KerasLayer, KerasShape>();
  readonly shapesOf = new Map<KerasTopology, (readonly KerasShape[])[]>();

  constructor(source: string) {
    this.#source = source;
  }

  model(topology: KerasTopology, inputs?: readonly KerasShape[]): (readonly KerasShape[])[] {
    const shapes: (readonly KerasShape[])[] = [];
    const place = new Map(topology.inputs.map(({ call }, index) => [call, index]));
    for (const [index, call] of topology.calls.entries()) {
      const settings = new Settings(call.layer, this.#source);
      const given = call.inputs.map(
        ({ call: from, result }) =>
          shapes[from]?.[result] ?? settings.fail(`wants result ${result} of a layer that gives fewer`),
      );
      const at = place.get(index);
      if (call.layer.className === "InputLayer") shapes.push([inputs?.[at ?? -1] ?? this.#input(settings)]);
      else shapes.push(this.#called(call.layer, settings, given, call.keywords));
    }
    if (!this.shapesOf.has(topology)) this.shapesOf.set(topology, shapes);
    return shapes;
  }

  #input(settings: Settings): KerasShape {
    const value = settings.value("batch_shape") ?? settings.value("batch_input_shape");
    return shapeIn(value) ?? settings.fail("does not say the shape of its input", "save the model after it was built");
  }

  #called(
    layer: KerasLayer,
    settings: Settings,
    given: readonly KerasShape[],
    keywords: readonly string[],
  ): readonly KerasShape[] {
    if (keywords.length > 0) settings.fail(`is given ${keywords.join(", ")} as a tensor, which is not supported`);
    if (layer.model) {
      if (given.length !== layer.model.inputs.length)
        settings.fail(`is given ${given.length} tensors and has ${layer.model.inputs.length} inputs`);
      const inner = this.model(layer.model, given);
      return layer.model.outputs.map(({ call, result }) => inner[call]?.[result] ?? none);
    }
    const [input] = given;
    if (input === undefined) return settings.fail("is given no tensor");
    const rule = this.#rule(layer, settings);
    if (rule.joins !== true && given.length > 1) settings.fail(`is given ${given.length} tensors and takes one`);
    return [this.#single(layer, settings, rule, input, given)];
  }

  #rule(layer: KerasLayer, settings: Settings): LayerRule {
    const rule = layerRules[knownClass(layer) ?? ""];
    if (rule) return rule;
    if (layer.foreign === undefined && layer.className === "Bidirectional") return this.#bidirectional();
    if (layer.foreign === undefined && layer.className === "TimeDistributed") return this.#timeDistributed();
    return unknownLayer(settings);
  }

  #single(
    layer: KerasLayer,
    settings: Settings,
    rule: LayerRule,
    input: KerasShape,
    inputs: readonly KerasShape[],
  ): KerasShape {
    const shape = rule.shape(settings, input, inputs);
    const variables = rule.variables?.(settings, input) ?? [];
    const before = this.variables.get(layer);
    if (before && JSON.stringify(before) !== JSON.stringify(variables))
      settings.fail(`is shared by inputs that need other weights, [${input.join(", ")}] being one`);
    this.variables.set(layer, variables);
    if (!this.given.has(layer)) this.given.set(layer, input);
    return shape;
  }

  /** A layer inside a wrapper. */
  #wrapped(settings: Settings, role: string, input: KerasShape): KerasShape {
    const inner = settings.layer.wrapped.get(role) ?? settings.fail("wraps no layer");
    const own = new Settings(inner, this.#source);
    const [shape] = this.#called(inner, own, [input], []);
    return shape ?? none;
  }

  #bidirectional(): LayerRule {
    return {
      shape: (settings, input) => {
        const inner = settings.layer.wrapped.get("layer");
        if (!inner || !["LSTM", "GRU", "SimpleRNN"].includes(inner.className))
          settings.fail(`wraps a layer of class ${inner?.className ?? "none"}, not an LSTM, GRU or SimpleRNN`);
        const forward = this.#wrapped(settings, "layer", input);
        if (settings.layer.wrapped.has("backward_layer")) this.#wrapped(settings, "backward_layer", input);
        return merged(settings, forward);
      },
    };
  }

  #timeDistributed(): LayerRule {
    return {
      shape: (settings, input) => {
        if (input.length < 2) ofRank(settings, input, 2);
        return [input[0] ?? null, ...this.#wrapped(settings, "layer", input.slice(1))];
      },
    };
  }
}

/** Throws that a layer's class is not known. @throws FormatError always */
function unknownLayer(settings: Settings): never {
  const { foreign } = settings.layer;
  return settings.fail(
    foreign === undefined
      ? "is of a class that is not known"
      : `is of a class that is not Keras' own: ${JSON.stringify(foreign)}`,
    "read its weights alone, with { weightsOnly: true }, and build the network by hand",
  );
}

/**
 * Shapes and variables, by the rules of each class of layers.
 * @throws FormatError for a class that is not known, with the layer's name, and for layers that do not fit each other
 */
export function inferTopology(topology: KerasTopology, source: string): KnownTopology {
  if (!topology.calls.some(({ layer }) => layer.className === "InputLayer"))
    refuse(source, "the config has no input", "save a Sequential or a functional model");
  const inference = new Inference(source);
  const shapes = inference.model(topology);
  const { shapesOf, variables, given } = inference;
  return { shapes, shapesOf, variables, given };
}
