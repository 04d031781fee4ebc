// A value as a window onto another's memory: transposing, slicing, broadcasting and reversing cost nothing until a kernel reads through them.
import { at, sizeOf, stridesOf, type Shape } from "@stria/core";

export interface View {
  readonly shape: Shape;
  /** Elements from one step along an axis to the next; 0 where broadcast, negative where reversed. */
  readonly strides: readonly number[];
  /** Elements before the first. */
  readonly offset: number;
}

export function wholeView(shape: Shape): View {
  return { shape, strides: stridesOf(shape), offset: 0 };
}

export function permute(view: View, permutation: readonly number[]): View {
  return {
    ...view,
    shape: permutation.map((axis) => at(view.shape, axis)),
    strides: permutation.map((axis) => at(view.strides, axis)),
  };
}

export function broadcast(view: View, shape: Shape): View {
  const lead = shape.length - view.shape.length;
  const strides = shape.map((length, axis) =>
    axis < lead || (at(view.shape, axis - lead) === 1 && length !== 1) ? 0 : at(view.strides, axis - lead),
  );
  return { ...view, shape, strides };
}

export function slice(view: View, start: readonly number[], size: readonly number[], stride: readonly number[]): View {
  return {
    shape: size,
    strides: view.strides.map((step, axis) => step * at(stride, axis)),
    offset: view.offset + view.strides.reduce((sum, step, axis) => sum + step * at(start, axis), 0),
  };
}

export function reverse(view: View, axes: readonly number[]): View {
  const last = (axis: number): number => Math.max(0, at(view.shape, axis) - 1);
  return {
    ...view,
    strides: view.strides.map((step, axis) => (axes.includes(axis) ? -step : step)),
    offset: axes.reduce((sum, axis) => sum + at(view.strides, axis) * last(axis), view.offset),
  };
}

/** The view in another shape, or undefined where no strides can say it and the elements have to be copied. */
export function reshape(view: View, shape: Shape): View | undefined {
  if (sizeOf(shape) === 0) return { shape, strides: stridesOf(shape), offset: 0 };
  const old = view.shape
    .map((length, axis) => ({ length, stride: at(view.strides, axis) }))
    .filter(({ length }) => length !== 1);
  const strides = Array<number>(shape.length).fill(0);
  let axis = shape.length - 1;
  let place = old.length - 1;
  while (place >= 0) {
    // A group of old axes and a group of new ones with the same number of elements.
    let { length: oldSize } = at(old, place);
    const innermost = at(old, place).stride;
    let newSize = 1;
    let step = innermost;
    for (;;) {
      while (axis >= 0 && newSize < oldSize) {
        const length = at(shape, axis);
        strides[axis] = step;
        step *= length;
        newSize *= length;
        axis--;
      }
      if (newSize === oldSize) break;
      // The new axis spans more old ones, which must be adjacent in memory.
      const inner = at(old, place);
      place--;
      const outer = old[place];
      if (!outer || outer.stride !== inner.stride * inner.length) return undefined;
      oldSize *= outer.length;
    }
    if (place >= 0 && newSize !== oldSize) return undefined;
    place--;
  }
  return { shape, strides, offset: view.offset };
}

/** Index spaces with adjacent axes merged where every one of the stride lists allows it, and axes of length 1 left out. */
export function mergeAxes(
  shape: Shape,
  lists: readonly (readonly number[])[],
): { sizes: number[]; strides: number[][]; axes: number[][] } {
  const sizes: number[] = [];
  const strides: number[][] = lists.map(() => []);
  const axes: number[][] = [];
  for (const [axis, length] of shape.entries()) {
    if (length === 1) continue;
    const mergeable =
      sizes.length > 0 &&
      lists.every((list, index) => at(at(strides, index), sizes.length - 1) === at(list, axis) * length);
    if (mergeable) {
      sizes[sizes.length - 1] = at(sizes, sizes.length - 1) * length;
      lists.forEach((list, index) => {
        at(strides, index)[sizes.length - 1] = at(list, axis);
      });
      at(axes, sizes.length - 1).push(axis);
    } else {
      sizes.push(length);
      lists.forEach((list, index) => at(strides, index).push(at(list, axis)));
      axes.push([axis]);
    }
  }
  return { sizes, strides, axes };
}
