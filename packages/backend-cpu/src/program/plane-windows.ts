// Which convolutions are computed plane by plane where images lie so.
import { type PlaneWindows, suitsPlanes } from "../kernels/depthwise-plane-windows.ts";
import { isDepthwiseShape } from "./channels-last/algorithms.ts";
import type { ConvolutionGeometry } from "./convolution.ts";

function pair(list: readonly number[]): readonly [number, number] | undefined {
  const [rows, columns, ...others] = list;
  return rows === undefined || columns === undefined || others.length > 0 ? undefined : [rows, columns];
}

/** The windows of a depthwise convolution over two axes that suits planes. */
export function planeWindowsOf(g: ConvolutionGeometry): PlaneWindows | undefined {
  if (!isDepthwiseShape(g)) return undefined;
  const [input, output, kernel] = [pair(g.input), pair(g.places), pair(g.kernel)];
  const [stride, dilation, before] = [pair(g.stride), pair(g.dilation), pair(g.before)];
  if (!input || !output || !kernel || !stride || !dilation || !before) return undefined;
  const windows = { input, output, kernel, stride, dilation, before };
  return suitsPlanes(windows) ? windows : undefined;
}
