// The two linear maps of max pooling, once its winners are known: spreading to their places, and gathering from them. Each is the other's gradient.
import { type Shape, at, showAval } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { add } from "./add.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { equal } from "./equal.ts";
import { fold, unfold } from "./unfold.ts";
import { full } from "./full.ts";
import { iota } from "./iota.ts";
import type { PoolAttrs } from "./maxPool.ts";
import { less } from "./less.ts";
import { lessEqual } from "./lessEqual.ts";
import { logicalAnd } from "./logicalAnd.ts";
import { mul } from "./mul.ts";
import { reshape } from "./reshape.ts";
import { sub } from "./sub.ts";
import { sum } from "./sum.ts";
import { where } from "./where.ts";
import { checkPlaces, splitImage } from "./support/window.ts";

export interface MaxPoolGradientAttrs extends PoolAttrs {
  readonly inputSize: readonly number[];
}

export const maxPoolGradientOp: Op<MaxPoolGradientAttrs> = /* @__PURE__ */ defineOp<MaxPoolGradientAttrs>(
  "maxPoolGradient",
  {
    infer([dy, indices], { inputSize, kernel, ...window }) {
      const cotangent = present("maxPoolGradient", dy);
      checkDType("maxPoolGradient", cotangent, floats);
      checkPlaces("maxPoolGradient", splitImage("maxPoolGradient", cotangent.shape).spatial, inputSize, kernel, window);
      checkIndices("maxPoolGradient", cotangent.shape, present("maxPoolGradient", indices));
      return { shape: [...cotangent.shape.slice(0, 2), ...inputSize], dtype: cotangent.dtype };
    },
    vjp({ dy, inputs, attrs: { kernel, stride, dilation, padding } }) {
      return [applyOne(maxPoolGatherOp, [dy, at(inputs, 1)], { kernel, stride, dilation, padding }), null];
    },
    decompose([dy, indices], attrs) {
      const [cotangent, winners] = [present("maxPoolGradient", dy), present("maxPoolGradient", indices)];
      const won = wonBy(winners, attrs, attrs.inputSize);
      const [batch, channels] = [at(cotangent.shape, 0), at(cotangent.shape, 1)];
      const [taps, places] = [at(won.shape, 2), at(won.shape, 3)];
      const spread = where(won, reshape(cotangent, [batch, channels, 1, places]), 0);
      return fold(reshape(spread, [batch, channels * taps, places]), { ...attrs, outputSize: attrs.inputSize });
    },
  },
);

export const maxPoolGatherOp: Op<PoolAttrs> = /* @__PURE__ */ defineOp<PoolAttrs>("maxPoolGather", {
  infer([x, indices], { kernel, ...window }) {
    const [values, winners] = [present("maxPoolGather", x), present("maxPoolGather", indices)];
    checkDType("maxPoolGather", values, floats);
    const [image, places] = [splitImage("maxPoolGather", values.shape), splitImage("maxPoolGather", winners.shape)];
    checkPlaces("maxPoolGather", places.spatial, image.spatial, kernel, window);
    if (image.batch !== places.batch || image.channels !== places.channels || winners.dtype !== "int32")
      throw new ShapeError(
        "maxPoolGather",
        `values ${showAval(values)} and indices ${showAval(winners)} do not fit`,
        "give the indices of the same pooling",
      );
    return { shape: winners.shape, dtype: values.dtype };
  },
  vjp({ dy, inputs, attrs }) {
    return [maxPoolGradient(dy, at(inputs, 1), { ...attrs, inputSize: at(inputs, 0).shape.slice(2) }), null];
  },
  decompose([x, indices], attrs) {
    const [values, winners] = [present("maxPoolGather", x), present("maxPoolGather", indices)];
    const won = wonBy(winners, attrs, values.shape.slice(2));
    const columns = reshape(unfold(values, attrs), won.shape);
    return reshape(sum(where(won, columns, 0), 2), winners.shape);
  },
});

function checkIndices(op: string, shape: Shape, indices: { readonly shape: Shape; readonly dtype: string }): void {
  if (indices.dtype !== "int32" || indices.shape.join() !== shape.join())
    throw new ShapeError(
      op,
      `values [${shape.join(", ")}] and indices [${indices.shape.join(", ")}] (${indices.dtype}) do not fit`,
      "give the int32 indices of the same pooling",
    );
}

/** [N, C, taps, places], bool: whether that element of the window is the winner there. */
function wonBy(
  indices: Tensor,
  { kernel, stride, dilation, padding }: PoolAttrs,
  inputSize: readonly number[],
): Tensor {
  const places = indices.shape.slice(2);
  const window = [...kernel, ...places];
  // The row-major place in the input that each element of each window reads.
  let place = full(window, 0, "int32");
  for (const [axis, length] of inputSize.entries()) {
    const coordinate = sub(
      add(mul(iota(window, axis), at(dilation, axis)), mul(iota(window, kernel.length + axis), at(stride, axis))),
      at(padding, axis)[0],
    );
    const inside = logicalAnd(lessEqual(0, coordinate), less(coordinate, length));
    // Outside the input: -1, which no index equals, and which the next axes leave as it is.
    place = where(
      logicalAnd(inside, lessEqual(0, place)),
      add(mul(place, length), coordinate),
      full(window, -1, "int32"),
    );
  }
  const taps = kernel.reduce((product, length) => product * length, 1);
  const count = places.reduce((product, length) => product * length, 1);
  return equal(
    reshape(indices, [at(indices.shape, 0), at(indices.shape, 1), 1, count]),
    reshape(place, [1, 1, taps, count]),
  );
}

/** The gradient of max pooling: `dy` added at `indices` of zeros [N, C, ...inputSize]. */
export function maxPoolGradient(dy: TensorLike, indices: TensorLike, attrs: MaxPoolGradientAttrs): Tensor {
  const { kernel, stride, dilation, padding, inputSize } = attrs;
  return applyOne(maxPoolGradientOp, [asTensor(dy, "maxPoolGradient"), asTensor(indices, "maxPoolGradient")], {
    kernel,
    stride,
    dilation,
    padding,
    inputSize,
  });
}
