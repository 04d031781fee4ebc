// What the lowering of one op has in common with all others.
import { at, sizeOf, type GraphNode } from "@stria/core";
import type { PadPlanes } from "../convolution.ts";
import type { Epilogue as Absorbed } from "../epilogue.ts";
import type { Lowering } from "../lower.ts";
import type { BufferId } from "../steps.ts";
import { slice, wholeView } from "../view.ts";

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

/** Pads planes with a number. */
export function padder(l: Lowering, value = 0): PadPlanes {
  return (buffer, planes, spatial, before, padded) => {
    const target = l.builder.local(planes * sizeOf(padded) * 4);
    l.fill(target, planes * sizeOf(padded), value, "float32");
    // What lies beyond the padded size is read by no window.
    const kept = spatial.map((length, axis) => Math.min(length, at(padded, axis) - at(before, axis)));
    const from = slice(
      wholeView([planes, ...spatial]),
      [0, ...spatial.map(() => 0)],
      [planes, ...kept],
      [1, ...spatial.map(() => 1)],
    );
    const to = slice(wholeView([planes, ...padded]), [0, ...before], [planes, ...kept], [1, ...spatial.map(() => 1)]);
    l.copy(buffer, from, target, to, "float32");
    return target;
  };
}
