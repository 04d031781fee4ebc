// Turns a matrix product over tables of offsets into steps: pack A, then multiply, packing B on the way.
import { at } from "@stria/core";
import { packKernel, productKernel, productScratchBytes } from "../kernels/gemm.ts";
import type { Epilogue } from "../kernels/micro-kernel.ts";
import type { PackDirection } from "../kernels/pack.ts";
import { tileColumns, type Tile } from "../kernels/tile.ts";
import type { BufferId, ProgramBuilder } from "./steps.ts";

/** An axis of a table: so many entries, so many elements from one to the next. */
export type TableAxis = readonly [length: number, stride: number];

/** Offsets of a product's rows, columns or inner steps, in elements: a row-major walk over some axes. */
export type TableAxes = readonly TableAxis[];

export interface Operand {
  readonly buffer: BufferId;
  /** Elements before the first. */
  readonly offset: number;
}

export interface ProductRequest {
  readonly a: Operand;
  readonly b: Operand;
  readonly c: Operand;
  readonly bias: Operand | undefined;
  readonly epilogue: Epilogue;
  /** Offsets in A and C of a row; the rows of C are evenly spaced. */
  readonly rows: { readonly a: TableAxes; readonly cStride: number };
  readonly columns: { readonly b: TableAxes; readonly c: TableAxes };
  readonly depth: { readonly a: TableAxes; readonly b: TableAxes };
  /** For each product of the batch: offsets in A, B, C and the bias. */
  readonly batch: readonly { readonly a: number; readonly b: number; readonly c: number; readonly bias: number }[];
}

/** What is packed and multiplied at a time. The steps along K decide the order of sums, and depend on nothing but how many there are. */
interface Blocks {
  /** Steps along K: a panel of each operand fits the first-level cache. */
  readonly depth: number;
  /** Columns of B at most: they share the second-level cache with a block of A. */
  readonly columns: number;
}

const usualBlocks: Blocks = { depth: 256, columns: 512 };
/** For few steps more, where C need not be read again. (512 by 512 by 512, of the register peak: 87 % in two blocks, 92 % in one.) */
const wholeBlocks: Blocks = { depth: 512, columns: 128 };

function blocksOf(depth: number): Blocks {
  return depth > usualBlocks.depth && depth <= wholeBlocks.depth ? wholeBlocks : usualBlocks;
}

function entries(axes: TableAxes): number {
  return axes.reduce((product, [length]) => product * length, 1);
}

/** Entries that a packer may read beyond the last: the rest of a panel. */
const tablePadding = 16;

function tableOf(builder: ProgramBuilder, axes: TableAxes): BufferId {
  return builder.table(JSON.stringify(axes), () => {
    const count = entries(axes);
    const table = new Int32Array(count + tablePadding);
    let filled = 1;
    for (const [length, stride] of axes.toReversed()) {
      for (let step = 1; step < length; step++)
        for (let i = 0; i < filled; i++) table[step * filled + i] = (table[i] ?? 0) + step * stride * 4;
      filled *= length;
    }
    table.fill(table[count - 1] ?? 0, count);
    return table;
  });
}

/** Whether an operand's neighbours in memory run across the panel or along K. */
function direction(across: TableAxes, along: TableAxes): PackDirection {
  const run = (axes: TableAxes): number => {
    const [length, stride] = axes.at(-1) ?? [1, 1];
    return stride === 1 ? length : 1;
  };
  return run(along) >= 4 && run(along) > run(across) ? "along" : "across";
}

/** Adds the steps of any product. One of few rows may be computed without packing: see `few-rows.ts`. */
export function addProduct(builder: ProgramBuilder, tile: Tile, request: ProductRequest): void {
  const { a, b, c, bias, epilogue } = request;
  const rows = entries(request.rows.a);
  const columns = entries(request.columns.b);
  const depth = entries(request.depth.a);
  const count = request.batch.length;
  if (rows === 0 || columns === 0 || count === 0) return;
  const panels = Math.ceil(rows / tile.rows);
  const packedMatrix = panels * tile.rows * depth;
  const packed = new Map<number, number>();
  for (const entry of request.batch) if (!packed.has(entry.a)) packed.set(entry.a, packed.size * packedMatrix);

  const batchKey = JSON.stringify(request.batch);
  const batches = builder.table(`batch ${packedMatrix} ${batchKey}`, () =>
    Int32Array.from(
      request.batch.flatMap((entry) =>
        [packed.get(entry.a) ?? 0, entry.b, entry.c, entry.bias, entry.a].map((elements) => elements * 4),
      ),
    ),
  );
  // A matrix that the batch uses again and again is packed once.
  const distinct = builder.table(`packed ${packedMatrix} ${batchKey}`, () =>
    Int32Array.from([...packed].flatMap(([from, to]) => [to * 4, 0, 0, 0, from * 4])),
  );
  const packedA = builder.local(packed.size * packedMatrix * 4);
  const depthA = tableOf(builder, request.depth.a);
  const depthB = tableOf(builder, request.depth.b);
  const rowsA = tableOf(builder, request.rows.a);
  const columnsB = tableOf(builder, request.columns.b);
  const columnsC = tableOf(builder, request.columns.c);

  builder.step({
    kernel: packKernel(tile.rows, direction(request.rows.a, request.depth.a)),
    arguments: [
      address(a),
      { buffer: packedA },
      { buffer: rowsA },
      { buffer: depthA },
      { buffer: distinct },
      depth,
      panels,
    ],
    units: panels * packed.size,
    cost: packed.size * packedMatrix,
    reads: [a.buffer],
    writes: [packedA],
  });

  const blocks = blocksOf(depth);
  const width = tileColumns(tile);
  const columnPanels = Math.ceil(columns / width);
  const wanted = builder.threads === 1 ? 1 : builder.threads * 4;
  const perUnit = Math.max(
    1,
    Math.min(Math.floor(blocks.columns / width), columnPanels, Math.ceil((columnPanels * count) / wanted)),
  );
  const columnUnits = Math.ceil(columnPanels / perUnit);
  // Few columns and many rows: the rows are divided too, though each unit then packs the same columns.
  const rowUnits = Math.max(1, Math.min(Math.floor(wanted / (columnUnits * count)), Math.floor(panels / 8)));
  const rowPanels = Math.ceil(panels / rowUnits);
  builder.step({
    kernel: productKernel(tile, direction(request.columns.b, request.depth.b), epilogue, rows),
    arguments: [
      { buffer: packedA },
      address(b),
      address(c),
      bias ? address(bias) : 0,
      { buffer: columnsB },
      { buffer: depthB },
      { buffer: columnsC },
      { buffer: batches },
      rows,
      columns,
      depth,
      blocks.depth,
      perUnit,
      columnUnits,
      rowPanels,
      Math.ceil(panels / rowPanels),
      request.rows.cStride * 4,
    ],
    units: columnUnits * Math.ceil(panels / rowPanels) * count,
    cost: (rows * columns * depth * count) / 4,
    scratchBytes: productScratchBytes(tile, perUnit, blocks.depth),
    reads: [packedA, b.buffer, ...(bias ? [bias.buffer] : [])],
    writes: [c.buffer],
  });
}

function address(operand: Operand): { buffer: BufferId; offset: number } {
  return { buffer: operand.buffer, offset: operand.offset * 4 };
}

/** Axes of length 1 left out, neighbours merged where the strides allow it: equal tables get equal keys, and runs become visible. */
export function tableAxes(lengths: readonly number[], strides: readonly number[]): TableAxes {
  const axes: [number, number][] = [];
  for (const [axis, length] of lengths.entries()) {
    if (length === 1) continue;
    const stride = at(strides, axis);
    const last = axes.at(-1);
    if (last && last[1] === stride * length) {
      last[0] *= length;
      last[1] = stride;
    } else axes.push([length, stride]);
  }
  return axes;
}
