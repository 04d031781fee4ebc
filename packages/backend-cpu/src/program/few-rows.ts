// Turns a matrix product of few rows into a step that packs nothing.
import { canBeFewRows, fewRowsArguments, fewRowsColumns } from "../kernels/few-rows-arguments.ts";
import { fewRowsKernel } from "../kernels/on-demand.ts";
import type { Tile } from "../kernels/tile.ts";
import { floatBits } from "../loops/vector.ts";
import type { Operand, ProductRequest, TableAxes } from "./product.ts";
import type { Argument, ProgramBuilder } from "./steps.ts";

/** Elements from one entry to the next, where they are evenly spaced. */
function spacing(axes: TableAxes): number | undefined {
  return axes.length > 1 ? undefined : (axes[0]?.[1] ?? 0);
}

function entries(axes: TableAxes): number {
  return axes.reduce((product, [length]) => product * length, 1);
}

/** Adds the step where there are few rows and both operands lie along the depth; returns whether that is so. */
export function addFewRows(builder: ProgramBuilder, { fused }: Tile, request: ProductRequest): boolean {
  const { a, b, c, bias, epilogue, batch } = request;
  const [rows, columns, depth] = [entries(request.rows.a), entries(request.columns.b), entries(request.depth.a)];
  const [pitchA, pitchB] = [spacing(request.rows.a), spacing(request.columns.b)];
  const isDense = [request.depth.a, request.depth.b].every((axes) => spacing(axes) === 1);
  const [entry] = batch;
  if (!entry || batch.length > 1 || rows === 0 || columns === 0 || !isDense) return false;
  if (!canBeFewRows(rows, depth)) return false;
  if (pitchA === undefined || pitchB === undefined || spacing(request.columns.c) === undefined) return false;
  if (epilogue.bias === "row" || (columns > 1 && spacing(request.columns.c) !== 1)) return false;
  const address = ({ buffer, offset }: Operand, more: number): Argument => ({ buffer, offset: (offset + more) * 4 });
  const values: Record<(typeof fewRowsArguments)[number], Argument> = {
    a: address(a, entry.a),
    b: address(b, entry.b),
    c: address(c, entry.c),
    bias: bias ? address(bias, entry.bias) : 0,
    columns,
    depth: depth * 4,
    pitchA: pitchA * 4,
    pitchB: pitchB * 4,
    pitchC: request.rows.cStride * 4,
    least: floatBits(epilogue.relu ? 0 : -Infinity),
  };
  builder.step({
    kernel: fewRowsKernel(rows, fused),
    arguments: fewRowsArguments.map((name) => values[name]),
    units: Math.ceil(columns / fewRowsColumns),
    cost: (rows * columns * depth) / 4,
    reads: [a.buffer, b.buffer, ...(bias ? [bias.buffer] : [])],
    writes: [c.buffer],
  });
  return true;
}
