// Average pooling over arrays [n, ...spatial, c], and what follows the winners of another max pooling.
import { sizeOf } from "@stria/core";
import { averagePoolGradientLastKernel, averagePoolLastKernel } from "../../kernels/channels-last/average-pool.ts";
import {
  maxPoolGatherLastKernel,
  maxPoolSpreadLastKernel,
  spreadUnits,
} from "../../kernels/channels-last/max-pool-indexed.ts";
import type { BufferId, ProgramBuilder } from "../steps.ts";
import { type PoolGeometry, visits } from "./pooling.ts";

/** The gradient goes to winners that may lie anywhere in their planes. */
export function addMaxPoolSpreadLast(
  builder: ProgramBuilder,
  g: PoolGeometry,
  { dy, indices, dx }: { readonly dy: BufferId; readonly indices: BufferId; readonly dx: BufferId },
): void {
  const spec = { channels: g.channels, places: sizeOf(g.places), plane: sizeOf(g.input) };
  builder.step({
    kernel: maxPoolSpreadLastKernel(spec),
    arguments: [{ buffer: indices }, { buffer: dy }, { buffer: dx }],
    units: spreadUnits(spec, g.batch),
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
