// The gradient of convolution by its input, over channels-last arrays; it is transposed convolution too.
import { at, sizeOf, stridesOf } from "@stria/core";
import type { Tile } from "../../kernels/tile.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import { phasesOf, product, type PhaseAxis } from "../phases.ts";

import type { ProgramBuilder } from "../steps.ts";
import { addIndirect } from "./indirect.ts";
import type { InputGradientOperands, PixelEpilogue } from "./pixels.ts";
import type { WindowAxis } from "./window.ts";

/**
 * dx[n, i, c] = sum over o, k of w[o, c, k] dy[n, place, o], where place * stride + k * dilation - before = i. Every phase of the stride is a window of
 * its own over dy, so no multiplication by an inserted zero is made; pixels that no element of the kernel reaches get the bias alone.
 */
export function addInputGradientLast(
  builder: ProgramBuilder,
  tile: Tile,
  g: ConvolutionGeometry,
  buffers: InputGradientOperands,
  epilogue: PixelEpilogue,
): void {
  const taps = sizeOf(g.kernel);
  const [depth, columns] = [g.outputs / g.groups, g.channels / g.groups];
  const phases = g.input.map((size, axis) =>
    phasesOf(size, at(g.kernel, axis), at(g.stride, axis), at(g.dilation, axis), at(g.before, axis)),
  );
  for (const phase of product(phases))
    addIndirect(builder, tile, {
      images: g.batch,
      groups: g.groups,
      depth,
      columns,
      axes: phase.map((axis, index) => windowOf(g, axis, index)),
      weightAxes: { column: taps, depth: columns * taps, group: depth * columns * taps, taps: tapsOf(g, phase) },
      x: buffers.dy,
      weight: buffers.weight,
      y: buffers.dx,
      bias: buffers.bias,
      epilogue,
    });
}

/** The window over dy that the pixels of a phase have. */
function windowOf(g: ConvolutionGeometry, phase: PhaseAxis, axis: number): WindowAxis {
  return {
    size: at(g.places, axis),
    places: phase.count,
    taps: phase.taps,
    start: phase.firstPlace,
    placeStep: 1,
    tapStep: -phase.placeStep,
    outputStart: phase.start,
    outputStep: at(g.stride, axis),
    outputSize: at(g.input, axis),
  };
}

/** The elements of the kernel that a phase uses, as offsets in the kernel. */
function tapsOf(g: ConvolutionGeometry, phase: readonly PhaseAxis[]): number[] {
  const strides = stridesOf(g.kernel);
  const lists = phase.map((axis, index) =>
    Array.from({ length: axis.taps }, (_, tap) => (axis.firstTap + tap * axis.tapStep) * at(strides, index)),
  );
  return product(lists).map((offsets) => offsets.reduce((sum, offset) => sum + offset, 0));
}
