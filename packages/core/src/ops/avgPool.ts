// Average pooling and its transpose.
import { at, sizeOf } from "../tensor/aval.ts";
import { type TensorLike, applyOne, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { AttributeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { convOp } from "./conv.ts";
import { convTransposeOp } from "./convTranspose.ts";
import { div } from "./div.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { full, ones } from "./full.ts";
import type { PoolAttrs, PoolOptions } from "./maxPool.ts";
import { poolAttrs } from "./support/pooling.ts";
import type { MaxPoolGradientAttrs } from "./maxPoolGradient.ts";
import { mul } from "./mul.ts";
import { pad } from "./pad.ts";
import { type PerAxis, checkPlaces, normalisePadding, splitImage, windowShape } from "./support/window.ts";

/** [C, 1, ...kernel]: one averaging kernel a channel. */
function averager(channels: number, kernel: readonly number[]): Tensor {
  return full([channels, 1, ...kernel], 1 / sizeOf(kernel));
}

export const avgPoolOp: Op<PoolAttrs> = /* @__PURE__ */ defineOp<PoolAttrs>("avgPool", {
  infer([input], attrs) {
    const x = present("avgPool", input);
    checkDType("avgPool", x, floats);
    const { batch, channels, spatial } = splitImage("avgPool", x.shape);
    return { shape: [batch, channels, ...windowShape("avgPool", spatial, attrs.kernel, attrs)], dtype: x.dtype };
  },
  vjp({ dy, inputs, attrs }) {
    return [applyOne(avgPoolGradientOp, [dy], { ...attrs, inputSize: at(inputs, 0).shape.slice(2) })];
  },
  decompose([input], { kernel, stride, dilation, padding }) {
    const x = present("avgPool", input);
    const channels = at(x.shape, 1);
    return applyOne(convOp, [x, averager(channels, kernel)], { stride, dilation, padding, groups: channels });
  },
});

export const avgPoolGradientOp: Op<MaxPoolGradientAttrs> = /* @__PURE__ */ defineOp<MaxPoolGradientAttrs>(
  "avgPoolGradient",
  {
    infer([dy], { inputSize, kernel, ...window }) {
      const cotangent = present("avgPoolGradient", dy);
      checkDType("avgPoolGradient", cotangent, floats);
      checkPlaces("avgPoolGradient", splitImage("avgPoolGradient", cotangent.shape).spatial, inputSize, kernel, window);
      return { shape: [...cotangent.shape.slice(0, 2), ...inputSize], dtype: cotangent.dtype };
    },
    vjp({ dy, attrs: { kernel, stride, dilation, padding } }) {
      return [applyOne(avgPoolOp, [dy], { kernel, stride, dilation, padding })];
    },
    decompose([dy], { kernel, stride, dilation, padding, inputSize }) {
      const cotangent = present("avgPoolGradient", dy);
      const channels = at(cotangent.shape, 1);
      const outputPadding = inputSize.map((length, axis) => {
        const [before, after] = at(padding, axis);
        return (
          length -
          ((at(cotangent.shape, axis + 2) - 1) * at(stride, axis) -
            before -
            after +
            at(dilation, axis) * (at(kernel, axis) - 1) +
            1)
        );
      });
      return applyOne(convTransposeOp, [cotangent, averager(channels, kernel)], {
        stride,
        dilation,
        padding,
        groups: channels,
        outputPadding,
      });
    },
  },
);

export interface AvgPoolOptions extends PoolOptions {
  /** Whether padding counts as elements of the window. Default true, as in PyTorch. */
  readonly countPadding?: boolean;
  /** Divide by this instead of the number of elements. */
  readonly divisor?: number;
}

/** The mean of every window over the spatial axes of `x` [N, C, ...]. What ceil mode hangs over the padding is not counted. */
export function avgPool(x: TensorLike, kernel: PerAxis, options: AvgPoolOptions = {}): Tensor {
  const tensor = asTensor(x, "avgPool");
  const { countPadding = true, divisor } = options;
  if (divisor !== undefined && !(Number.isFinite(divisor) && divisor !== 0))
    throw new AttributeError("avgPool", `divisor is ${String(divisor)}`, "leave it out or give another number");
  const attrs = poolAttrs("avgPool", tensor.shape, kernel, options);
  const y = applyOne(avgPoolOp, [tensor], { ...attrs });
  const size = sizeOf(attrs.kernel);
  if (divisor !== undefined) return mul(y, size / divisor);
  const stated = normalisePadding("avgPool", options.padding ?? 0, attrs.kernel, attrs.dilation);
  const counted = countPadding ? stated : stated.map(() => [0, 0] as const);
  if (
    counted.every(
      ([before, after], axis) => before === at(attrs.padding, axis)[0] && after === at(attrs.padding, axis)[1],
    )
  )
    return y;
  // The share of each window that counts: the same pooling of ones, where what counts is, and zeros beyond.
  const { spatial } = splitImage("avgPool", tensor.shape);
  const inside = pad(ones([1, 1, ...spatial]), [[0, 0], [0, 0], ...counted], 1);
  const rest = attrs.padding.map(
    ([before, after], axis) => [before - at(counted, axis)[0], after - at(counted, axis)[1]] as const,
  );
  const overhang = rest.map(([before, after]) => [Math.max(0, before), Math.max(0, after)] as const);
  return div(y, applyOne(avgPoolOp, [inside], { ...attrs, padding: overhang }));
}
