// The windows of convolution and pooling, spelled out: which element of the input's plane each element of each window reads.
import { type Shape, at, sizeOf } from "../tensor/aval.ts";
import type { NodeSpec } from "../backend.ts";
import { listAttribute, pairsAttribute } from "./node.ts";

export interface Windows {
  /** Elements of the input's plane. */
  readonly plane: number;
  /** Windows. */
  readonly places: number;
  /** Elements of a window. */
  readonly taps: number;
  /** Element `place * taps + tap`: the row-major place in the plane that is read there; -1 in the padding. */
  readonly reads: Int32Array;
}

/** The coordinates of every element of `shape`, in row-major order. */
function coordinates(shape: Shape): number[][] {
  let found: number[][] = [[]];
  for (const length of shape) found = found.flatMap((outer) => Array.from({ length }, (_, k) => [...outer, k]));
  return found;
}

/** Windows of size `kernel` over a plane `spatial`, at `places` places an axis, with the node's stride, dilation and padding. */
export function windowsOf(node: NodeSpec, spatial: Shape, places: Shape, kernel: Shape): Windows {
  const [stride, dilation, padding] = [
    listAttribute(node, "stride"),
    listAttribute(node, "dilation"),
    pairsAttribute(node, "padding"),
  ];
  const taps = coordinates(kernel);
  const reads = coordinates(places).flatMap((place) =>
    taps.map((tap) => {
      let read = 0;
      for (const [axis, length] of spatial.entries()) {
        const coordinate =
          at(place, axis) * at(stride, axis) + at(tap, axis) * at(dilation, axis) - at(padding, axis)[0];
        if (coordinate < 0 || coordinate >= length) return -1;
        read = read * length + coordinate;
      }
      return read;
    }),
  );
  return { plane: sizeOf(spatial), places: sizeOf(places), taps: taps.length, reads: Int32Array.from(reads) };
}

/** How many windows there are along each axis of a plane: floor((n + before + after - dilation (k - 1) - 1) / stride) + 1. */
export function placesOf(node: NodeSpec, spatial: Shape, kernel: Shape): number[] {
  const [stride, dilation, padding] = [
    listAttribute(node, "stride"),
    listAttribute(node, "dilation"),
    pairsAttribute(node, "padding"),
  ];
  return spatial.map((length, axis) => {
    const [before, after] = at(padding, axis);
    return (
      Math.floor((length + before + after - at(dilation, axis) * (at(kernel, axis) - 1) - 1) / at(stride, axis)) + 1
    );
  });
}
