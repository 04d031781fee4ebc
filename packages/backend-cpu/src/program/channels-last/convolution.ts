// Convolution over channels-last arrays.
import { at, sizeOf } from "@stria/core";
import { padRowsKernel } from "../../kernels/channels-last/pad-rows.ts";
import type { Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";

import type { ProgramBuilder } from "../steps.ts";
import { addIndirect } from "./indirect.ts";
import type { ForwardOperands, PixelEpilogue, PixelOperand } from "./pixels.ts";
import type { WindowAxis } from "./window.ts";

/** With so few channels the runs of a window are too short to be worth a pointer each. */
const fewChannels = 8;

/** y[n, place, o] = sum over c, k of w[o, c, k] x[n, place * stride + k * dilation - before, c]; the weight lies row-major, [o, c, ...kernel]. */
export function addConvolutionLast(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: ForwardOperands,
  epilogue: PixelEpilogue,
): void {
  const taps = sizeOf(g.kernel);
  const [depth, columns] = [g.channels / g.groups, g.outputs / g.groups];
  const axes = g.input.map((size, axis): WindowAxis => {
    const places = at(g.places, axis);
    return {
      size,
      places,
      taps: at(g.kernel, axis),
      start: -at(g.before, axis),
      placeStep: at(g.stride, axis),
      tapStep: at(g.dilation, axis),
      outputStart: 0,
      outputStep: 1,
      outputSize: places,
    };
  });
  const request = {
    images: g.batch,
    groups: g.groups,
    depth,
    columns,
    axes,
    weightAxes: {
      column: depth * taps,
      depth: taps,
      group: columns * depth * taps,
      taps: Array.from({ length: taps }, (_, tap) => tap),
    },
    ...buffers,
    epilogue,
  };
  const inner = axes.at(-1);
  const mergeable = inner && inner.taps > 1 && inner.tapStep === 1 && g.groups === 1 && depth <= fewChannels;
  if (mergeable && (buffers.x.pitch ?? depth) === depth) {
    const padded = withRowsPadded(builder, g, buffers.x, inner);
    addIndirect(builder, tile, {
      ...request,
      x: padded.x,
      axes: [...axes.slice(0, -1), { ...inner, size: padded.size, start: 0 }],
      merged: true,
    });
  } else addIndirect(builder, tile, request);
}

/** The input with its rows so long that no window leaves them. */
function withRowsPadded(
  builder: ProgramBuilder,
  g: ConvolutionGeometry,
  x: PixelOperand,
  inner: WindowAxis,
): { x: PixelOperand; size: number } {
  const before = -inner.start;
  const size = Math.max((inner.places - 1) * inner.placeStep + inner.taps, before + inner.size);
  if (size === inner.size) return { x, size };
  const rows = g.batch * sizeOf(g.input.slice(0, -1));
  const buffer = builder.local(rows * size * g.channels * 4);
  builder.step({
    kernel: padRowsKernel,
    arguments: [
      { buffer: x.buffer, offset: x.offset * 4 },
      { buffer },
      inner.size * g.channels * 4,
      before * g.channels * 4,
      size * g.channels * 4,
    ],
    units: rows,
    cost: (rows * size * g.channels) / 4,
    reads: [x.buffer],
    writes: [buffer],
  });
  return { x: { buffer, offset: 0 }, size };
}
