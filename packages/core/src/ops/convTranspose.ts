// Transposed convolution: the transpose of conv as a linear map of its input, and so its gradient by the input.
import { at, showShape } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { AttributeError, ShapeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { type ConvAttrs, convOp } from "./conv.ts";
import { addBias } from "./support/bias.ts";
import { convWeightGradient } from "./convWeightGradient.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { checkList } from "./support/shape-rules.ts";
import { zeros } from "./full.ts";
import { slice } from "./slice.ts";
import {
  type PaddingLike,
  type PerAxis,
  checkWindow,
  normalisePadding,
  perAxis,
  splitImage,
} from "./support/window.ts";

export interface ConvTransposeAttrs extends ConvAttrs {
  readonly outputPadding: readonly number[];
}

export const convTransposeOp: Op<ConvTransposeAttrs> = /* @__PURE__ */ defineOp<ConvTransposeAttrs>("convTranspose", {
  infer([input, kernel], { stride, padding, dilation, groups, outputPadding }) {
    const [x, w] = [present("convTranspose", input), present("convTranspose", kernel)];
    checkDType("convTranspose", x, floats);
    checkDType("convTranspose", w, floats);
    const { batch, channels, spatial } = splitImage("convTranspose", x.shape);
    const count = spatial.length;
    if (w.shape.length !== x.shape.length || at(w.shape, 0) !== channels)
      throw new ShapeError(
        "convTranspose",
        `the input is ${showShape(x.shape)}, the weight ${showShape(w.shape)}`,
        "make the weight [input channels, outputs / groups, ...kernel]",
      );
    if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
      throw new AttributeError(
        "convTranspose",
        `${channels} input channels do not divide into ${groups} groups`,
        "make them a multiple of groups",
      );
    checkWindow("convTranspose", w.shape.slice(2), { stride, dilation, padding }, count);
    checkList("convTranspose", "outputPadding", outputPadding, count, 0);
    const output = spatial.map((length, axis) => {
      const [before, after] = at(padding, axis);
      const size =
        (length - 1) * at(stride, axis) -
        before -
        after +
        at(dilation, axis) * (at(w.shape, axis + 2) - 1) +
        1 +
        at(outputPadding, axis);
      if (size < 1)
        throw new ShapeError(
          "convTranspose",
          `spatial axis ${axis} of length ${length} with padding [${before}, ${after}] leaves an output of ${size}`,
          "use less padding",
        );
      return size;
    });
    return { shape: [batch, at(w.shape, 1) * groups, ...output], dtype: x.dtype };
  },
  vjp({ dy, inputs, attrs: { stride, padding, dilation, groups }, wanted }) {
    const [x, w] = [at(inputs, 0), at(inputs, 1)];
    const attrs = { stride, padding, dilation, groups };
    // conv of dy may have more places than x when the output padding is a stride or more: those are cut.
    // Of nothing there is no gradient, and the kernel need not fit dy then.
    const dx = (): Tensor => (x.size === 0 ? zeros(x.shape) : cutTo(applyOne(convOp, [dy, w], attrs), x.shape));
    return [
      wanted[0] ? dx() : null,
      wanted[1] ? convWeightGradient(dy, x, { ...attrs, kernel: w.shape.slice(2) }) : null,
    ];
  },
});

function cutTo(x: Tensor, shape: readonly number[]): Tensor {
  return slice(
    x,
    shape.map(() => 0),
    shape,
  );
}

export interface ConvTransposeOptions {
  /** Default 1. */
  readonly stride?: PerAxis;
  /** Taken away from the output's borders. Default 0. */
  readonly padding?: PaddingLike;
  /** Added to the output's end, to choose among the sizes that conv maps to one. Default 0. */
  readonly outputPadding?: PerAxis;
  /** Default 1. */
  readonly dilation?: PerAxis;
  /** Default 1. */
  readonly groups?: number;
  /** [outputs]. */
  readonly bias?: TensorLike;
}

/**
 * Transposed convolution of `x` [N, C, ...] with `weight` [C, O / groups, ...kernel], which gives [N, O, ...] of size
 * (n - 1) stride - before - after + dilation (k - 1) + 1 + outputPadding. As PyTorch's, `outputPadding` is below stride or dilation.
 * @throws ShapeError, AttributeError naming what does not fit.
 */
export function convTranspose(
  x: TensorLike,
  weight: TensorLike,
  { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1, bias }: ConvTransposeOptions = {},
): Tensor {
  const [input, kernel] = [asTensor(x, "convTranspose"), asTensor(weight, "convTranspose")];
  const count = splitImage("convTranspose", input.shape).spatial.length;
  const [strides, spread, extra] = [
    perAxis("convTranspose", "stride", stride, count, 1),
    perAxis("convTranspose", "dilation", dilation, count, 1),
    perAxis("convTranspose", "outputPadding", outputPadding, count, 0),
  ];
  for (const [axis, added] of extra.entries())
    if (added >= Math.max(at(strides, axis), at(spread, axis)))
      throw new AttributeError(
        "convTranspose",
        `outputPadding ${added} of axis ${axis} is not below stride ${at(strides, axis)} or dilation ${at(spread, axis)}`,
        "use less; pad adds plain zeros",
      );
  const y = applyOne(convTransposeOp, [input, kernel], {
    stride: strides,
    padding: normalisePadding("convTranspose", padding, kernel.shape.slice(2), spread),
    outputPadding: extra,
    dilation: spread,
    groups,
  });
  return bias === undefined ? y : addBias("convTranspose", y, bias);
}
