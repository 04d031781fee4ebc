// Matrix products over any batch axes.
import { at, sizeOf, stridesOf, type GraphNode } from "@stria/core";
import { canBeFewRows } from "../../kernels/few-rows-arguments.ts";
import { prediction } from "../../parts/index.ts";
import type { Pieces } from "../../pieces.ts";
import { flag } from "../classify.ts";
import type { Lowering } from "../lower.ts";
import { addProduct, tableAxes, type ProductRequest } from "../product.ts";
import type { BufferId } from "../steps.ts";
import { broadcast, type View } from "../view.ts";
import { biasOf, inputOf, outputOf, type Epilogue } from "./rule.ts";

export function* matmul(l: Lowering, node: GraphNode, epilogue: Epilogue): Pieces<void> {
  const output = l.shapeOf(at(node.outputs, 0));
  const lead = output.slice(0, -2);
  const operand = (index: number, transposed: boolean): { buffer: BufferId; view: View } => {
    const { buffer, view } = l.read(inputOf(node, index));
    const wide = broadcast(view, [...lead, ...view.shape.slice(-2)]);
    const swap = (list: readonly number[]): number[] => [
      ...list.slice(0, -2),
      at(list, list.length - 1),
      at(list, list.length - 2),
    ];
    return { buffer, view: transposed ? { ...wide, shape: swap(wide.shape), strides: swap(wide.strides) } : wide };
  };
  const a = operand(0, flag(node.attrs, "transposeA"));
  const b = operand(1, flag(node.attrs, "transposeB"));
  const rank = output.length;
  const [rows, columns, depth] = [at(output, rank - 2), at(output, rank - 1), at(a.view.shape, rank - 1)];
  const [rowA, depthA] = [at(a.view.strides, rank - 2), at(a.view.strides, rank - 1)];
  const [depthB, columnB] = [at(b.view.strides, rank - 2), at(b.view.strides, rank - 1)];
  const bias = biasOf(l, epilogue);
  const common = {
    a: { buffer: a.buffer, offset: a.view.offset },
    b: { buffer: b.buffer, offset: b.view.offset },
    bias,
    epilogue: { bias: bias ? ("column" as const) : ("none" as const), relu: epilogue?.relu ?? false },
    depth: { a: tableAxes([depth], [depthA]), b: tableAxes([depth], [depthB]) },
    columns: { b: tableAxes([columns], [columnB]), c: tableAxes([columns], [1]) },
  };
  const matrices = sizeOf(lead);
  const addFewRows = canBeFewRows(rows * matrices, depth) ? (yield* prediction.wait()).addFewRows : undefined;
  // What it takes in (a bias, a rectifier) may make a value that lies in another order.
  const multiply = (product: Pick<ProductRequest, "rows" | "batch">): void =>
    l.write(outputOf(node, epilogue), "row-major", (buffer) => {
      const request = { ...common, ...product, c: { buffer, offset: 0 } };
      if (!addFewRows?.(l.builder, l.tile, request)) addProduct(l.builder, l.tile, request);
    });
  // One matrix on the right for all on the left: the batch is more rows of one product.
  const rowAxes = tableAxes([...lead, rows], a.view.strides.slice(0, -1));
  if (
    b.view.strides.slice(0, -2).every((stride, axis) => stride === 0 || at(lead, axis) === 1) &&
    !a.view.strides.slice(0, -2).some((stride, axis) => stride === 0 && at(lead, axis) > 1)
  ) {
    multiply({ rows: { a: rowAxes, cStride: columns }, batch: [{ a: 0, b: 0, c: 0, bias: 0 }] });
    return;
  }
  const pitch = stridesOf(lead);
  const batch = Array.from({ length: matrices }, (_, index) => {
    const offset = (view: View): number =>
      lead.reduce(
        (sum, length, axis) => sum + (Math.floor(index / at(pitch, axis)) % length) * at(view.strides, axis),
        0,
      );
    return { a: offset(a.view), b: offset(b.view), c: index * rows * columns, bias: 0 };
  });
  multiply({ rows: { a: tableAxes([rows], [rowA]), cStride: columns }, batch });
}
