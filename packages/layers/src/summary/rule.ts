// What a rule for the receptive fields behind an op is given, and how it reads attributes.
import { type Aval, type GraphNode, type TypedArray } from "@stria/core";
import type { Pooling } from "./unpooling.ts";
import { type View, mixed } from "./view.ts";

/** A node whose first data is in `x`. */
export interface Context {
  readonly node: GraphNode;
  readonly inputs: readonly Aval[];
  readonly views: readonly (View | undefined)[];
  readonly constants: readonly (TypedArray | undefined)[];
  readonly shape: readonly number[];
  /** Where one of the inputs holds a max pooling's indices: that pooling. */
  readonly pooling: Pooling | undefined;
}

export type Rule = (context: Context) => View;

export function numbers({ node }: Context, name: string): readonly number[] {
  const value = node.attrs[name];
  return Array.isArray(value) ? value.map((item) => (typeof item === "number" ? item : 0)) : [];
}

export function number({ node }: Context, name: string): number {
  const value = node.attrs[name];
  return typeof value === "number" ? value : 0;
}

/** Elements before, of padding along each axis. */
export function before({ node }: Context): readonly number[] {
  const value = node.attrs["padding"];
  return Array.isArray(value) ? value.map((pair) => (Array.isArray(pair) ? Number(pair[0]) : 0)) : [];
}

export function viewOf({ views, shape }: Context): View {
  const [view = mixed([], shape)] = views.filter((one) => one !== undefined);
  return view;
}
