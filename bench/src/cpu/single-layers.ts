// The single layers that are measured: the product, the convolutions of residual networks, depthwise ones, pooling, normalisation, softmax.
import { matmul, softmax, type Tensor } from "@stria/core";
import { batchNorm2d, Conv2d, GlobalAvgPool, MaxPool2d, Module, relu, sequential } from "@stria/layers";
import type { Prediction } from "./stria-prediction.ts";

class Product extends Module<[a: Tensor, b: Tensor]> {
  override forward(a: Tensor, b: Tensor): Tensor {
    return matmul(a, b);
  }
}

class Softmax extends Module {
  override forward(x: Tensor): Tensor {
    return softmax(x, 1);
  }
}

type Image = readonly [batch: number, channels: number, height: number, width: number];

interface Conv {
  readonly outputs: number;
  readonly kernel: number;
  readonly stride?: number;
  readonly groups?: number;
}

function conv(name: string, input: Image, { outputs, kernel, stride = 1, groups = 1 }: Conv): Prediction {
  const [batch, channels, height, width] = input;
  const padding = (kernel - 1) / 2;
  const places = Math.ceil(height / stride) * Math.ceil(width / stride);
  return {
    name,
    make: () => new Conv2d(channels, outputs, kernel, { stride, padding, groups }),
    inputs: [input],
    operations: () => (2 * batch * outputs * places * channels * kernel ** 2) / groups,
    torch: { do: "micro", call: ["conv", ...input, outputs, kernel, stride, padding, groups] },
  };
}

/** What is no product: its time counts, not its operations. */
function other(name: string, input: readonly number[], make: () => Module, call: string): Prediction {
  const image = [...input, 1, 1].slice(0, 4);
  return { name, make, inputs: [input], operations: () => 0, torch: { do: "micro", call: [call, ...image] } };
}

const residual = [
  [64, 56],
  [128, 28],
  [256, 14],
  [512, 7],
] as const;

export const singleLayers: readonly Prediction[] = [
  {
    name: "gemm512",
    make: () => new Product(),
    inputs: [
      [512, 512],
      [512, 512],
    ],
    operations: () => 2 * 512 ** 3,
    torch: { do: "micro", call: ["gemm", 512, 512, 512] },
  },
  ...[1, 8].flatMap((batch) =>
    residual.map(([channels, side]) =>
      conv(`conv3x3_${channels}x${side}_b${batch}`, [batch, channels, side, side], { outputs: channels, kernel: 3 }),
    ),
  ),
  conv("conv1x1_256to64_56", [1, 256, 56, 56], { outputs: 64, kernel: 1 }),
  conv("conv1x1_1024to256_14", [1, 1024, 14, 14], { outputs: 256, kernel: 1 }),
  conv("conv7x7s2_3to64_224", [1, 3, 224, 224], { outputs: 64, kernel: 7, stride: 2 }),
  conv("dw3x3_144_56_s1", [1, 144, 56, 56], { outputs: 144, kernel: 3, groups: 144 }),
  conv("dw3x3_144_56_s2", [1, 144, 56, 56], { outputs: 144, kernel: 3, stride: 2, groups: 144 }),
  other("maxpool3x3s2_64x112", [1, 64, 112, 112], () => new MaxPool2d(3, { stride: 2, padding: 1 }), "maxPool"),
  other(
    "bnrelu_64x112",
    [1, 64, 112, 112],
    () => sequential([batchNorm2d(), relu()], { inputShape: [64, 112, 112] }),
    "normRelu",
  ),
  other("softmax_1x1000", [1, 1000], () => new Softmax(), "softmax"),
  other("softmax_64x1000", [64, 1000], () => new Softmax(), "softmax"),
  other("gap_512x7", [1, 512, 7, 7], () => new GlobalAvgPool(), "globalPool"),
  other("gap_2048x7_b8", [8, 2048, 7, 7], () => new GlobalAvgPool(), "globalPool"),
];
