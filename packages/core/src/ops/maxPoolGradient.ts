// The two linear maps of max pooling, once its winners are known: spreading to their places, and gathering from them. Each is the other's gradient.
import { type Shape, at, showAval } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDType, present } from "./support/elementwise.ts";
import type { PoolAttrs } from "./maxPool.ts";
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
});

function checkIndices(op: string, shape: Shape, indices: { readonly shape: Shape; readonly dtype: string }): void {
  if (indices.dtype !== "int32" || indices.shape.join() !== shape.join())
    throw new ShapeError(
      op,
      `values [${shape.join(", ")}] and indices [${indices.shape.join(", ")}] (${indices.dtype}) do not fit`,
      "give the int32 indices of the same pooling",
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
