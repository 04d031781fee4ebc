// Weights by name: of `.h5` files of Keras 2 (and of Keras 3 in that format), and of TF.js models. `conv2d/kernel:0`, `model/conv2d/kernel`.
import type { StoredTensor } from "@stria/core";
import { refuse } from "../../fault.ts";
import type { Attribute, HdfGroup } from "../hdf5/read-hdf5.ts";
import type { KnownTopology } from "../topology/known-layers.ts";
import type { KerasVariable } from "../topology/rule.ts";
import type { KerasTopology } from "../topology/topology.ts";
import { type Leaf, addVariable, leavesOf } from "./leaves.ts";

/** A tensor, its name, and the layer of the whole model that the file puts it under. */
export interface NamedWeight {
  readonly layer?: string;
  readonly name: string;
  readonly tensor: StoredTensor;
}

/** A list of texts that may be cut into several attributes: `layer_names0`, `layer_names1`, ... */
function listOf(attributes: ReadonlyMap<string, Attribute>, name: string): string[] | undefined {
  const parts: Attribute[] = [];
  for (let part = 0, next = attributes.get(name) ?? attributes.get(`${name}0`); next !== undefined;) {
    parts.push(next);
    part += 1;
    next = attributes.get(`${name}${part}`);
  }
  return parts.length === 0
    ? undefined
    : parts.flatMap((part) => (typeof part === "object" ? part : [part])).map(String);
}

function tensorAt(group: HdfGroup, path: string): StoredTensor | undefined {
  const parts = path.split("/").filter((part) => part !== "");
  const last = parts.pop() ?? "";
  let at: HdfGroup | undefined = group;
  for (const part of parts) at = at?.groups.get(part);
  return at?.tensors.get(last);
}

/** The weights in groups by layer; undefined where the group has no list of layers. @throws FormatError where one that is listed is missing */
export function weightsInGroups(group: HdfGroup, source: string): NamedWeight[] | undefined {
  return listOf(group.attributes, "layer_names")?.flatMap((layer) => {
    const own = groupAt(group, layer);
    if (!own) return refuse(source, `there is no group of the layer ${JSON.stringify(layer)}`);
    return (listOf(own.attributes, "weight_names") ?? []).map((name): NamedWeight => {
      const tensor = tensorAt(own, name);
      return tensor ? { layer, name, tensor } : refuse(source, `there is no ${JSON.stringify(`${layer}/${name}`)}`);
    });
  });
}

/** A layer's name may have slashes. */
function groupAt(group: HdfGroup, path: string): HdfGroup | undefined {
  let at: HdfGroup | undefined = group;
  for (const part of path.split("/")) at = at?.groups.get(part);
  return at;
}

/** `model/conv2d/kernel:0` as ["model", "conv2d"] and "kernel". */
function split(name: string): { readonly owners: readonly string[]; readonly variable: string } {
  const parts = name.replace(/:\d+$/u, "").split("/");
  return { owners: parts.slice(0, -1), variable: parts.at(-1) ?? "" };
}

/** Whether the owners name the layer; directions by what Keras puts before a layer's name. */
function isOf({ direction, layer }: Leaf, owners: readonly string[]): boolean {
  if (direction) return owners.some((owner) => owner.startsWith(`${direction}_`));
  const own = layer.name.split("/");
  return owners.some((_, at) => own.every((part, index) => owners[at + index] === part));
}

function named(leaf: Leaf, { name, formerly = [] }: KerasVariable, weights: readonly NamedWeight[]): NamedWeight[] {
  return weights.filter((weight) => {
    const { owners, variable } = split(weight.name);
    return (variable === name || formerly.includes(variable)) && isOf(leaf, owners);
  });
}

/** Keras lists a layer's trainable variables first. */
const isTrainable = ({ name }: KerasVariable): boolean =>
  !/^(moving_mean|moving_variance|mean|variance|count)$/u.test(name);

/** The variables of one layer of the whole model: by name where names tell, else in order. */
function assign(
  leaves: readonly Leaf[],
  weights: readonly NamedWeight[],
): (readonly [Leaf, KerasVariable, StoredTensor | undefined])[] {
  const wanted = leaves.flatMap((leaf) => leaf.variables.map((variable) => ({ leaf, variable })));
  const found = wanted.map(({ leaf, variable }) => ({ leaf, variable, by: named(leaf, variable, weights) }));
  const single = new Set(found.map(({ by }) => by[0]));
  if (found.every(({ by }) => by.length === 1) && single.size === found.length)
    return found.map(({ leaf, variable, by }) => [leaf, variable, by[0]?.tensor]);
  const ordered = [
    ...wanted.filter(({ variable }) => isTrainable(variable)),
    ...wanted.filter(({ variable }) => !isTrainable(variable)),
  ];
  return ordered.map(({ leaf, variable }, index) => [leaf, variable, weights[index]?.tensor]);
}

/**
 * The variables by `layer/variable`, in the model's order.
 * @throws FormatError where one is missing or has not the shape that the config needs
 */
export function namedFromNames(
  weights: readonly NamedWeight[],
  topology: KerasTopology,
  known: KnownTopology,
  source: string,
): Map<string, StoredTensor> {
  const leaves = leavesOf(topology, known);
  const tensors = new Map<string, StoredTensor>();
  for (const top of new Set(leaves.map((leaf) => leaf.top))) {
    const own = leaves.filter((leaf) => leaf.top === top);
    const grouped = weights.filter(({ layer, name }) =>
      layer === undefined ? own.some((leaf) => isOf(leaf, split(name).owners)) : layer === top.name,
    );
    for (const [leaf, variable, tensor] of assign(own, grouped)) addVariable(tensors, leaf, variable, tensor, source);
  }
  return tensors;
}

/** The variables by `layer/variable` where there is no config: what names say besides the model's own name. */
export function plainNames(weights: readonly NamedWeight[], source: string): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  for (const { layer, name, tensor } of weights) {
    const { owners, variable } = split(name);
    const own = owners.join("/");
    const at = layer === undefined ? -1 : own.lastIndexOf(layer);
    const inner = (layer === undefined || at < 0 ? own : own.slice(at + layer.length)).split("/");
    const parts = [layer ?? "", ...inner, variable]
      .filter((part) => part !== "" && !/^(lstm|gru|simple_rnn)_cell(_\d+)?$/u.test(part))
      .map((part, index) =>
        index > 0 ? part.replace(/^(forward|backward)_(lstm|gru|simple_rnn)(_\d+)?$/u, "$1") : part,
      );
    const called = parts.join("/");
    if (tensors.has(called)) refuse(source, `two tensors are called ${JSON.stringify(called)}`, "rename a layer");
    tensors.set(called, tensor);
  }
  return tensors;
}
