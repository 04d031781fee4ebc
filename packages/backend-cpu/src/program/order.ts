// In which order the elements of a value lie in memory. Shapes stay [images, channels, ...spatial]; the order is a matter of strides.
import { at, sizeOf, stridesOf, type Shape } from "@stria/core";
import type { View } from "./view.ts";

/** Row-major: [n, c, ...spatial]. Channels-last: [n, ...spatial, c], so that the channels of one pixel are neighbours. */
export type Order = "row-major" | "channels-last";

/** Axes from the outermost in memory to the innermost. */
export function memoryAxes(rank: number, order: Order): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return order === "row-major" || rank < 3 ? axes : [0, ...axes.slice(2), 1];
}

/** A whole buffer in an order. */
export function orderedView(shape: Shape, order: Order): View {
  const axes = memoryAxes(shape.length, order);
  const pitch = stridesOf(axes.map((axis) => at(shape, axis)));
  const strides = Array<number>(shape.length).fill(0);
  axes.forEach((axis, place) => {
    strides[axis] = at(pitch, place);
  });
  return { shape, strides, offset: 0 };
}

/** Whether two views of equal shapes show the same elements of a memory. */
export function sameView(a: View, b: View): boolean {
  if (sizeOf(a.shape) === 0) return true;
  return (
    a.offset === b.offset &&
    a.shape.every((length, axis) => length === 1 || at(a.strides, axis) === at(b.strides, axis))
  );
}

/** Whether a view is a whole buffer in this order. */
export function liesIn(view: View, order: Order): boolean {
  return sameView(view, orderedView(view.shape, order));
}

/** Whether the order makes no difference: one channel, or one pixel. */
export function isSameInAnyOrder(shape: Shape): boolean {
  return liesIn(orderedView(shape, "channels-last"), "row-major");
}
