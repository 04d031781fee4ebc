// Convolution (cross-correlation, as all of deep learning has it) over 1, 2 or 3 spatial axes.
import { type Aval, at, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { AttributeError, ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { addBias } from "./support/bias.ts";
import { convTransposeOp } from "./convTranspose.ts";
import { convWeightGradient } from "./convWeightGradient.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { flip } from "./flip.ts";
import {
  type PaddingLike,
  type PerAxis,
  type WindowAttrs,
  normalisePadding,
  perAxis,
  splitImage,
  windowCount,
  windowShape,
} from "./support/window.ts";

export interface ConvAttrs extends WindowAttrs {
  readonly groups: number;
}

/** Checks channels against groups. @throws ShapeError, AttributeError. */
function checkGroups(op: string, channels: number, weight: Aval, groups: number): void {
  if (!Number.isInteger(groups) || groups < 1)
    throw new AttributeError(op, `groups is ${groups}`, "use a whole number >= 1");
  const [outputs, perGroup] = [at(weight.shape, 0), at(weight.shape, 1)];
  if (perGroup * groups !== channels)
    throw new ShapeError(
      op,
      `the input has ${channels} channels, the weight ${showShape(weight.shape)} with groups ${groups} wants ${perGroup * groups}`,
      "make the weight [outputs, channels / groups, ...kernel]",
    );
  if (outputs % groups !== 0)
    throw new AttributeError(
      op,
      `${outputs} output channels do not divide into ${groups} groups`,
      "make them a multiple of groups",
    );
}

export const convOp: Op<ConvAttrs> = /* @__PURE__ */ defineOp<ConvAttrs>("conv", {
  infer([input, kernel], attrs) {
    const [x, w] = [present("conv", input), present("conv", kernel)];
    checkDType("conv", x, floats);
    checkDType("conv", w, floats);
    const { batch, channels, spatial } = splitImage("conv", x.shape);
    if (w.shape.length !== x.shape.length)
      throw new ShapeError(
        "conv",
        `the input ${showShape(x.shape)} and the weight ${showShape(w.shape)} differ in rank`,
        "make the weight [outputs, channels / groups, ...kernel]",
      );
    checkGroups("conv", channels, w, attrs.groups);
    return { shape: [batch, at(w.shape, 0), ...windowShape("conv", spatial, w.shape.slice(2), attrs)], dtype: x.dtype };
  },
  vjp({ dy, inputs, attrs, wanted }) {
    const [x, w] = [at(inputs, 0), at(inputs, 1)];
    const kernel = w.shape.slice(2);
    // What a stride that does not divide left over is given back as output padding.
    const outputPadding = x.shape.slice(2).map((length, axis) => {
      const [stride, dilation, pads] = [at(attrs.stride, axis), at(attrs.dilation, axis), at(attrs.padding, axis)];
      const count = windowCount(length, at(kernel, axis), stride, dilation, pads);
      return length - ((count - 1) * stride - pads[0] - pads[1] + dilation * (at(kernel, axis) - 1) + 1);
    });
    return [
      wanted[0] ? applyOne(convTransposeOp, [dy, w], { ...attrs, outputPadding }) : null,
      wanted[1] ? convWeightGradient(x, dy, { ...attrs, kernel }) : null,
    ];
  },
});

export interface ConvOptions {
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Numbers, [before, after] for each axis, or "same", "valid", "causal". Default 0. */
  readonly padding?: PaddingLike;
  /** Distance between the kernel's elements. Default 1. */
  readonly dilation?: PerAxis;
  /** Channels are split into so many independent groups. Default 1. */
  readonly groups?: number;
  /** [outputs], added to every place. */
  readonly bias?: TensorLike;
}

/**
 * Convolution of `x` [N, C, ...] with `weight` [O, C / groups, ...kernel], 1, 2 or 3 spatial axes: [N, O, ...] of size
 * floor((n + before + after - dilation (k - 1) - 1) / stride) + 1.
 * @throws ShapeError, AttributeError naming what does not fit.
 */
export function conv(
  x: TensorLike,
  weight: TensorLike,
  { stride = 1, padding = 0, dilation = 1, groups = 1, bias }: ConvOptions = {},
): Tensor {
  const [input, kernel] = [asTensor(x, "conv"), asTensor(weight, "conv")];
  const count = splitImage("conv", input.shape).spatial.length;
  const spread = perAxis("conv", "dilation", dilation, count, 1);
  const strides = perAxis("conv", "stride", stride, count, 1);
  if ((padding === "same" || padding === "causal") && strides.some((step) => step !== 1))
    throw new AttributeError(
      "conv",
      `padding "${padding}" keeps the size only at stride 1, and stride is [${strides.join(", ")}]`,
      "give the padding in numbers",
    );
  const y = applyOne(convOp, [input, kernel], {
    stride: strides,
    padding: normalisePadding("conv", padding, kernel.shape.slice(2), spread),
    dilation: spread,
    groups,
  });
  return bias === undefined ? y : addBias("conv", y, bias);
}

/** Convolution as mathematics has it: the kernel is flipped. */
export function trueConvolution(x: TensorLike, weight: TensorLike, options: ConvOptions = {}): Tensor {
  const kernel = asTensor(weight, "trueConvolution");
  return conv(
    x,
    flip(
      kernel,
      kernel.shape.slice(2).map((_, axis) => axis + 2),
    ),
    options,
  );
}
