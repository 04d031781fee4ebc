// unfold (im2col) and fold (col2im): windows as columns, and their transpose. Convolution is a matrix product with unfold's columns.
import { type Shape, at, showShape, sizeOf } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./add.ts";
import { concat } from "./concat.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { zeros } from "./full.ts";
import type { PoolAttrs } from "./maxPool.ts";
import { pad } from "./pad.ts";
import { reshape } from "./reshape.ts";
import { slice } from "./slice.ts";
import { unslice } from "./support/unslice.ts";
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

/** Every place in the kernel, row by row. */
function placesIn(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (places, length) => places.flatMap((place) => Array.from({ length }, (_, k) => [...place, k])),
    [[]],
  );
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
  // Element k of all windows at once is a slice. (A convolution with kernels of zeros and a one would spread NaN and infinities.)
  decompose([input], { kernel, stride, dilation, padding }) {
    const x = present("unfold", input);
    const [batch, channels] = [at(x.shape, 0), at(x.shape, 1)];
    const places = windowShape("unfold", x.shape.slice(2), kernel, { stride, dilation, padding });
    const padded = pad(x, [[0, 0], [0, 0], ...padding]);
    const taps = placesIn(kernel).map((place) => {
      const start = [0, 0, ...place.map((k, axis) => k * at(dilation, axis))];
      const tap = slice(padded, start, [batch, channels, ...places], [1, 1, ...stride]);
      return reshape(tap, [batch, channels, 1, sizeOf(places)]);
    });
    return reshape(concat(taps, 2), [batch, channels * taps.length, sizeOf(places)]);
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
    const [batch, taps] = [at(x.shape, 0), sizeOf(kernel)];
    const channels = at(x.shape, 1) / taps;
    const places = windowShape("fold", outputSize, kernel, { stride, dilation, padding });
    const padded = outputSize.map((length, axis) => at(padding, axis)[0] + length + at(padding, axis)[1]);
    const byTap = reshape(x, [batch, channels, taps, ...places]);
    const size = [batch, channels, 1, ...places];
    let sum = zeros([batch, channels, ...padded]);
    for (const [tap, place] of placesIn(kernel).entries()) {
      const values = reshape(slice(byTap, [0, 0, tap, ...places.map(() => 0)], size), [batch, channels, ...places]);
      const start = [0, 0, ...place.map((k, axis) => k * at(dilation, axis))];
      sum = add(sum, unslice(values, sum.shape, start, [1, 1, ...stride]));
    }
    return slice(sum, [0, 0, ...padding.map(([before]) => before)], [batch, channels, ...outputSize]);
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
