// What the lowering of one op has in common with all others.
import { at, sizeOf, type GraphNode } from "@stria/core";
import type { Images, PadImages } from "../convolution.ts";
import type { Epilogue as Absorbed } from "../epilogue.ts";
import type { Lowering } from "../lower.ts";
import { orderedView, type Order } from "../order.ts";
import type { BufferId } from "../steps.ts";
import { slice } from "../view.ts";

/** What a node's unit has absorbed, if anything. */
export type Epilogue = Absorbed | undefined;

/** Adds the steps of a node. */
export type Rule = (l: Lowering, node: GraphNode, epilogue: Epilogue) => void;

export function inputOf(node: GraphNode, index: number): number {
  return at(node.inputs, index);
}

export function outputOf(node: GraphNode, epilogue: Epilogue): number {
  return epilogue?.output ?? at(node.outputs, 0);
}

export function biasOf(l: Lowering, epilogue: Epilogue): { buffer: BufferId; offset: number } | undefined {
  if (epilogue?.bias === undefined) return undefined;
  const { buffer, view } = l.read(epilogue.bias);
  return { buffer, offset: view.offset };
}

/** A value as images: as it lies where that is one of the orders, else copied to the one that is best. */
export function imagesOf(l: Lowering, value: number, best: Order): Images {
  const other = best === "row-major" ? "channels-last" : "row-major";
  const order = !l.isIn(value, best) && l.isIn(value, other) ? other : best;
  return { buffer: l.ordered(value, order), order };
}

/** The memory of a value as images. */
export function imagesIn(l: Lowering, root: number): Images {
  return { buffer: l.buffer(root), order: l.orderOf(root) };
}

/** Pads images with a number. */
export function padder(l: Lowering, value = 0): PadImages {
  return ({ buffer, order }, counts, spatial, before, padded) => {
    const size = sizeOf(counts) * sizeOf(padded);
    const target = l.builder.local(size * 4);
    l.fill(target, size, value, "float32");
    // What lies beyond the padded size is read by no window.
    const kept = spatial.map((length, axis) => Math.min(length, at(padded, axis) - at(before, axis)));
    const part = [...counts, ...kept];
    const ones = part.map(() => 1);
    const zeros = part.map(() => 0);
    const from = slice(orderedView([...counts, ...spatial], order), zeros, part, ones);
    const to = slice(orderedView([...counts, ...padded], order), [0, 0, ...before], part, ones);
    l.copy(buffer, from, target, to, "float32");
    return target;
  };
}
