// unfold (im2col) and fold (col2im): windows as columns, and their transpose. Convolution is a matrix product with unfold's columns.
import { type Shape, at, showShape, sizeOf } from "../aval.ts";
import { type TensorLike, applyOne, asTensor } from "../dispatch.ts";
import { floats } from "../dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor.ts";
import { cast } from "./cast.ts";
import { convOp } from "./conv.ts";
import { convTransposeOp } from "./convTranspose.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { iota } from "./iota.ts";
import type { PoolAttrs } from "./maxPool.ts";
import { reshape } from "./reshape.ts";
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

/** [C taps, 1, ...kernel]: kernel number k of each channel picks element k of the window. */
function pickers(channels: number, kernel: readonly number[]): Tensor {
  const taps = sizeOf(kernel);
  const diagonal = cast(equal(iota([channels, taps, taps], 1), iota([channels, taps, taps], 2)), "float32");
  return reshape(diagonal, [channels * taps, 1, ...kernel]);
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
  decompose([input], { kernel, stride, dilation, padding }) {
    const x = present("unfold", input);
    const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
    const columns = applyOne(convOp, [x, pickers(channels, kernel)], { stride, dilation, padding, groups: channels });
    return reshape(columns, [batch, channels * sizeOf(kernel), sizeOf(columns.shape.slice(2))]);
  },
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
  decompose([input], { kernel, stride, dilation, padding, outputSize }) {
    const x = present("fold", input);
    const channels = at(x.shape, 1) / sizeOf(kernel);
    const places = windowShape("fold", outputSize, kernel, { stride, dilation, padding });
    const outputPadding = outputSize.map((length, axis) => {
      const [before, after] = at(padding, axis);
      return (
        length -
        ((at(places, axis) - 1) * at(stride, axis) - before - after + at(dilation, axis) * (at(kernel, axis) - 1) + 1)
      );
    });
    return applyOne(
      convTransposeOp,
      [reshape(x, [at(x.shape, 0), at(x.shape, 1), ...places]), pickers(channels, kernel)],
      {
        stride,
        dilation,
        padding,
        groups: channels,
        outputPadding,
      },
    );
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
