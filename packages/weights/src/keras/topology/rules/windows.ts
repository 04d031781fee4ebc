// Convolutions and poolings: the arithmetic of windows as Keras (and TensorFlow) does it. "same" is ceil(length / stride), at any stride.
import type { Shape } from "@stria/core";
import { type KerasVariable, type LayerRule, image, imageOf, known } from "../rule.ts";
import type { Border, Settings } from "../settings.ts";
import type { KerasShape } from "../topology.ts";

/** How many places a window has along an axis. */
export function places(length: number, extent: number, stride: number, border: Border): number {
  return border === "valid" ? Math.floor((length - extent) / stride) + 1 : Math.ceil(length / stride);
}

function slid(
  settings: Settings,
  lengths: KerasShape,
  kernel: readonly number[],
  stride: readonly number[],
  dilation: readonly number[],
): KerasShape {
  const border = settings.border();
  return lengths.map((length, axis) => {
    if (length === null) return null;
    const extent = ((kernel[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1;
    const count = places(length, extent, stride[axis] ?? 1, border);
    return count > 0 ? count : settings.fail(`has a window of ${extent} on an axis of ${length}`);
  });
}

const ones = (count: number): number[] => Array.from({ length: count }, () => 1);

function bias(settings: Settings, length: number): KerasVariable[] {
  return settings.flag("use_bias", true) ? [{ name: "bias", shape: [length] }] : [];
}

interface Kind {
  readonly outChannels: (settings: Settings, channels: number | null) => number | null;
  readonly variables: (settings: Settings, channels: number, kernel: Shape) => readonly KerasVariable[];
}

const multiplier = (settings: Settings): number => settings.integer("depth_multiplier", 1);

const conv: Kind = {
  outChannels: (settings) => settings.integer("filters"),
  variables: (settings, channels, kernel) => {
    const [filters, groups] = [settings.integer("filters"), settings.integer("groups", 1)];
    if (channels % groups !== 0 || filters % groups !== 0)
      settings.fail(`splits ${channels} channels and ${filters} filters into ${groups} groups`);
    return [{ name: "kernel", shape: [...kernel, channels / groups, filters] }, ...bias(settings, filters)];
  },
};

const depthwise: Kind = {
  outChannels: (settings, channels) => (channels === null ? null : channels * multiplier(settings)),
  variables: (settings, channels, kernel) => [
    { name: "kernel", shape: [...kernel, channels, multiplier(settings)], formerly: ["depthwise_kernel"] },
    ...bias(settings, channels * multiplier(settings)),
  ],
};

const separable: Kind = {
  outChannels: conv.outChannels,
  variables: (settings, channels, kernel) => {
    const [filters, between] = [settings.integer("filters"), channels * multiplier(settings)];
    return [
      { name: "depthwise_kernel", shape: [...kernel, channels, multiplier(settings)] },
      { name: "pointwise_kernel", shape: [...kernel.map(() => 1), between, filters] },
      ...bias(settings, filters),
    ];
  },
};

function convolution(spatial: number, { outChannels, variables }: Kind): LayerRule {
  const kernel = (settings: Settings): number[] => settings.sizes("kernel_size", spatial);
  return {
    shape: (settings, input) => {
      const { lengths, channels } = imageOf(settings, input, spatial);
      const stride = settings.sizes("strides", spatial, ones(spatial));
      const dilation = settings.sizes("dilation_rate", spatial, ones(spatial));
      return image(
        settings,
        slid(settings, lengths, kernel(settings), stride, dilation),
        outChannels(settings, channels),
      );
    },
    variables: (settings, input) =>
      variables(
        settings,
        known(settings, imageOf(settings, input, spatial).channels, "the channels"),
        kernel(settings),
      ),
  };
}

/** The length that a transposed convolution gives, as TensorFlow has it; `outputPadding` undefined where the stride alone says it. */
export function enlarged(
  length: number,
  kernel: number,
  stride: number,
  border: Border,
  outputPadding: number | undefined,
): number {
  if (outputPadding === undefined) return length * stride + (border === "valid" ? Math.max(kernel - stride, 0) : 0);
  const cut = border === "same" ? 2 * Math.floor(kernel / 2) : 0;
  return (length - 1) * stride + kernel - cut + outputPadding;
}

function transposed(spatial: number): LayerRule {
  return {
    shape: (settings, input) => {
      const { lengths } = imageOf(settings, input, spatial);
      const kernel = settings.sizes("kernel_size", spatial);
      const stride = settings.sizes("strides", spatial, ones(spatial));
      const dilation = settings.sizes("dilation_rate", spatial, ones(spatial));
      const given = settings.value("output_padding");
      const padding = given === undefined ? undefined : settings.sizes("output_padding", spatial, undefined, 0);
      const larger = lengths.map((length, axis) => {
        if (length === null) return null;
        const extent = ((kernel[axis] ?? 1) - 1) * (dilation[axis] ?? 1) + 1;
        return enlarged(length, extent, stride[axis] ?? 1, settings.border(), padding?.[axis]);
      });
      return image(settings, larger, settings.integer("filters"));
    },
    variables: (settings, input) => {
      const channels = known(settings, imageOf(settings, input, spatial).channels, "the channels");
      const filters = settings.integer("filters");
      const kernel = settings.sizes("kernel_size", spatial);
      return [{ name: "kernel", shape: [...kernel, filters, channels] }, ...bias(settings, filters)];
    },
  };
}

function pooling(spatial: number): LayerRule {
  return {
    shape: (settings, input) => {
      const { lengths, channels } = imageOf(settings, input, spatial);
      const kernel = settings.sizes("pool_size", spatial, spatial === 1 ? [2] : ones(spatial).map(() => 2));
      const stride = settings.sizes("strides", spatial, kernel);
      return image(settings, slid(settings, lengths, kernel, stride, ones(spatial)), channels);
    },
  };
}

function globalPooling(spatial: number): LayerRule {
  return {
    shape: (settings, input) => {
      const { lengths, channels } = imageOf(settings, input, spatial);
      return settings.flag("keepdims", false)
        ? image(
            settings,
            lengths.map(() => 1),
            channels,
          )
        : [channels];
    },
  };
}

/** The rules of layers that slide windows. */
export const windowRules: Readonly<Record<string, LayerRule>> = {
  Conv1D: convolution(1, conv),
  Conv2D: convolution(2, conv),
  Conv3D: convolution(3, conv),
  DepthwiseConv1D: convolution(1, depthwise),
  DepthwiseConv2D: convolution(2, depthwise),
  SeparableConv1D: convolution(1, separable),
  SeparableConv2D: convolution(2, separable),
  Conv1DTranspose: transposed(1),
  Conv2DTranspose: transposed(2),
  Conv3DTranspose: transposed(3),
  MaxPooling1D: pooling(1),
  MaxPooling2D: pooling(2),
  MaxPooling3D: pooling(3),
  AveragePooling1D: pooling(1),
  AveragePooling2D: pooling(2),
  AveragePooling3D: pooling(3),
  GlobalMaxPooling1D: globalPooling(1),
  GlobalMaxPooling2D: globalPooling(2),
  GlobalMaxPooling3D: globalPooling(3),
  GlobalAveragePooling1D: globalPooling(1),
  GlobalAveragePooling2D: globalPooling(2),
  GlobalAveragePooling3D: globalPooling(3),
};
