// The single layers of a model, those of wrappers and of inner models included, and the variables that a file must hold for each.
import type { Shape, StoredTensor } from "@stria/core";
import { refuse } from "../../fault.ts";
import type { KerasVariable } from "../topology/rule.ts";
import type { KnownTopology } from "../topology/known-layers.ts";
import type { KerasLayer, KerasTopology } from "../topology/topology.ts";

/** A single layer. */
export interface Leaf {
  readonly layer: KerasLayer;
  /** Names from the outermost layer to this one, with "/" between; of Bidirectional "forward" and "backward". */
  readonly path: string;
  /** Which of the two layers of a Bidirectional it is. */
  readonly direction?: "forward" | "backward";
  /** The layer of the whole model that it belongs to. */
  readonly top: KerasLayer;
  readonly variables: readonly KerasVariable[];
}

/** How the layer in a role of a wrapper is called in names of variables. */
export function wrappedName(wrapper: KerasLayer, role: string, inner: KerasLayer): string {
  return directionOf(wrapper, role) ?? inner.name;
}

function directionOf(wrapper: KerasLayer, role: string): Leaf["direction"] {
  if (wrapper.className !== "Bidirectional") return undefined;
  return role === "layer" ? "forward" : "backward";
}

/**
 * The layers in a wrapper by role; the backward one of a Bidirectional is there also where its config is left out, since it is the forward one's.
 */
export function rolesOf(layer: KerasLayer): (readonly [role: string, inner: KerasLayer])[] {
  const inner = layer.wrapped.get("layer");
  if (!inner) return [];
  if (layer.className !== "Bidirectional") return [["layer", inner]];
  return [
    ["layer", inner],
    ["backward_layer", layer.wrapped.get("backward_layer") ?? inner],
  ];
}

/** All single layers with variables, in the model's order. */
export function leavesOf(topology: KerasTopology, { variables }: KnownTopology): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (layer: KerasLayer, path: string, top: KerasLayer, direction?: Leaf["direction"]): void => {
    if (layer.model) for (const inner of layer.model.layers) visit(inner, `${path}/${inner.name}`, top);
    for (const [role, inner] of rolesOf(layer))
      visit(inner, `${path}/${wrappedName(layer, role, inner)}`, top, directionOf(layer, role));
    const own = variables.get(layer) ?? [];
    if (own.length > 0) leaves.push({ layer, path, top, variables: own, ...(direction && { direction }) });
  };
  for (const layer of topology.layers) visit(layer, layer.name, layer);
  return leaves;
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((length, axis) => length === b[axis]);
}

/** Adds a variable by its name. @throws FormatError where its shape is not the one that the config needs */
export function addVariable(
  tensors: Map<string, StoredTensor>,
  { path, layer }: Leaf,
  variable: KerasVariable,
  tensor: StoredTensor | undefined,
  source: string,
): void {
  const called = JSON.stringify(`${path}/${variable.name}`);
  if (!tensor) return refuse(source, `there is no ${called} for the ${layer.className}, of ${shown(variable.shape)}`);
  if (!sameShape(tensor.shape, variable.shape))
    refuse(
      source,
      `${called} is ${shown(tensor.shape)}, and the config of the ${layer.className} needs ${shown(variable.shape)}`,
    );
  tensors.set(`${path}/${variable.name}`, tensor);
}

function shown(shape: Shape): string {
  return `[${shape.join(", ")}]`;
}
