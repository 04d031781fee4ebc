// Reading and writing at indices, and sorting.
import { at, bytesOf, sizeOf, type GraphNode } from "@stria/core";
import { argSortScratch, longLane } from "../../kernels/arg-sort-scratch.ts";
import { argSortKernel } from "../../kernels/arg-sort.ts";
import { gatherKernel, takeKernel } from "../../kernels/read-at.ts";
import { writeAtKernel, type Written } from "../../kernels/write-at.ts";
import { flag, numberOf } from "../classify.ts";
import type { Lowering } from "../lower.ts";
import { inputOf } from "./rule.ts";

/** Vector operations that each thread should have before the places of a plane are shared out: every thread looks at all indices. */
const worthSharing = 16_384;

export function take(l: Lowering, node: GraphNode): void {
  read(l, node, true);
}

export function gather(l: Lowering, node: GraphNode): void {
  read(l, node, false);
}

function read(l: Lowering, node: GraphNode, rows: boolean): void {
  const [input, output] = [inputOf(node, 0), at(node.outputs, 0)];
  const { shape, dtype } = at(l.graph.values, input);
  const axis = numberOf(node.attrs, "axis");
  const places = rows ? sizeOf(l.shapeOf(inputOf(node, 1))) : at(l.shapeOf(output), axis);
  const row = sizeOf(shape.slice(axis + 1));
  const [x, indices, result] = [l.dense(input), l.dense(inputOf(node, 1)), l.buffer(output)];
  const bytes = bytesOf(dtype);
  l.builder.step({
    kernel: rows ? takeKernel(dtype) : gatherKernel(dtype),
    arguments: [
      { buffer: x },
      { buffer: indices },
      { buffer: result },
      places,
      at(shape, axis),
      rows ? row * bytes : row,
    ],
    // A row without elements needs no unit.
    units: row === 0 ? 0 : sizeOf(shape.slice(0, axis)) * places,
    cost: (rows ? bytes / 16 : 1) * sizeOf(l.shapeOf(output)),
    reads: [x, indices],
    writes: [result],
  });
}

export function takeGradient(l: Lowering, node: GraphNode): void {
  write(l, node, "rows");
}

export function gatherGradient(l: Lowering, node: GraphNode): void {
  write(l, node, "elements");
}

export function scatterPlaces(l: Lowering, node: GraphNode): void {
  write(l, node, "places");
}

function write(l: Lowering, node: GraphNode, written: Written): void {
  const places = inputOf(node, node.inputs.length - 1);
  const output = at(node.outputs, 0);
  const { shape, dtype } = at(l.graph.values, output);
  const [axis, length] = [numberOf(node.attrs, "axis"), numberOf(node.attrs, "length")];
  const count = written === "rows" ? sizeOf(l.shapeOf(places)) : at(l.shapeOf(places), axis);
  const [planes, row] = [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis + 1))];
  const work = (count * row) / (written === "rows" ? 4 : 1);
  const wanted = work < worthSharing ? 1 : Math.ceil(l.builder.threads / Math.max(1, planes));
  const block = Math.max(1, Math.ceil(length / wanted));
  const blocks = Math.ceil(length / block);
  const [updates, indices, result] = [l.dense(inputOf(node, 0)), l.dense(places), l.buffer(output)];
  l.builder.step({
    kernel: writeAtKernel(written, dtype === "float32"),
    arguments: [{ buffer: updates }, { buffer: indices }, { buffer: result }, count, length, row, blocks, block],
    units: row === 0 ? 0 : planes * blocks,
    cost: planes * (work * blocks + (length * row) / 4),
    reads: [...new Set([updates, indices])],
    writes: [result],
  });
}

export function argSort(l: Lowering, node: GraphNode): void {
  const input = inputOf(node, 0);
  const { dtype, shape } = at(l.graph.values, input);
  const axis = numberOf(node.attrs, "axis");
  const [length, inner] = [at(shape, axis), sizeOf(shape.slice(axis + 1))];
  const long = length >= longLane;
  const [x, result] = [l.dense(input), l.buffer(at(node.outputs, 0))];
  l.builder.step({
    kernel: argSortKernel({ dtype, descending: flag(node.attrs, "descending"), long }),
    arguments: [{ buffer: x }, { buffer: result }, length, numberOf(node.attrs, "count"), inner],
    units: sizeOf(shape.slice(0, axis)) * inner,
    cost: sizeOf(shape) * (long ? 12 : 2 + length / 4),
    scratchBytes: argSortScratch(length),
    reads: [x],
    writes: [result],
  });
}
