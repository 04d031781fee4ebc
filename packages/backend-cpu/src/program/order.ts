// In which order the elements of a value lie in memory. Shapes stay [images, channels, ...spatial]; the order is a matter of strides.
import { at, sizeOf, type Shape } from "@stria/core";
import type { View } from "./view.ts";

/** Row-major: [n, c, ...spatial]. Channels-last: [n, ...spatial, c], so that the channels of one pixel are neighbours. */
export type Order = "row-major" | "channels-last";

/** Axes from the outermost in memory to the innermost. */
export function memoryAxes(rank: number, order: Order): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return order === "row-major" || rank < 3 ? axes : [0, ...axes.slice(2), 1];
}

/** Whether every axis of a whole buffer in an order, with its stride, is what `visit` wants; from the innermost outwards. */
function everyStride(shape: Shape, order: Order, visit: (axis: number, stride: number) => boolean): boolean {
  const turned = order === "channels-last" && shape.length > 2;
  let stride = 1;
  for (let place = shape.length - 1; place >= 0; place--) {
    // Turned round, the channels are innermost, and everything between them and the images lies one place further in.
    const axis = !turned || place === 0 ? place : place === shape.length - 1 ? 1 : place + 1;
    if (!visit(axis, stride)) return false;
    stride *= at(shape, axis);
  }
  return true;
}

/** A whole buffer in an order. */
export function orderedView(shape: Shape, order: Order): View {
  const strides = Array<number>(shape.length).fill(0);
  everyStride(shape, order, (axis, stride) => {
    strides[axis] = stride;
    return true;
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
export function liesIn({ shape, strides, offset }: View, order: Order): boolean {
  if (shape.includes(0)) return true;
  return (
    offset === 0 && everyStride(shape, order, (axis, stride) => at(shape, axis) === 1 || at(strides, axis) === stride)
  );
}

/** Whether the order makes no difference: one channel, or one pixel. */
export function isSameInAnyOrder(shape: Shape): boolean {
  const [, channels, ...spatial] = shape;
  return shape.includes(0) || channels === 1 || spatial.every((length) => length === 1);
}
