// What the lowering of one op has in common with all others.
import { at, sizeOf, type GraphNode } from "@stria/core";
import type { PadImages } from "../convolution.ts";
import { addCopy, addFill } from "../elementwise.ts";
import type { Epilogue as Absorbed } from "../epilogue.ts";
import { asPixels, type Images } from "../images.ts";
import type { Lowering } from "../lower.ts";
import { orderedView } from "../order.ts";
import type { BufferId, ProgramBuilder } from "../steps.ts";
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

/** Pads images with a number. */
export function padder(builder: ProgramBuilder, value = 0): PadImages {
  return ({ buffer, view }, before, padded) => {
    const [images = 0, channels = 0, ...spatial] = view.shape;
    const shape = [images, channels, ...padded];
    const size = sizeOf(shape);
    const target = builder.local(size * 4);
    addFill(builder, target, size, value, "float32");
    const whole = orderedView(shape, at(view.strides, 1) === 1 ? "channels-last" : "row-major");
    // What lies beyond the padded size is read by no window.
    const kept = spatial.map((length, axis) => Math.min(length, at(padded, axis) - at(before, axis)));
    const part = [images, channels, ...kept];
    const ones = part.map(() => 1);
    const from = slice(
      view,
      part.map(() => 0),
      part,
      ones,
    );
    addCopy(builder, buffer, from, target, slice(whole, [0, 0, ...before], part, ones), "float32");
    return { buffer: target, view: whole };
  };
}
