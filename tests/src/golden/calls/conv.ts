// Convolutions, their transposes, unfold and fold.
import {
  type PaddingLike,
  type PerAxis,
  type Tensor,
  conv,
  convTranspose,
  fold,
  namedCells,
  trueConvolution,
  unfold,
} from "@stria/core";
import {
  CausalConv1d,
  Conv1d,
  Conv2d,
  Conv3d,
  type ConvLayerOptions,
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeLayerOptions,
  type Module,
} from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import { batched } from "./axes.ts";
import type { Call, CallTable, ExpressionTable } from "./call.ts";
import { padLastAxes, paddingMode } from "./padding.ts";

/** Numbers, or one of PyTorch's words. */
function paddingOf(given: Arguments): PaddingLike {
  const value = given.json("padding");
  if (value === "same" || value === "valid") return value;
  return typeof value === "string" ? given.unsupported(`with padding "${value}"`) : given.perAxis("padding", 0);
}

function bias(given: Arguments): { bias?: Tensor } {
  const found = given.maybe("bias");
  return found ? { bias: found } : {};
}

function convolution(axes: number): Call {
  return (given) => {
    const options = {
      stride: given.perAxis("stride", 1),
      padding: paddingOf(given),
      dilation: given.perAxis("dilation", 1),
      groups: given.number("groups", 1),
      ...bias(given),
    };
    return batched(given.tensor(), axes + 2, (x) => conv(x, given.tensor("weight"), options));
  };
}

function transposedConvolution(axes: number): Call {
  return (given) => {
    const options = {
      stride: given.perAxis("stride", 1),
      padding: given.perAxis("padding", 0),
      outputPadding: given.perAxis("output_padding", 0),
      dilation: given.perAxis("dilation", 1),
      groups: given.number("groups", 1),
      ...bias(given),
    };
    return batched(given.tensor(), axes + 2, (x) => convTranspose(x, given.tensor("weight"), options));
  };
}

type ConvLayer = new (inputs: number, outputs: number, kernel: PerAxis, options: ConvLayerOptions) => Module;
type TransposedLayer = new (
  inputs: number,
  outputs: number,
  kernel: PerAxis,
  options: ConvTransposeLayerOptions,
) => Module;

/** A layer whose parameters are the given tensors. */
function filled(given: Arguments, axes: number, layer: Module): Tensor {
  for (const [name, cell] of namedCells(layer)) cell.set(given.tensor(name));
  return batched(given.tensor(), axes + 2, (x) => layer.forward(x));
}

/** What layers of both kinds are built with. */
function sizesOf(given: Arguments): [number, number, PerAxis] {
  return [given.number("in_channels"), given.number("out_channels"), given.perAxis("kernel_size")];
}

function convolutionLayer(axes: number, Layer: ConvLayer): Call {
  return (given) => {
    const mode = given.text("padding_mode", "zeros");
    const layer = new Layer(...sizesOf(given), {
      stride: given.perAxis("stride", 1),
      padding: paddingOf(given),
      paddingMode: paddingMode(mode) ?? given.unsupported(`with padding_mode "${mode}"`),
      dilation: given.perAxis("dilation", 1),
      groups: given.number("groups", 1),
      bias: given.flag("bias", true),
    });
    return filled(given, axes, layer);
  };
}

function transposedLayer(axes: number, Layer: TransposedLayer): Call {
  return (given) => {
    const layer = new Layer(...sizesOf(given), {
      stride: given.perAxis("stride", 1),
      padding: given.perAxis("padding", 0),
      outputPadding: given.perAxis("output_padding", 0),
      dilation: given.perAxis("dilation", 1),
      groups: given.number("groups", 1),
      bias: given.flag("bias", true),
    });
    return filled(given, axes, layer);
  };
}

function window(given: Arguments): {
  kernel: number | number[];
  stride: number | number[];
  padding: number | number[];
  dilation: number | number[];
} {
  return {
    kernel: given.perAxis("kernel_size"),
    stride: given.perAxis("stride", 1),
    padding: given.perAxis("padding", 0),
    dilation: given.perAxis("dilation", 1),
  };
}

export const convCalls: CallTable = {
  "torch.nn.functional.conv1d": convolution(1),
  "torch.nn.functional.conv2d": convolution(2),
  "torch.nn.functional.conv3d": convolution(3),
  "torch.nn.functional.conv_transpose1d": transposedConvolution(1),
  "torch.nn.functional.conv_transpose2d": transposedConvolution(2),
  "torch.nn.functional.conv_transpose3d": transposedConvolution(3),
  "torch.nn.Conv1d": convolutionLayer(1, Conv1d),
  "torch.nn.Conv2d": convolutionLayer(2, Conv2d),
  "torch.nn.Conv3d": convolutionLayer(3, Conv3d),
  "torch.nn.ConvTranspose1d": transposedLayer(1, ConvTranspose1d),
  "torch.nn.ConvTranspose2d": transposedLayer(2, ConvTranspose2d),
  "torch.nn.ConvTranspose3d": transposedLayer(3, ConvTranspose3d),
  "torch.nn.functional.unfold": (given) => batched(given.tensor(), 4, (x) => unfold(x, window(given))),
  "torch.nn.functional.fold": (given) => {
    const size = given.perAxis("output_size");
    const outputSize = typeof size === "number" ? [size, size] : size;
    return batched(given.tensor(), 3, (columns) => fold(columns, { ...window(given), outputSize }));
  },
};

export const convExpressions: ExpressionTable = {
  conv2d_asymmetric: [
    {
      expression: "F.conv2d(F.pad(input, pad), weight, bias, stride, 0, dilation, groups)",
      answer(given) {
        const [left = 0, right = 0, top = 0, bottom = 0] = given.numbers("pad");
        const [x, weight] = [given.tensor(), given.tensor("weight")];
        // What is negative is cut off first; the rest is the convolution's own asymmetric padding.
        const cut =
          padLastAxes(
            x,
            [left, right, top, bottom].map((size) => Math.min(0, size)),
          ) ?? x;
        const kept = (size: number): number => Math.max(0, size);
        return conv(cut, weight, {
          padding: [
            [kept(top), kept(bottom)],
            [kept(left), kept(right)],
          ],
          stride: given.perAxis("stride", 1),
          dilation: given.perAxis("dilation", 1),
          groups: given.number("groups", 1),
          ...bias(given),
        });
      },
    },
  ],
  causal_conv1d: [
    {
      expression: "F.conv1d(F.pad(input, [(weight.shape[2] - 1) * dilation, 0]), weight, bias, dilation=dilation)",
      answer(given) {
        const [outputs, inputs, kernel] = given.tensor("weight").shape;
        const dilation = given.number("dilation");
        return filled(given, 1, new CausalConv1d(inputs ?? 0, outputs ?? 0, kernel ?? 0, { dilation }));
      },
    },
  ],
  true_convolution1d: [
    {
      expression: "F.conv1d(input, weight.flip(2), padding=padding)",
      answer: (given) => trueConvolution(given.tensor(), given.tensor("weight"), { padding: given.perAxis("padding") }),
    },
  ],
  true_convolution2d: [
    {
      expression: "F.conv2d(input, weight.flip((2, 3)), padding=padding)",
      answer: (given) => trueConvolution(given.tensor(), given.tensor("weight"), { padding: given.perAxis("padding") }),
    },
  ],
};
