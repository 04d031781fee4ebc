// Pooling over arrays [n, ...spatial, c]: the steps, for buffers that hold such arrays from their first byte. No input is padded.
import { sizeOf } from "@stria/core";
import {
  maxPoolGatherLastKernel,
  maxPoolGradientLastKernel,
  maxPoolSpreadLastKernel,
  spreadUnits,
} from "../../kernels/channels-last/max-pool-indexed.ts";
import { maxPoolRowsKernel } from "../../kernels/channels-last/max-pool-rows.ts";
import { maxPoolLastKernel } from "../../kernels/channels-last/max-pool.ts";
import type { WindowGeometry } from "../../kernels/channels-last/places.ts";
import { averagePoolGradientLastKernel, averagePoolLastKernel } from "../../kernels/on-demand.ts";
import type { BufferId, ProgramBuilder } from "../steps.ts";

export interface PoolGeometry extends WindowGeometry {
  readonly batch: number;
}

/** Rows of the input that one window reaches, at most. */
const mostRows = 16;

/** Whether `maxPoolRowsKernel` takes the windows. */
function suitsRows({ kernel }: WindowGeometry): boolean {
  return kernel.length > 1 && sizeOf(kernel.slice(0, -1)) <= mostRows && (kernel.at(-1) ?? 1) <= 8;
}

/** Loads of vectors from all windows, roughly. */
function visits(g: PoolGeometry): number {
  return g.batch * Math.ceil(g.channels / 4) * sizeOf(g.places) * sizeOf(g.kernel);
}

/** The largest element of each window and, where they are wanted, the row-major places of the winners in their planes. */
export function addMaxPoolLast(
  builder: ProgramBuilder,
  g: PoolGeometry,
  { x, values, indices }: { readonly x: BufferId; readonly values: BufferId; readonly indices: BufferId | undefined },
): void {
  const targets = indices === undefined ? [values] : [values, indices];
  const byRows = indices === undefined && suitsRows(g);
  builder.step({
    kernel: byRows ? maxPoolRowsKernel(g) : maxPoolLastKernel(g, indices !== undefined),
    arguments: [x, ...targets].map((buffer) => ({ buffer })),
    units: g.batch * sizeOf(byRows ? g.places.slice(0, -1) : g.places),
    cost: visits(g) * 4,
    reads: [x],
    writes: targets,
  });
}

/** The gradient goes to the winners. `ownWindows` promises that every winner lies in its own window, as `addMaxPoolLast` writes them. */
export function addMaxPoolGradientLast(
  builder: ProgramBuilder,
  g: PoolGeometry,
  { dy, indices, dx }: { readonly dy: BufferId; readonly indices: BufferId; readonly dx: BufferId },
  ownWindows: boolean,
): void {
  const spec = { channels: g.channels, places: sizeOf(g.places), plane: sizeOf(g.input) };
  builder.step({
    kernel: ownWindows ? maxPoolGradientLastKernel(g) : maxPoolSpreadLastKernel(spec),
    arguments: [{ buffer: indices }, { buffer: dy }, { buffer: dx }],
    units: ownWindows ? g.batch * sizeOf(g.input) : spreadUnits(spec, g.batch),
    cost: visits(g) * 4,
    reads: [dy, indices],
    writes: [dx],
  });
}

/** The elements of x at the winners' places. */
export function addMaxPoolGatherLast(
  builder: ProgramBuilder,
  g: PoolGeometry,
  { x, indices, y }: { readonly x: BufferId; readonly indices: BufferId; readonly y: BufferId },
): void {
  const places = sizeOf(g.places);
  builder.step({
    kernel: maxPoolGatherLastKernel({ channels: g.channels, places, plane: sizeOf(g.input) }),
    arguments: [{ buffer: indices }, { buffer: x }, { buffer: y }],
    units: g.batch * places,
    cost: g.batch * places * g.channels * 4,
    reads: [x, indices],
    writes: [y],
  });
}

/** The mean of each window, in which padding counts as zeros. */
export function addAveragePoolLast(
  builder: ProgramBuilder,
  g: PoolGeometry,
  { x, y }: { readonly x: BufferId; readonly y: BufferId },
): void {
  builder.step({
    kernel: averagePoolLastKernel(g),
    arguments: [{ buffer: x }, { buffer: y }],
    units: g.batch * sizeOf(g.places),
    cost: visits(g) * 2,
    reads: [x],
    writes: [y],
  });
}

export function addAveragePoolGradientLast(
  builder: ProgramBuilder,
  g: PoolGeometry,
  { dy, dx }: { readonly dy: BufferId; readonly dx: BufferId },
): void {
  builder.step({
    kernel: averagePoolGradientLastKernel(g),
    arguments: [{ buffer: dy }, { buffer: dx }],
    units: g.batch * sizeOf(g.input),
    cost: visits(g) * 2 + (g.batch * sizeOf(g.input) * g.channels) / 4,
    reads: [dy],
    writes: [dx],
  });
}
