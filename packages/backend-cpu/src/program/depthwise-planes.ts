// Depthwise convolution where images lie channel by channel, at a graph's borders: to turn them to pixels and back would take longer than to convolve.
import { sizeOf } from "@stria/core";
import type { PlaneWindows } from "../kernels/depthwise-plane-windows.ts";
import { depthwisePlanesArguments, depthwisePlanesKernel } from "../kernels/depthwise-planes.ts";
import type { Tile } from "../kernels/tile.ts";
import type { ConvolutionGeometry } from "./convolution.ts";
import type { PixelEpilogue } from "./channels-last/pixels.ts";
import type { Operand } from "./product.ts";
import type { Argument, BufferId, ProgramBuilder } from "./steps.ts";

/** All row-major: x [n, channels, ...], weight [outputs, 1, ...kernel], y [n, outputs, ...]. */
export function addDepthwisePlanes(
  builder: ProgramBuilder,
  { fused }: Tile,
  g: ConvolutionGeometry,
  windows: PlaneWindows,
  buffers: {
    readonly x: BufferId;
    readonly weight: BufferId;
    readonly y: BufferId;
    readonly bias: Operand | undefined;
  },
  { relu, most }: PixelEpilogue,
): void {
  const { x, weight, y, bias } = buffers;
  const values: Record<(typeof depthwisePlanesArguments)[number], Argument> = {
    input: { buffer: x },
    weight: { buffer: weight },
    output: { buffer: y },
    bias: bias ? { buffer: bias.buffer, offset: bias.offset * 4 } : 0,
    outputs: g.outputs,
  };
  const units = g.batch * g.outputs;
  builder.step({
    kernel: depthwisePlanesKernel({
      windows,
      times: g.outputs / g.channels,
      bias: bias !== undefined,
      relu,
      most,
      fused,
    }),
    arguments: depthwisePlanesArguments.map((name) => values[name]),
    units,
    cost: (units * (sizeOf(windows.output) * sizeOf(windows.kernel) + sizeOf(windows.input))) / 4,
    reads: [x, weight, ...(bias ? [bias.buffer] : [])],
    writes: [y],
  });
}
