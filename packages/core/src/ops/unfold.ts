// unfold (im2col) and fold (col2im): windows as columns, and their transpose. Convolution is a matrix product with unfold's columns.
import { type Shape, at, showShape, sizeOf } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDType, present } from "./support/elementwise.ts";
import type { PoolAttrs } from "./maxPool.ts";
import {
  type PerAxis,
  type PaddingLike,
  normalisePadding,
  perAxis,
  splitImage,
  windowShape,
} from "./support/window.ts";

export interface FoldAttrs extends PoolAttrs {
  readonly outputSize: readonly number[];
}

export const unfoldOp: Op<PoolAttrs> = /* @__PURE__ */ defineOp<PoolAttrs>("unfold", {
  infer([input], attrs) {
    const x = present("unfold", input);
    checkDType("unfold", x, floats);
    const { batch, channels, spatial } = splitImage("unfold", x.shape);
    return {
      shape: [batch, channels * sizeOf(attrs.kernel), sizeOf(windowShape("unfold", spatial, attrs.kernel, attrs))],
      dtype: x.dtype,
    };
  },
  vjp: ({ dy, inputs, attrs }) => [fold(dy, { ...attrs, outputSize: at(inputs, 0).shape.slice(2) })],
});

export const foldOp: Op<FoldAttrs> = /* @__PURE__ */ defineOp<FoldAttrs>("fold", {
  infer([input], attrs) {
    const x = present("fold", input);
    checkDType("fold", x, floats);
    const taps = sizeOf(attrs.kernel);
    const places = sizeOf(windowShape("fold", attrs.outputSize, attrs.kernel, attrs));
    if (x.shape.length !== 3 || at(x.shape, 1) % taps !== 0 || at(x.shape, 2) !== places)
      throw new ShapeError(
        "fold",
        `columns are ${showShape(x.shape)}, these windows want [N, C * ${taps}, ${places}]`,
        "give the columns of an unfold with the same attributes",
      );
    return { shape: [at(x.shape, 0), at(x.shape, 1) / taps, ...attrs.outputSize], dtype: x.dtype };
  },
  vjp({ dy, attrs: { kernel, stride, dilation, padding } }) {
    return [applyOne(unfoldOp, [dy], { kernel, stride, dilation, padding })];
  },
});

export interface UnfoldOptions {
  readonly kernel: PerAxis;
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Default 0. */
  readonly padding?: PaddingLike;
  /** Default 1. */
  readonly dilation?: PerAxis;
}

function unfoldAttrs(
  op: string,
  count: number,
  { kernel, stride = 1, padding = 0, dilation = 1 }: UnfoldOptions,
): PoolAttrs {
  const window = perAxis(op, "kernel", kernel, count, 1);
  const spread = perAxis(op, "dilation", dilation, count, 1);
  return {
    kernel: window,
    stride: perAxis(op, "stride", stride, count, 1),
    dilation: spread,
    padding: normalisePadding(op, padding, window, spread),
  };
}

/** Windows of `x` [N, C, ...] as columns: [N, C * product(kernel), places]. */
export function unfold(x: TensorLike, options: UnfoldOptions): Tensor {
  const tensor = asTensor(x, "unfold");
  return applyOne(unfoldOp, [tensor], {
    ...unfoldAttrs("unfold", splitImage("unfold", tensor.shape).spatial.length, options),
  });
}

/** The transpose of unfold: columns [N, C * product(kernel), places] added up in an image [N, C, ...outputSize]. */
export function fold(
  x: TensorLike,
  { outputSize, ...options }: UnfoldOptions & { readonly outputSize: Shape },
): Tensor {
  return applyOne(foldOp, [asTensor(x, "fold")], { ...unfoldAttrs("fold", outputSize.length, options), outputSize });
}
