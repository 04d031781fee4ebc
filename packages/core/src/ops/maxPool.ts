// Max pooling, with the winners' places.
import { at } from "../tensor/aval.ts";
import { type TensorLike, apply, asTensor } from "../tensor/dispatch.ts";
import { floats } from "../tensor/dtype.ts";
import { AttributeError } from "../errors.ts";
import { type Op, defineOp } from "../op.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { checkDType, present } from "./support/elementwise.ts";
import { poolAttrs } from "./support/pooling.ts";
import { maxPoolGradient } from "./maxPoolGradient.ts";
import type { Padding } from "./pad.ts";
import { type PerAxis, type WindowAttrs, splitImage, windowShape } from "./support/window.ts";

export interface PoolAttrs extends WindowAttrs {
  readonly kernel: readonly number[];
}

export const maxPoolOp: Op<PoolAttrs> = /* @__PURE__ */ defineOp<PoolAttrs>("maxPool", {
  infer([input], attrs) {
    const x = present("maxPool", input);
    checkDType("maxPool", x, floats);
    const { batch, channels, spatial } = splitImage("maxPool", x.shape);
    const shape = [batch, channels, ...windowShape("maxPool", spatial, attrs.kernel, attrs)];
    for (const [axis, length] of spatial.entries()) checkSeesInput(axis, length, at(shape, axis + 2), attrs);
    return [
      { shape, dtype: x.dtype },
      { shape, dtype: "int32" },
    ];
  },
  vjp({ dy, inputs, outputs, attrs }) {
    return [maxPoolGradient(dy, at(outputs, 1), { ...attrs, inputSize: at(inputs, 0).shape.slice(2) })];
  },
});

/** Every window must see a real element, or it would have no maximum. */
function checkSeesInput(
  axis: number,
  length: number,
  count: number,
  { kernel, stride, dilation, padding }: PoolAttrs,
): void {
  for (let place = 0; place < count; place++) {
    const first = place * at(stride, axis) - at(padding, axis)[0];
    const sees = Array.from({ length: at(kernel, axis) }, (_, k) => first + k * at(dilation, axis)).some(
      (index) => index >= 0 && index < length,
    );
    if (!sees)
      throw new AttributeError(
        "maxPool",
        `padding [${at(padding, axis).join(", ")}] of spatial axis ${axis} lets a window of ${at(kernel, axis)} see padding only`,
        "pad by at most half the kernel",
      );
  }
}

export interface PoolOptions {
  /** Default: the kernel, so that windows do not overlap. */
  readonly stride?: PerAxis;
  /** Default 0. */
  readonly padding?: PerAxis | Padding;
  /** Default 1. */
  readonly dilation?: PerAxis;
  /** Keep a last window that hangs over the end, as Caffe does. Default false. */
  readonly ceilMode?: boolean;
}

/**
 * The largest element of every window over the spatial axes of `x` [N, C, ...], and its place in the plane (row-major, int32).
 * Padding never wins; the first of equals does; NaN wins.
 */
export function maxPoolWithIndices(
  x: TensorLike,
  kernel: PerAxis,
  options: PoolOptions = {},
): { values: Tensor; indices: Tensor } {
  const tensor = asTensor(x, "maxPool");
  const [values, indices] = apply(maxPoolOp, [tensor], { ...poolAttrs("maxPool", tensor.shape, kernel, options) });
  return { values: present("maxPool", values), indices: present("maxPool", indices) };
}

/** The largest element of every window over the spatial axes of `x` [N, C, ...]. The gradient goes to the first of equals. */
export function maxPool(x: TensorLike, kernel: PerAxis, options: PoolOptions = {}): Tensor {
  return maxPoolWithIndices(x, kernel, options).values;
}
