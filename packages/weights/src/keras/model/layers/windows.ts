// Convolutions and poolings, with borders as TensorFlow has them: "same" pads for ceil(length / stride) places, the odd element after.
import {
  type Padding,
  type Tensor,
  add,
  avgPool,
  conv,
  convTranspose,
  max,
  maxPool,
  mean,
  pad,
  reshape,
  slice,
} from "@stria/core";
import { enlarged, places } from "../../topology/rules/windows.ts";
import type { Border, Settings } from "../../topology/settings.ts";
import { type Activate, activation } from "../activations.ts";
import type { Build, Builder, Compute } from "../build.ts";
import { range } from "../layout.ts";

interface Windows {
  readonly border: Border;
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
}

const each = (count: number, value: number): number[] => range(count).map(() => value);

function windowsOf(settings: Settings, spatial: number, kernel: readonly number[], stride: readonly number[]): Windows {
  const dilation = settings.sizes("dilation_rate", spatial, each(spatial, 1));
  return { border: settings.border(), kernel, stride: settings.sizes("strides", spatial, stride), dilation };
}

/** How far a window steps and reaches along an axis. */
function windowAt(
  { kernel, stride, dilation }: Omit<Windows, "border">,
  axis: number,
): { step: number; extent: number } {
  return { step: stride[axis] ?? 1, extent: ((kernel[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1 };
}

/** [before, after] for each spatial axis of an input of these lengths. */
function padding(
  lengths: readonly number[],
  { border, kernel, stride, dilation }: Windows,
): (readonly [number, number])[] {
  return lengths.map((length, axis) => {
    const { step, extent } = windowAt({ kernel, stride, dilation }, axis);
    if (border === "valid") return [0, 0];
    if (border === "causal") return [extent - 1, 0];
    const total = Math.max((places(length, extent, step, border) - 1) * step + extent - length, 0);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  });
}

function withBias(y: Tensor, bias: Tensor | undefined): Tensor {
  return bias ? add(y, reshape(bias, [1, bias.size, ...each(y.rank - 2, 1)])) : y;
}

function activationOf({ settings, version }: Build): Activate {
  return activation(settings, settings.activation(), version);
}

/** `groups` of an input with so many channels. */
function convolution(spatial: number, groupsOf: (settings: Settings, channels: number) => number): Builder {
  return (build) => {
    const { settings, cells } = build;
    const windows = windowsOf(settings, spatial, settings.sizes("kernel_size", spatial), each(spatial, 1));
    const activate = activationOf(build);
    return ([x], layout) => {
      if (!x) return settings.fail("is given no tensor");
      const { stride, dilation } = windows;
      const groups = groupsOf(settings, x.shape[1] ?? 1);
      const options = { stride, dilation, groups, padding: padding(x.shape.slice(2), windows) };
      return activate(withBias(conv(x, cells.value("weight"), options), cells.optional("bias")), layout);
    };
  };
}

function separable(spatial: number): Builder {
  return (build) => {
    const { settings, cells } = build;
    const windows = windowsOf(settings, spatial, settings.sizes("kernel_size", spatial), each(spatial, 1));
    const activate = activationOf(build);
    return ([x], layout) => {
      if (!x) return settings.fail("is given no tensor");
      const { stride, dilation } = windows;
      const options = { stride, dilation, groups: x.shape[1] ?? 1, padding: padding(x.shape.slice(2), windows) };
      const between = conv(x, cells.value("depthwise.weight"), options);
      return activate(
        withBias(conv(between, cells.value("pointwise.weight")), cells.optional("pointwise.bias")),
        layout,
      );
    };
  };
}

/** A crop of [before, after], where what is negative pads. */
function cropped(y: Tensor, cuts: readonly (readonly [number, number])[]): Tensor {
  const inner = cuts.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)] as const);
  const kept = slice(
    y,
    [0, 0, ...inner.map(([before]) => before)],
    [...y.shape.slice(0, 2), ...inner.map(([before, after], axis) => (y.shape[axis + 2] ?? 0) - before - after)],
  );
  const more: Padding = [
    [0, 0],
    [0, 0],
    ...cuts.map(([before, after]) => [Math.max(-before, 0), Math.max(-after, 0)] as const),
  ];
  return pad(kept, more);
}

/** The gradient of a convolution by its input: all that the kernel spreads, cut to the length that the border asks for. */
function transposed(spatial: number): Builder {
  return (build) => {
    const { settings, cells } = build;
    const { border, kernel, stride, dilation } = windowsOf(
      settings,
      spatial,
      settings.sizes("kernel_size", spatial),
      each(spatial, 1),
    );
    if (border === "causal") settings.fail("has a causal border");
    const given =
      settings.value("output_padding") === undefined
        ? undefined
        : settings.sizes("output_padding", spatial, undefined, 0);
    const activate = activationOf(build);
    return ([x], layout) => {
      if (!x) return settings.fail("is given no tensor");
      const y = convTranspose(x, cells.value("weight"), { stride, dilation });
      const cuts = x.shape.slice(2).map((length, axis): readonly [number, number] => {
        const { step, extent } = windowAt({ kernel, stride, dilation }, axis);
        const wanted = enlarged(length, extent, step, border, given?.[axis]);
        const whole = (length - 1) * step + extent;
        const before =
          border === "valid" ? 0 : given ? Math.floor(extent / 2) : Math.floor(Math.max(extent - step, 0) / 2);
        return [before, whole - before - wanted];
      });
      return activate(withBias(cropped(y, cuts), cells.optional("bias")), layout);
    };
  };
}

function pooling(spatial: number, pool: (x: Tensor, windows: Windows, pads: Padding) => Tensor): Builder {
  return ({ settings }) => {
    const kernel = settings.sizes("pool_size", spatial, each(spatial, 2));
    const windows = { ...windowsOf(settings, spatial, kernel, kernel), dilation: each(spatial, 1) };
    return ([x]) => {
      if (!x) return settings.fail("is given no tensor");
      return pool(x, windows, padding(x.shape.slice(2), windows));
    };
  };
}

const maxPooling = (spatial: number): Builder =>
  pooling(spatial, (x, { kernel, stride }, pads) => maxPool(x, kernel, { stride, padding: pads }));

/** What was padded does not count. */
const averagePooling = (spatial: number): Builder =>
  pooling(spatial, (x, { kernel, stride }, pads) => avgPool(x, kernel, { stride, padding: pads, countPadding: false }));

function globalPooling(reduce: (x: Tensor, axes: readonly number[], keepDims: boolean) => Tensor): Builder {
  return ({ settings }): Compute => {
    const keepDims = settings.flag("keepdims", false);
    return ([x]) => (x ? reduce(x, range(x.rank).slice(2), keepDims) : settings.fail("is given no tensor"));
  };
}

const globalAverage = globalPooling((x, axes, keepDims) => mean(x, axes, { keepDims }));
const globalMax = globalPooling((x, axes, keepDims) => max(x, axes, { keepDims }));
const grouped = (settings: Settings): number => settings.integer("groups", 1);
const byChannel = (_: Settings, channels: number): number => channels;

/** Builders of the layers that slide windows; channels are the axis after the batch. */
export const windowBuilders: Readonly<Record<string, Builder>> = {
  Conv1D: convolution(1, grouped),
  Conv2D: convolution(2, grouped),
  Conv3D: convolution(3, grouped),
  DepthwiseConv1D: convolution(1, byChannel),
  DepthwiseConv2D: convolution(2, byChannel),
  SeparableConv1D: separable(1),
  SeparableConv2D: separable(2),
  Conv1DTranspose: transposed(1),
  Conv2DTranspose: transposed(2),
  Conv3DTranspose: transposed(3),
  MaxPooling1D: maxPooling(1),
  MaxPooling2D: maxPooling(2),
  MaxPooling3D: maxPooling(3),
  AveragePooling1D: averagePooling(1),
  AveragePooling2D: averagePooling(2),
  AveragePooling3D: averagePooling(3),
  GlobalMaxPooling1D: globalMax,
  GlobalMaxPooling2D: globalMax,
  GlobalMaxPooling3D: globalMax,
  GlobalAveragePooling1D: globalAverage,
  GlobalAveragePooling2D: globalAverage,
  GlobalAveragePooling3D: globalAverage,
};
