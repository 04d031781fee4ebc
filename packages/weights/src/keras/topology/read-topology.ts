// From a config (of .keras, .h5 and TF.js files alike) to the topology: which layers there are, and what each is given.
import { refuse } from "../../fault.ts";
import { type Inbound, type Origin, inboundOf, originsIn } from "./inbound.ts";
import { entry, isList, isObject, type Json, type JsonObject, textOf } from "./json.ts";
import type { KerasCall, KerasLayer, KerasTensor, KerasTopology } from "./topology.ts";

const models: ReadonlySet<string> = new Set(["Sequential", "Functional", "Model"]);
const wrappers: ReadonlyMap<string, readonly string[]> = new Map([
  ["Bidirectional", ["layer", "backward_layer"]],
  ["TimeDistributed", ["layer"]],
]);
const refusedNames: ReadonlySet<string> = new Set(["__proto__", "constructor", "prototype"]);
const mostCalls = 10_000;
const mostLevels = 16;

/** Whether a class is a model of layers. */
function isModel(className: string): boolean {
  return models.has(className);
}

interface Entry {
  readonly layer: KerasLayer;
  readonly inbound: readonly Inbound[];
}

class Reader {
  readonly #source: string;
  constructor(source: string) {
    this.#source = source;
  }

  #fail(fault: string): never {
    return refuse(this.#source, `the config ${fault}`);
  }

  /** `value` is `{"class_name", "config"}`. */
  model(value: Json, level = 0): KerasTopology {
    const className = textOf(entry(value, "class_name"));
    if (className === undefined) return this.#fail("names no class of a model");
    if (!isModel(className))
      return refuse(
        this.#source,
        `the model is of class ${className}`,
        "save a Sequential or a functional model, or read the tensors alone",
      );
    if (level > mostLevels) this.#fail(`has models within models, more than ${mostLevels} deep`);
    const config = entry(value, "config") ?? null;
    const list = isList(config) ? config : entry(config, "layers"); // a list alone: Sequential of Keras before 2.2
    if (!isList(list)) return this.#fail(`lists no layers of the ${className}`);
    const entries = list.map((one, index): Entry => ({
      layer: this.layer(one, level, index),
      inbound: inboundOf(entry(one, "inbound_nodes")),
    }));
    const names = new Set<string>();
    for (const { layer } of entries) {
      if (names.has(layer.name)) this.#fail(`has two layers called ${JSON.stringify(layer.name)}`);
      names.add(layer.name);
    }
    const name = textOf(entry(config, "name")) ?? "model";
    return className === "Sequential" ? this.#sequential(name, entries) : this.#functional(name, entries, config);
  }

  layer(value: Json, level: number, index = 0): KerasLayer {
    const className = textOf(entry(value, "class_name"));
    const config = entry(value, "config");
    if (className === undefined) return this.#fail(`names no class for layer ${index}`);
    // Before Keras 2.2 a Sequential's config was the list of its layers alone.
    const settings: JsonObject = isObject(config) ? config : {};
    const name = textOf(entry(value, "name")) ?? textOf(entry(settings, "name")) ?? `layer_${index}`;
    if (refusedNames.has(name)) this.#fail(`has a layer called ${JSON.stringify(name)}`);
    if (level > mostLevels) this.#fail(`has layers within layers, more than ${mostLevels} deep`);
    const foreign = foreignClass(value, className);
    const wrapped = new Map<string, KerasLayer>();
    for (const role of wrappers.get(className) ?? []) {
      const inner = entry(settings, role);
      if (isObject(inner)) wrapped.set(role, this.layer(inner, level + 1));
    }
    return {
      name,
      className,
      config: settings,
      ...(foreign !== undefined && { foreign }),
      ...(isModel(className) && { model: this.model(value, level + 1) }),
      wrapped,
    };
  }

  /** Layers one after the other; an InputLayer, where there is one, is the first. */
  #sequential(name: string, entries: readonly Entry[]): KerasTopology {
    const layers = entries.map(({ layer }) => layer);
    const first = layers[0];
    if (!first) return this.#fail("has a Sequential without layers");
    const given = first.className === "InputLayer" ? layers : [inputFor(first), ...layers];
    const calls = given.map((layer, index): KerasCall => {
      if (index > 0 && layer.className === "InputLayer") this.#fail("has an InputLayer inside a Sequential");
      const inputs = index === 0 ? [] : [{ call: index - 1, result: 0 }];
      return { layer, inputs, constants: inputs.map(() => null), keywords: [] };
    });
    return {
      name,
      layers,
      calls,
      inputs: [{ call: 0, result: 0 }],
      outputs: [{ call: calls.length - 1, result: 0 }],
    };
  }

  #functional(name: string, entries: readonly Entry[], config: Json): KerasTopology {
    const inputs = originsIn(entry(config, "input_layers"));
    const outputs = originsIn(entry(config, "output_layers"));
    if (inputs.length === 0 || outputs.length === 0) this.#fail("names no inputs or no outputs of the model");
    const offset = firstNodes(entries, [...inputs, ...outputs]);
    const keyOf = (origin: Origin): string =>
      JSON.stringify([origin.layer, origin.node - (offset.get(origin.layer) ?? 0)]);
    const pending = new Map<string, { readonly layer: KerasLayer; readonly inbound: Inbound }>();
    for (const { layer, inbound } of entries) {
      const uses =
        inbound.length === 0 && layer.className === "InputLayer"
          ? [{ origins: [], constants: [], keywords: [] }]
          : inbound;
      for (const [node, use] of uses.entries())
        pending.set(JSON.stringify([layer.name, node]), { layer, inbound: use });
    }
    if (pending.size > mostCalls) this.#fail(`has ${pending.size} uses of layers`);
    const placed = new Map<string, number>();
    const calls: KerasCall[] = [];
    const place = (origin: Origin): KerasTensor => {
      const call = placed.get(keyOf(origin));
      if (call === undefined) return this.#fail(`wants a use of ${JSON.stringify(origin.layer)} that is not there`);
      return { call, result: origin.result };
    };
    // What each use waits for is placed first, without recursion: chains may be long.
    for (const start of pending.keys()) {
      const stack = [start];
      const waiting = new Set<string>();
      for (let key = stack.at(-1); key !== undefined; key = stack.at(-1)) {
        const use = pending.get(key);
        if (!use) return this.#fail(`wants a use of a layer that is not there: ${key}`);
        const missing = use.inbound.origins.map(keyOf).filter((one) => !placed.has(one));
        if (placed.has(key) || missing.length === 0) {
          if (!placed.has(key)) {
            const { origins, constants, keywords } = use.inbound;
            calls.push({ layer: use.layer, inputs: origins.map(place), constants, keywords });
            placed.set(key, calls.length - 1);
          }
          stack.pop();
        } else {
          if (waiting.has(key)) this.#fail(`has a layer that waits for itself: ${key}`);
          waiting.add(key);
          for (const one of missing) stack.push(one);
        }
      }
    }
    return {
      name,
      layers: entries.map(({ layer }) => layer),
      calls,
      inputs: inputs.map(place),
      outputs: outputs.map(place),
    };
  }
}

/** The name or module of a class that is not Keras' own. */
function foreignClass(value: Json, className: string): string | undefined {
  const registered = textOf(entry(value, "registered_name"));
  if (registered !== undefined && registered !== className) return registered;
  const module = textOf(entry(value, "module"));
  return module === undefined || /^(tf_)?keras(\.|$)/u.test(module) ? undefined : module;
}

/** Models that are layers have a first node of their own in Keras 2, so that their first use is number 1; in Keras 3 it is 0. */
function firstNodes(entries: readonly Entry[], ends: readonly Origin[]): ReadonlyMap<string, number> {
  const first = new Map<string, number>();
  const nested = new Set(entries.filter(({ layer }) => layer.model).map(({ layer }) => layer.name));
  const origins = [...entries.flatMap(({ inbound }) => inbound.flatMap((use) => use.origins)), ...ends];
  for (const { layer, node } of origins)
    if (nested.has(layer)) first.set(layer, Math.min(node, first.get(layer) ?? node));
  return first;
}

/** The input that a Sequential without an InputLayer has: the first layer says its shape. */
function inputFor(first: KerasLayer): KerasLayer {
  const { batch_input_shape: shape, input_shape: own } = first.config;
  const inner = first.model?.calls[0]?.layer.config;
  const config: JsonObject = {
    batch_shape:
      shape ?? (isList(own) ? [null, ...own] : null) ?? inner?.["batch_shape"] ?? inner?.["batch_input_shape"] ?? null,
  };
  return { name: `${first.name}_input`, className: "InputLayer", config, wrapped: new Map() };
}

/**
 * Reads a config: `{"class_name": "Sequential" | "Functional" | "Model", "config": ...}`, as `.keras` files have it in config.json, `.h5` files
 * in the attribute `model_config` and TF.js models under `modelTopology.model_config`. Nothing that it names is looked up or run.
 * @param source what to call the file in errors
 * @throws FormatError for a config that is no such model, is damaged, or contains itself
 */
export function readTopology(config: Json, source: string = "Keras config"): KerasTopology {
  return new Reader(source).model(config);
}
