// Max pooling over arrays [n, ...spatial, c]: the steps, for buffers that hold such arrays from their first byte. No input is padded.
import { sizeOf } from "@stria/core";
import { maxPoolGradientLastKernel } from "../../kernels/channels-last/max-pool-gradient.ts";
import { maxPoolLastKernel } from "../../kernels/channels-last/max-pool.ts";
import type { WindowGeometry } from "../../kernels/channels-last/places.ts";
import { maxPoolRowsKernel } from "../../kernels/on-demand.ts";
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
export function visits(g: PoolGeometry): number {
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

/** The gradient goes to the winners, each of which lies in its own window, as `addMaxPoolLast` writes them. */
export function addMaxPoolGradientLast(
  builder: ProgramBuilder,
  g: PoolGeometry,
  { dy, indices, dx }: { readonly dy: BufferId; readonly indices: BufferId; readonly dx: BufferId },
): void {
  builder.step({
    kernel: maxPoolGradientLastKernel(g),
    arguments: [{ buffer: indices }, { buffer: dy }, { buffer: dx }],
    units: g.batch * sizeOf(g.input),
    cost: visits(g) * 4,
    reads: [dy, indices],
    writes: [dx],
  });
}
