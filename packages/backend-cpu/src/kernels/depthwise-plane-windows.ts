// The windows of a depthwise convolution over planes, and how they are divided: most see nothing but the plane, and those at its borders are known one by
// one.
import { sizeOf } from "@stria/core";

type Pair = readonly [rows: number, columns: number];

/** Sizes of a plane of the input and of the output, and how windows go over it. */
export interface PlaneWindows {
  readonly input: Pair;
  readonly output: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  readonly before: Pair;
}

/** Elements of the kernel at most: all are kept in registers. */
const mostTaps = 9;
/** With fewer columns too little of a vector is used. */
const leastColumns = 8;
/** Tiles at the borders, each with code of its own, at most. */
const mostBorderTiles = 4;

/** Where tiles of places begin along one axis: those that see padding, one by one, before and after a run of those that do not. */
interface Tiles {
  readonly size: number;
  readonly early: readonly number[];
  readonly first: number;
  readonly count: number;
  readonly late: readonly number[];
}

/** The tiles along an axis; the last one is moved back to lie inside. */
export function tilesAlong(
  { input, output, kernel, stride, dilation, before }: PlaneWindows,
  axis: 0 | 1,
  size: number,
): Tiles {
  const count = output[axis];
  const starts: number[] = [];
  for (let start = 0; start < count; start += size) starts.push(Math.max(0, Math.min(start, count - size)));
  const reach = (size - 1) * stride[axis] + (kernel[axis] - 1) * dilation[axis];
  const isInside = (start: number): boolean => {
    const low = start * stride[axis] - before[axis];
    return low >= 0 && low + reach < input[axis];
  };
  // The one that is moved back is no step further than the one before it.
  const regular = starts.filter((start) => start % size === 0 && isInside(start));
  const [first = count] = regular;
  const last = regular.at(-1) ?? -1;
  return {
    size,
    early: starts.filter((start) => start < first && start !== last),
    first,
    count: regular.length,
    late: starts.filter((start) => start > last && start > first),
  };
}

/** Rows of the output that are computed together: with stride 1 they share more of what they read, and leave registers for more sums. */
export function rowsTogether({ output, stride }: PlaneWindows): number {
  return Math.min(output[0], stride[0] === 1 ? 4 : 2);
}

/** Whether planes are computed as they lie. */
export function suitsPlanes(windows: PlaneWindows): boolean {
  const { input, output, kernel, stride } = windows;
  if (stride[1] > 2 || sizeOf(kernel) > mostTaps || input[0] === 0 || output[0] === 0) return false;
  if (input[1] < leastColumns || output[1] < leastColumns) return false;
  return ([0, 1] as const).every((axis) => {
    const { early, late } = tilesAlong(windows, axis, axis === 0 ? rowsTogether(windows) : 4);
    return early.length + late.length <= mostBorderTiles;
  });
}
