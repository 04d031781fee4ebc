// What is a view for no strides: the elements of one value, in row-major order of its shape, in the shape of another.
import { at } from "@stria/core";
import type { Lowering } from "../lower.ts";
import { reshape, wholeView } from "../view.ts";

/** Adds the copy of `input` that is `output`. */
export function lowerCopy(l: Lowering, input: number, output: number): void {
  const { buffer, view } = l.read(input);
  const { dtype } = at(l.graph.values, output);
  const target = reshape(l.whole(output), view.shape);
  if (target) return l.copy(buffer, view, l.buffer(output), target, dtype);
  l.write(output, "row-major", (made) => l.copy(buffer, view, made, wholeView(view.shape), dtype));
}
