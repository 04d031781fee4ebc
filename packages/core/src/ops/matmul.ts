// Products of matrices.
import { at, broadcastShapes, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { DTypeError, ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDType, present, sumTo } from "./support/elementwise.ts";
import { reshape } from "./reshape.ts";
import { checkFlag } from "./support/shape-rules.ts";

export interface MatmulAttrs {
  readonly transposeA: boolean;
  readonly transposeB: boolean;
}

export const matmulOp: Op<MatmulAttrs> = /* @__PURE__ */ defineOp<MatmulAttrs>("matmul", {
  infer([left, right], { transposeA, transposeB }) {
    const [a, b] = [present("matmul", left), present("matmul", right)];
    checkDType("matmul", a, floats);
    checkFlag("matmul", "transposeA", transposeA);
    checkFlag("matmul", "transposeB", transposeB);
    if (b.dtype !== a.dtype)
      throw new DTypeError("matmul", `operands are ${a.dtype} and ${b.dtype}`, "cast them to float32");
    if (a.shape.length < 2 || b.shape.length < 2)
      throw new ShapeError(
        "matmul",
        `operands ${showShape(a.shape)} and ${showShape(b.shape)} are not both matrices`,
        "reshape vectors to matrices",
      );
    const [rows, inner] = lastTwo(a.shape, transposeA);
    const [innerB, columns] = lastTwo(b.shape, transposeB);
    if (inner !== innerB)
      throw new ShapeError(
        "matmul",
        `inner lengths differ: ${showShape(a.shape)}${transposeA ? " transposed" : ""} has ${inner} columns, ${showShape(b.shape)}${transposeB ? " transposed" : ""} has ${innerB} rows`,
        "make them equal",
      );
    return {
      shape: [...broadcastShapes("matmul", a.shape.slice(0, -2), b.shape.slice(0, -2)), rows, columns],
      dtype: a.dtype,
    };
  },
  vjp({ dy, inputs, attrs: { transposeA, transposeB }, wanted }) {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const product = (left: Tensor, transposeLeft: boolean, right: Tensor, transposeRight: boolean): Tensor =>
      applyOne(matmulOp, [left, right], { transposeA: transposeLeft, transposeB: transposeRight });
    const da = (): Tensor => (transposeA ? product(b, transposeB, dy, true) : product(dy, false, b, !transposeB));
    const db = (): Tensor => (transposeB ? product(dy, true, a, transposeA) : product(a, !transposeA, dy, false));
    return [wanted[0] ? sumTo(da(), a.shape) : null, wanted[1] ? sumTo(db(), b.shape) : null];
  },
});

function lastTwo(shape: readonly number[], swapped: boolean): [number, number] {
  const [rows, columns] = [at(shape, shape.length - 2), at(shape, shape.length - 1)];
  return swapped ? [columns, rows] : [rows, columns];
}

export interface MatmulOptions {
  /** Transpose the last two axes of a. Default false. */
  readonly transposeA?: boolean;
  /** Transpose the last two axes of b. Default false. */
  readonly transposeB?: boolean;
}

/** The matrix product over the last two axes; earlier ones broadcast. A vector is a row on the left and a column on the right, and its axis goes. */
export function matmul(
  a: TensorLike,
  b: TensorLike,
  { transposeA = false, transposeB = false }: MatmulOptions = {},
): Tensor {
  const [left, right] = [asTensor(a, "matmul"), asTensor(b, "matmul")];
  const [row, column] = [left.rank === 1, right.rank === 1];
  const product = applyOne(
    matmulOp,
    [row ? reshape(left, [1, left.size]) : left, column ? reshape(right, [right.size, 1]) : right],
    {
      transposeA: transposeA && !row,
      transposeB: transposeB && !column,
    },
  );
  if (!row && !column) return product;
  const lead = product.shape.slice(0, -2);
  return reshape(product, [
    ...lead,
    ...(row ? [] : [at(product.shape, product.rank - 2)]),
    ...(column ? [] : [at(product.shape, product.rank - 1)]),
  ]);
}
