// All weights of a Keras model in Stria's layouts, by layer.
import type { HostTensor, StoredTensor } from "@stria/core";
import { decodeStored } from "@stria/core/safetensors";
import { refuse } from "../../fault.ts";
import type { KerasFile } from "../read-keras.ts";
import { type KnownTopology, inferTopology } from "../topology/known-layers.ts";
import type { KerasLayer, KerasTopology } from "../topology/topology.ts";
import { type Leaf, addVariable, leavesOf } from "../variables/leaves.ts";
import { converted } from "./conversions.ts";
import { type Plan, planOf } from "./plan.ts";

/** What is known of a model before it is built. */
export interface Planned {
  readonly topology: KerasTopology;
  readonly known: KnownTopology;
  /** The plan of the model and of each model within it. */
  readonly plans: ReadonlyMap<KerasTopology, Plan>;
  readonly source: string;
}

function innerModels(topology: KerasTopology): KerasTopology[] {
  const inside = topology.layers.flatMap((layer) => [layer, ...layer.wrapped.values()]);
  return [topology, ...inside.flatMap(({ model }) => (model ? innerModels(model) : []))];
}

/** Works out shapes and layouts. @throws FormatError for a file without a config, and for layers that are not known or do not fit each other */
export function planned({ topology, source }: Pick<KerasFile, "topology" | "source">): Planned {
  if (!topology)
    return refuse(source, "there is no config in it, only weights", "pass a .keras or .h5 file of model.save");
  const known = inferTopology(topology, source);
  const plans = new Map(
    innerModels(topology).map((model) => [model, planOf(model, known.shapesOf.get(model) ?? [], source)]),
  );
  return { topology, known, plans, source };
}

function decoded(leaf: Leaf, tensors: ReadonlyMap<string, StoredTensor>, source: string): Map<string, HostTensor> {
  const stored = new Map<string, StoredTensor>();
  const called = (name: string): string => `${leaf.path}/${name}`;
  for (const variable of leaf.variables)
    addVariable(stored, leaf, variable, tensors.get(called(variable.name)), source);
  return new Map(
    leaf.variables.flatMap(({ name }) => {
      const one = stored.get(called(name));
      return one ? [[name, decodeStored(one, `${source}, ${called(name)}`)] as const] : [];
    }),
  );
}

/** The weights of every single layer as Stria has them, by path; the two directions of a Bidirectional together. */
export function weightsByLayer(
  file: Pick<KerasFile, "tensors">,
  { topology, known, plans, source }: Planned,
): Map<string, Map<string, HostTensor>> {
  const byLayer = new Map<string, Map<string, HostTensor>>();
  const flattened = new Map([...plans.values()].flatMap((plan) => [...plan.flattened]));
  for (const leaf of leavesOf(topology, known)) {
    // Both directions are one layer's, with PyTorch's suffixes.
    const path = leaf.direction ? leaf.path.slice(0, leaf.path.lastIndexOf("/")) : leaf.path;
    const suffix = leaf.direction === "backward" ? "_l0_reverse" : "_l0";
    const around = { flattened: flattened.get(leaf.layer), suffix, source: `${source}, ${leaf.path}` };
    const weights = converted(leaf.layer.className, decoded(leaf, file.tensors, source), around);
    byLayer.set(path, new Map([...(byLayer.get(path) ?? []), ...weights]));
  }
  return byLayer;
}

/**
 * The weights of a Keras model in Stria's layouts and under the names of Stria's layers, `conv2d.weight`, for `loadStateDict` of a network built by hand: kernels
 * [out, in / groups, ...kernel], dense ones [out, in], behind a flatten of maps in the order of channels-first maps; normalisations with `running_mean` and `running_var`; LSTM and GRU as
 * `weight_ih_l0`, with the gates in PyTorch's order. A model within the model is a prefix: `inner.conv2d.weight`.
 * @throws FormatError for a file without a config, and for layers that are not known or do not fit
 */
export function kerasWeights(file: KerasFile): Map<string, HostTensor> {
  const plan = planned(file);
  const entries = new Map<string, HostTensor>();
  for (const [path, weights] of weightsByLayer(file, plan))
    for (const [name, tensor] of weights) entries.set(`${dotted(path, plan.topology.layers)}.${name}`, tensor);
  return entries;
}

/** Paths as state dicts have them; layers' own names may have slashes. */
function dotted(path: string, layers: readonly KerasLayer[]): string {
  const own = layers.find(({ name }) => path === name || path.startsWith(`${name}/`));
  if (!own || path === own.name) return path;
  return `${own.name}.${dotted(path.slice(own.name.length + 1), own.model?.layers ?? [...own.wrapped.values()])}`;
}
