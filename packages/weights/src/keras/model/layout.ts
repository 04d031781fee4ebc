// Keras has channels last, Stria first. Each value between layers is in one of the two orders, and is moved only where a layer needs the other.
import { type Tensor, transpose } from "@stria/core";

/** "plain": the axes as Keras has them; "first": Keras' last axis is the one after the batch. The same thing for two axes. */
export type Layout = "plain" | "first";

/** A tensor, and the order of its axes. */
export interface Placed {
  readonly tensor: Tensor;
  readonly layout: Layout;
}

/** 0, 1, ..., count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

/** The tensor in the order that is wanted. */
export function inLayout({ tensor, layout }: Placed, wanted: Layout): Tensor {
  const { rank } = tensor;
  if (layout === wanted || rank < 3) return tensor;
  const inner = range(rank - 2).map((axis) => axis + 1);
  return transpose(tensor, wanted === "first" ? [0, rank - 1, ...inner] : [0, ...inner.map((axis) => axis + 1), 1]);
}

/** Where Keras' axis (from 0, without the batch) of `rank` axes is in a tensor. */
export function axisIn(layout: Layout, axis: number, rank: number): number {
  if (layout === "plain") return axis + 1;
  return axis === rank - 1 ? 1 : axis + 2;
}

/** The order of axes in which images are kept: channels first. Sequences and features stay as they are. */
export function keptLayout(rank: number): Layout {
  return rank >= 3 ? "first" : "plain";
}
