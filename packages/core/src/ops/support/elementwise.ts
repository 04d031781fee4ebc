// What elementwise ops share: the shape and dtype rules, operands that may be numbers, and the sum that undoes broadcasting.
import { type Aval, type Shape, at, broadcastShapes, sameShape } from "../../tensor/aval.ts";
import { fromHost } from "../../tensor/create.ts";
import { type TensorLike, applyOne, asTensor } from "../../tensor/dispatch.ts";
import { type DType, allocate, floats, isFloat, numbers, toStored } from "../../tensor/dtype.ts";
import { DTypeError } from "../../errors.ts";
import { type Op, type VjpContext, defineOp } from "../../op.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { currentTrace } from "../../trace/trace.ts";
import { full } from "../full.ts";
import { reshape } from "../reshape.ts";
import { sum } from "../sum.ts";

type Gradient = (context: VjpContext) => readonly (Tensor | null)[];

/** Checks an operand's dtype. @throws DTypeError naming the op. */
export function checkDType(op: string, value: Aval, allowed: readonly DType[]): void {
  if (!allowed.includes(value.dtype))
    throw new DTypeError(op, `it does not take ${value.dtype}`, `cast to ${allowed.join(" or ")} first`);
}

/** Broadcast shape of two operands of one dtype. */
export function broadcastAval(op: string, a: Aval, b: Aval, allowed: readonly DType[]): Aval {
  checkDType(op, a, allowed);
  if (a.dtype !== b.dtype)
    throw new DTypeError(
      op,
      `operands are ${a.dtype} and ${b.dtype}`,
      "cast one to the other's dtype; nothing is promoted",
    );
  return { shape: broadcastShapes(op, a.shape, b.shape), dtype: a.dtype };
}

interface UnaryRules {
  readonly vjp: ((context: { readonly dy: Tensor; readonly x: Tensor; readonly y: Tensor }) => Tensor) | null;
  readonly decompose?: (x: Tensor) => Tensor;
  readonly allowed?: readonly DType[];
}

/** Defines an op of one operand whose output has its shape and dtype. `vjp: null`: the gradient is zero everywhere. */
export function defineUnary(name: string, { vjp, decompose, allowed = floats }: UnaryRules): Op {
  return defineOp(name, {
    infer([x]) {
      const operand = present(name, x);
      checkDType(name, operand, allowed);
      return operand;
    },
    vjp: vjp ? ({ dy, inputs, outputs }) => [vjp({ dy, x: at(inputs, 0), y: at(outputs, 0) })] : () => [null],
    ...(decompose && { decompose: ([x]) => decompose(present(name, x)) }),
  });
}

interface BinaryRules {
  /** Gradients by a and b, of the broadcast shape: what broadcasting stretched is summed by the caller. */
  readonly vjp?: (context: {
    readonly dy: Tensor;
    readonly a: Tensor;
    readonly b: Tensor;
    readonly y: Tensor;
    readonly wanted: readonly boolean[];
  }) => readonly (Tensor | null)[];
  readonly allowed?: readonly DType[];
  readonly result?: DType;
}

/** Defines an op of two operands that broadcast. */
export function defineBinary(name: string, { vjp, allowed = numbers, result }: BinaryRules): Op {
  const gradient: Gradient = ({ dy, inputs, outputs, wanted }) => {
    const [a, b] = [at(inputs, 0), at(inputs, 1)];
    const [da, db] = vjp?.({ dy, a, b, y: at(outputs, 0), wanted }) ?? [null, null];
    return [da ? sumTo(da, a.shape) : null, db ? sumTo(db, b.shape) : null];
  };
  return defineOp(name, {
    infer([a, b]) {
      const value = broadcastAval(name, present(name, a), present(name, b), allowed);
      return result ? { shape: value.shape, dtype: result } : value;
    },
    vjp: gradient,
  });
}

/** An operand that must be there. */
export function present<T>(op: string, operand: T | undefined): T {
  if (operand === undefined) throw new DTypeError(op, "an operand is missing", "give every operand");
  return operand;
}

/** Applies an op to two operands of which one may be a number, after those in `before`. */
export function applyBinary(
  op: Op,
  a: TensorLike | number,
  b: TensorLike | number,
  before: readonly Tensor[] = [],
): Tensor {
  const [left, right] = operands(op.name, a, b);
  const y = applyOne(op, [...before, left, right], {});
  if (typeof a === "number") left.dispose();
  if (typeof b === "number") right.dispose();
  return y;
}

/** Two operands of which at most one is a number; the number takes the dtype of the other. */
function operands(op: string, a: TensorLike | number, b: TensorLike | number): [Tensor, Tensor] {
  if (typeof a === "number") {
    if (typeof b === "number") throw new DTypeError(op, "both operands are numbers", "make at least one a tensor");
    const right = asTensor(b, op);
    return [scalarLike(op, a, right.dtype), right];
  }
  const left = asTensor(a, op);
  return [left, typeof b === "number" ? scalarLike(op, b, left.dtype) : asTensor(b, op)];
}

function scalarLike(op: string, value: number, dtype: DType): Tensor {
  if (!isFloat(dtype) && !Number.isInteger(value))
    throw new DTypeError(op, `the number ${value} is no ${dtype}`, "use an integer, or cast the tensor to float32");
  if (currentTrace()) return full([], value, dtype);
  // On the host, so that it goes where the other operand is.
  const data = allocate(dtype, 1);
  data[0] = toStored(dtype, value);
  return fromHost(data, [], dtype);
}

/** Sums `x` over the axes along which `shape` was broadcast to x's shape. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  const lead = x.rank - shape.length;
  const axes = x.shape.flatMap((length, axis) =>
    axis < lead || (at(shape, axis - lead) === 1 && length !== 1) ? [axis] : [],
  );
  return reshape(axes.length === 0 ? x : sum(x, axes), shape);
}
