// The gradient of conv by its weight: a convolution in which batch and channels, stride and dilation change places.
import { at, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { AttributeError, ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ConvAttrs, convOp } from "./conv.ts";
import { convTransposeOp } from "./convTranspose.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { zeros } from "./full.ts";
import { slice } from "./slice.ts";
import { checkWindow, splitImage, windowCount } from "./support/window.ts";

export interface ConvWeightGradientAttrs extends ConvAttrs {
  readonly kernel: readonly number[];
}

export const convWeightGradientOp: Op<ConvWeightGradientAttrs> = /* @__PURE__ */ defineOp<ConvWeightGradientAttrs>(
  "convWeightGradient",
  {
    infer([input, cotangent], { stride, dilation, padding, groups, kernel }) {
      const [x, dy] = [present("convWeightGradient", input), present("convWeightGradient", cotangent)];
      checkDType("convWeightGradient", x, floats);
      checkDType("convWeightGradient", dy, floats);
      const { channels, spatial } = splitImage("convWeightGradient", x.shape);
      checkWindow("convWeightGradient", kernel, { stride, dilation, padding }, spatial.length);
      const outputs = at(dy.shape, 1);
      if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0 || outputs % groups !== 0)
        throw new AttributeError(
          "convWeightGradient",
          `${channels} and ${outputs} channels do not divide into ${groups} groups`,
          "make both multiples of groups",
        );
      // dy may have fewer places than conv gives (where a transposed convolution had output padding), never more.
      const most = spatial.map((length, axis) =>
        windowCount(length, at(kernel, axis), at(stride, axis), at(dilation, axis), at(padding, axis)),
      );
      if (
        dy.shape.length !== x.shape.length ||
        at(dy.shape, 0) !== at(x.shape, 0) ||
        dy.shape.slice(2).some((length, axis) => length > at(most, axis))
      )
        throw new ShapeError(
          "convWeightGradient",
          `dy is ${showShape(dy.shape)}, conv gives [${at(x.shape, 0)}, ${outputs}, ${most.join(", ")}]`,
          "give the cotangent of conv's output",
        );
      return { shape: [outputs, channels / groups, ...kernel], dtype: x.dtype };
    },
    vjp({ dy: dw, inputs, attrs: { stride, dilation, padding, groups, kernel }, wanted }) {
      const [x, dy] = [at(inputs, 0), at(inputs, 1)];
      const attrs = { stride, dilation, padding, groups };
      const outputPadding = x.shape.slice(2).map((length, axis) => {
        const [before, after] = at(padding, axis);
        return (
          length -
          ((at(dy.shape, axis + 2) - 1) * at(stride, axis) -
            before -
            after +
            at(dilation, axis) * (at(kernel, axis) - 1) +
            1)
        );
      });
      const ddy = (): Tensor => {
        if (dy.size === 0) return zeros(dy.shape); // the kernel need not fit x then
        const full = applyOne(convOp, [x, dw], attrs);
        return slice(
          full,
          dy.shape.map(() => 0),
          dy.shape,
        );
      };
      return [
        wanted[0] ? applyOne(convTransposeOp, [dy, dw], { ...attrs, outputPadding }) : null,
        wanted[1] ? ddy() : null,
      ];
    },
  },
);

/** The gradient by the weight [O, C / groups, ...kernel] of a conv of `x` with output cotangent `dy`. */
export function convWeightGradient(x: TensorLike, dy: TensorLike, attrs: ConvWeightGradientAttrs): Tensor {
  const { stride, dilation, padding, groups, kernel } = attrs;
  return applyOne(convWeightGradientOp, [asTensor(x, "convWeightGradient"), asTensor(dy, "convWeightGradient")], {
    stride,
    dilation,
    padding,
    groups,
    kernel,
  });
}
