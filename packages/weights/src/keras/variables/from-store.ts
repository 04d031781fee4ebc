// Keras 3's weights: a tree of groups, one a layer, called by class and number (`layers/conv2d_1/vars/0`). Variables are numbered, not named.
import type { StoredTensor } from "@stria/core";
import type { HdfGroup } from "../hdf5/read-hdf5.ts";
import type { KnownTopology } from "../topology/known-layers.ts";
import type { KerasLayer, KerasTopology } from "../topology/topology.ts";
import { type Leaf, addVariable, leavesOf, rolesOf, wrappedName } from "./leaves.ts";

/** Where the layers are: in Keras 3, and in TensorFlow's Keras 2.13 to 2.15. */
const containers = ["layers", "_layer_checkpoint_dependencies"];

/** The group of layers in a model's group; undefined where there is none. */
export function layersOf(group: HdfGroup): HdfGroup | undefined {
  return containers.map((name) => group.groups.get(name)).find((found) => found !== undefined);
}

/** A class as Keras calls its groups: `conv2d`, `leaky_re_lu`. */
function snakeCase(className: string): string {
  return className
    .replace(/\W+/gu, "")
    .replace(/(.)([A-Z][a-z]+)/gu, "$1_$2")
    .replace(/([a-z])([A-Z])/gu, "$1_$2")
    .toLowerCase();
}

function nameOf(group: HdfGroup): string | undefined {
  const name = group.groups.get("vars")?.attributes.get("name");
  return typeof name === "string" ? name : undefined;
}

function holdsTensors(group: HdfGroup): boolean {
  return group.tensors.size > 0 || [...group.groups.values()].some(holdsTensors);
}

/** Numbered ones in order: `conv2d`, `conv2d_1`, `conv2d_10`. */
function groupsOfClass(container: HdfGroup, className: string): HdfGroup[] {
  const prefix = snakeCase(className);
  const numbered = [...container.groups].flatMap(([name, group]) => {
    const rest = name.slice(prefix.length);
    const number = rest === "" ? 0 : /^_\d+$/u.test(rest) ? Number(rest.slice(1)) : Number.NaN;
    return name.startsWith(prefix) && !Number.isNaN(number) && holdsTensors(group) ? [{ number, group }] : [];
  });
  return numbered.toSorted((a, b) => a.number - b.number).map(({ group }) => group);
}

function variablesIn(group: HdfGroup | undefined): StoredTensor[] {
  const vars = group?.groups.get("vars")?.tensors ?? new Map<string, StoredTensor>();
  return [...vars].toSorted(([a], [b]) => Number(a) - Number(b)).map(([, tensor]) => tensor);
}

/** The variables by `layer/variable`, with the names that the config gives. @throws FormatError where one is missing or has another shape */
export function namedFromStore(
  root: HdfGroup,
  topology: KerasTopology,
  known: KnownTopology,
  source: string,
): Map<string, StoredTensor> {
  const byPath = new Map<string, Leaf>(leavesOf(topology, known).map((leaf) => [leaf.path, leaf]));
  const tensors = new Map<string, StoredTensor>();
  const one = (layer: KerasLayer, path: string, group: HdfGroup | undefined): void => {
    if (layer.model) return level(layer.model.layers, `${path}/`, group && layersOf(group));
    const first = layer.className === "Bidirectional" ? "forward_layer" : "layer";
    for (const [role, inner] of rolesOf(layer))
      one(inner, `${path}/${wrappedName(layer, role, inner)}`, group?.groups.get(role === "layer" ? first : role));
    const leaf = byPath.get(path);
    if (!leaf) return undefined;
    // A recurrent layer keeps its variables in its cell.
    const own = variablesIn(group);
    const found = own.length > 0 ? own : variablesIn(group?.groups.get("cell"));
    for (const [index, variable] of leaf.variables.entries())
      addVariable(tensors, leaf, variable, found[index], source);
    return undefined;
  };
  const hasVariables = (path: string): boolean =>
    [...byPath.keys()].some((leaf) => leaf === path || leaf.startsWith(`${path}/`));
  const level = (layers: readonly KerasLayer[], prefix: string, container: HdfGroup | undefined): void => {
    const byName = new Map([...(container?.groups.values() ?? [])].map((group) => [nameOf(group), group]));
    const taken = new Map<string, number>();
    for (const layer of layers.filter(({ name }) => hasVariables(`${prefix}${name}`))) {
      const place = taken.get(layer.className) ?? 0;
      taken.set(layer.className, place + 1);
      const group = byName.get(layer.name) ?? (container && groupsOfClass(container, layer.className)[place]);
      one(layer, `${prefix}${layer.name}`, group);
    }
  };
  level(topology.layers, "", layersOf(root));
  return tensors;
}

/** The variables of a class in Keras' order; a group with fewer has the first of them. */
const usualNames: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^(separable)_/u, ["depthwise_kernel", "pointwise_kernel", "bias"]],
  [/^(dense|conv\dd|conv\dd_transpose|depthwise_conv\dd)$/u, ["kernel", "bias"]],
  [/^embedding$/u, ["embeddings"]],
  [/^p_re_lu$/u, ["alpha"]],
  [/^(lstm|gru|simple_rnn|lstm_cell|gru_cell|simple_rnn_cell)$/u, ["kernel", "recurrent_kernel", "bias"]],
];
/** These may lack any of theirs, so that only a full set can be named. */
const fullNames: Readonly<Record<string, readonly string[]>> = {
  batch_normalization: ["gamma", "beta", "moving_mean", "moving_variance"],
  layer_normalization: ["gamma", "beta"],
  group_normalization: ["gamma", "beta"],
  normalization: ["mean", "variance", "count"],
};

function namesFor(kind: string, count: number): readonly string[] {
  const full = fullNames[kind];
  if (full?.length === count) return full;
  const usual = usualNames.find(([pattern]) => pattern.test(kind))?.[1] ?? [];
  return count <= usual.length ? usual : Array.from({ length: count }, (_, index) => String(index));
}

const deepest = 64;

/**
 * The variables by `layer/variable` where there is no config: the layer is called as its group says, and the variables as those of its class, which
 * its group's name tells; those of another class by number.
 */
export function guessedFromStore(root: HdfGroup): Map<string, StoredTensor> {
  const tensors = new Map<string, StoredTensor>();
  const visit = (name: string, group: HdfGroup, path: string, level: number): void => {
    const kind = name.replace(/_\d+$/u, "");
    const variables = variablesIn(group);
    const names = namesFor(kind, variables.length);
    for (const [index, tensor] of variables.entries()) tensors.set(`${path}/${names[index] ?? index}`, tensor);
    if (level > deepest) return;
    for (const [role, inner] of group.groups) {
      if (role === "vars") continue;
      if (containers.includes(role)) children(inner, `${path}/`, level + 1);
      else if (role === "cell") visit("lstm_cell", inner, path, level + 1);
      else if (role === "layer") visit(nameOf(inner) ?? role, inner, `${path}/${nameOf(inner) ?? role}`, level + 1);
      else visit(role, inner, `${path}/${role.replace(/^(forward|backward)_layer$/u, "$1")}`, level + 1);
    }
  };
  const children = (container: HdfGroup, prefix: string, level: number): void => {
    for (const [name, group] of container.groups) visit(name, group, `${prefix}${nameOf(group) ?? name}`, level);
  };
  const container = layersOf(root);
  if (container) children(container, "", 0);
  return tensors;
}
