// What the lowering of one op has in common with all others.
import { at, type GraphNode } from "@stria/core";
import type { Epilogue as Absorbed } from "../epilogue.ts";
import { asPixels, type Images } from "../images.ts";
import type { Lowering } from "../lower.ts";
import { orderedView } from "../order.ts";
import type { Pieces } from "../../pieces.ts";
import type { BufferId } from "../steps.ts";

/** What a node's unit has absorbed, if anything. */
export type Epilogue = Absorbed | undefined;

/**
 * Adds the steps of a node, with what its unit has absorbed and the other nodes that its kernel computes as well: at once, or in pieces where code for it
 * has to be loaded.
 */
export type Rule = (
  l: Lowering,
  node: GraphNode,
  epilogue: Epilogue,
  others: readonly GraphNode[],
) => void | Pieces<void>;

export function inputOf(node: GraphNode, index: number): number {
  return at(node.inputs, index);
}

export function outputOf(node: GraphNode, epilogue: Epilogue): number {
  return epilogue?.output ?? at(node.outputs, 0);
}

/** A bias that is there as it is. */
export function biasOf(l: Lowering, epilogue: Epilogue): { buffer: BufferId; offset: number } | undefined {
  const [step] = epilogue?.channels ?? [];
  if (!step) return undefined;
  const { buffer, view } = l.read(step.operand);
  return { buffer, offset: view.offset };
}

/** A value as images: as it lies where it is row-major or made of pixels, else copied. */
export function imagesOf(l: Lowering, value: number): Images {
  const images = l.read(value);
  if (l.isIn(value, "row-major") || (l.layout === "channels-last" && asPixels(images))) return images;
  return { buffer: l.ordered(value, l.layout), view: orderedView(images.view.shape, l.layout) };
}

/** The memory of a value as images. */
export function imagesIn(l: Lowering, root: number): Images {
  return { buffer: l.buffer(root), view: l.whole(root) };
}
