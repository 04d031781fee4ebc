// matmul: one product of matrices for each element of the batch axes.
import { at } from "../tensor/aval.ts";
import { booleanAttribute, inputShape, newOutput, outputShape } from "../reference/node.ts";
import { broadcastOffsets } from "../reference/offsets.ts";
import type { Reference } from "../reference/reference.ts";

export const matmulReference: Reference = (inputs, node) => {
  const [a, b] = [at(inputs, 0), at(inputs, 1)];
  const [shapeA, shapeB, shape] = [inputShape(node, 0), inputShape(node, 1), outputShape(node)];
  const batch = shape.slice(0, -2);
  const [rows, columns] = [at(shape, batch.length), at(shape, batch.length + 1)];
  // Strides of the last two axes, as the product sees them.
  const walk = (input: readonly number[], transposed: boolean): readonly [number, number] => {
    const width = at(input, input.length - 1);
    return transposed ? [1, width] : [width, 1];
  };
  const [[rowA, innerA], [innerB, columnB]] = [
    walk(shapeA, booleanAttribute(node, "transposeA")),
    walk(shapeB, booleanAttribute(node, "transposeB")),
  ];
  const inner = at(shapeA, shapeA.length - (booleanAttribute(node, "transposeA") ? 2 : 1));
  const [matricesA, matricesB] = [
    broadcastOffsets(shapeA.slice(0, -2), batch),
    broadcastOffsets(shapeB.slice(0, -2), batch),
  ];
  const [sizeA, sizeB] = [matrixSize(shapeA), matrixSize(shapeB)];
  const y = newOutput(node);
  let i = 0;
  for (const [index, matrixA] of matricesA.entries()) {
    const [startA, startB] = [matrixA * sizeA, at(matricesB, index) * sizeB];
    for (let row = 0; row < rows; row++)
      for (let column = 0; column < columns; column++) {
        let sum = 0;
        for (let k = 0; k < inner; k++)
          sum +=
            (a[startA + row * rowA + k * innerA] ?? Number.NaN) *
            (b[startB + k * innerB + column * columnB] ?? Number.NaN);
        y[i++] = sum;
      }
  }
  return [y];
};

function matrixSize(shape: readonly number[]): number {
  return at(shape, shape.length - 2) * at(shape, shape.length - 1);
}
