// Pooling in windows, adaptive where windows are equal, and what undoes it.
import {
  type AvgPoolOptions,
  type PoolOptions,
  type Tensor,
  abs,
  at,
  avgPool,
  max,
  maxPool,
  maxPoolGradient,
  maxPoolWithIndices,
  mean,
  mul,
  pow,
  relu,
  reshape,
  sign,
  transpose,
} from "@stria/core";
import type { Arguments } from "../arguments.ts";
import { isList } from "../json.ts";
import { batched, range, unsqueeze } from "./axes.ts";
import type { Answer, Call, CallTable, ExpressionTable } from "./call.ts";

type PerAxis = number | number[];

function windowOf(given: Arguments): { kernel: PerAxis; options: PoolOptions } {
  const kernel = given.perAxis("kernel_size");
  const stride = given.axes("stride");
  return {
    kernel,
    options: {
      stride: stride === undefined || (typeof stride === "object" && stride.length === 0) ? kernel : stride,
      padding: given.perAxis("padding", 0),
      ceilMode: given.flag("ceil_mode", false),
    },
  };
}

function maxPooling(axes: number): Call {
  return (given): Answer => {
    const { kernel, options } = windowOf(given);
    given.flag("return_indices", false);
    const x = given.tensor();
    const whole = x.rank === axes + 1 ? unsqueeze(x, 0) : x;
    const { values, indices } = maxPoolWithIndices(whole, kernel, {
      ...options,
      dilation: given.perAxis("dilation", 1),
    });
    const shape = values.shape.slice(whole === x ? 0 : 1);
    return { output: reshape(values, shape), indices: reshape(indices, shape) };
  };
}

function averagePooling(axes: number): Call {
  return (given) => {
    const { kernel, options } = windowOf(given);
    const divisor = given.has("divisor_override") ? { divisor: given.number("divisor_override") } : {};
    given.json("divisor_override");
    const all: AvgPoolOptions = { ...options, countPadding: given.flag("count_include_pad", true), ...divisor };
    return batched(given.tensor(), axes + 2, (x) => avgPool(x, kernel, all));
  };
}

/** (sum of x^p over a window)^(1/p): the mean, times the kernel's size. */
function powerPooling(axes: number): Call {
  return (given) => {
    const order = given.number("norm_type");
    const { kernel, options } = windowOf(given);
    const count = typeof kernel === "number" ? kernel ** axes : kernel.reduce((product, length) => product * length, 1);
    return batched(given.tensor(), axes + 2, (x) => {
      const average = avgPool(pow(x, order), kernel, options);
      return pow(mul(mul(sign(average), relu(abs(average))), count), 1 / order);
    });
  };
}

/** Kernel and stride where all windows are equal and do not overlap. */
function evenWindows(given: Arguments, spatial: readonly number[]): number[] {
  const wanted = given.json("output_size");
  const sizes = spatial.map((length, axis) => {
    const entry = isList(wanted) ? wanted[axis] : wanted;
    return typeof entry === "number" ? entry : length;
  });
  return spatial.map((length, axis) => {
    const size = at(sizes, axis);
    return length % size === 0 ? length / size : given.unsupported("with windows of different sizes");
  });
}

function adaptiveAverage(axes: number): Call {
  return (given) => batched(given.tensor(), axes + 2, (x) => avgPool(x, evenWindows(given, x.shape.slice(2))));
}

function adaptiveMax(axes: number): Call {
  return (given): Answer => {
    given.flag("return_indices", false);
    const x = given.tensor();
    if (x.rank !== axes + 2) return given.unsupported("without a batch axis");
    const { values, indices } = maxPoolWithIndices(x, evenWindows(given, x.shape.slice(2)));
    return { output: values, indices };
  };
}

/** The transpose of max pooling: values at the places where they were found, zeros elsewhere. */
function unpool(y: Tensor, indices: Tensor, kernel: PerAxis, stride: PerAxis, inputSize: readonly number[]): Tensor {
  const list = (value: PerAxis): number[] => (typeof value === "number" ? inputSize.map(() => value) : value);
  return maxPoolGradient(y, indices, {
    kernel: list(kernel),
    stride: list(stride),
    dilation: inputSize.map(() => 1),
    padding: inputSize.map(() => [0, 0] as const),
    inputSize: [...inputSize],
  });
}

function shuffle(x: Tensor, factor: number): Tensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const depth = channels / (factor * factor);
  const apart = reshape(x, [batch, depth, factor, factor, height, width]);
  return reshape(transpose(apart, [0, 1, 4, 2, 5, 3]), [batch, depth, height * factor, width * factor]);
}

function unshuffle(x: Tensor, factor: number): Tensor {
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const apart = reshape(x, [batch, channels, height / factor, factor, width / factor, factor]);
  return reshape(transpose(apart, [0, 1, 3, 5, 2, 4]), [
    batch,
    channels * factor * factor,
    height / factor,
    width / factor,
  ]);
}

export const poolCalls: CallTable = {
  "torch.nn.functional.max_pool1d": maxPooling(1),
  "torch.nn.functional.max_pool2d": maxPooling(2),
  "torch.nn.functional.max_pool3d": maxPooling(3),
  "torch.nn.functional.avg_pool1d": averagePooling(1),
  "torch.nn.functional.avg_pool2d": averagePooling(2),
  "torch.nn.functional.avg_pool3d": averagePooling(3),
  "torch.nn.functional.lp_pool1d": powerPooling(1),
  "torch.nn.functional.lp_pool2d": powerPooling(2),
  "torch.nn.functional.adaptive_avg_pool1d": adaptiveAverage(1),
  "torch.nn.functional.adaptive_avg_pool2d": adaptiveAverage(2),
  "torch.nn.functional.adaptive_avg_pool3d": adaptiveAverage(3),
  "torch.nn.functional.adaptive_max_pool1d": adaptiveMax(1),
  "torch.nn.functional.adaptive_max_pool2d": adaptiveMax(2),
  "torch.nn.functional.adaptive_max_pool3d": adaptiveMax(3),
  "torch.nn.functional.pixel_shuffle": (given) => shuffle(given.tensor(), given.number("upscale_factor")),
  "torch.nn.functional.pixel_unshuffle": (given) => unshuffle(given.tensor(), given.number("downscale_factor")),
  "torch.nn.functional.channel_shuffle": (given) => {
    const [x, groups] = [given.tensor(), given.number("groups")];
    const [batch = 0, channels = 0, ...rest] = x.shape;
    const apart = reshape(x, [batch, groups, channels / groups, ...rest]);
    return reshape(transpose(apart, [0, 2, 1, ...range(rest.length).map((axis) => axis + 3)]), x.shape);
  },
};

function squared(pool: typeof maxPool): Call {
  return (given) => {
    const { kernel, options } = windowOf(given);
    return pool(given.tensor().square(), kernel, options);
  };
}

export const poolExpressions: ExpressionTable = {
  max_pool2d_squared: [
    { expression: "F.max_pool2d(input * input, kernel_size, stride, padding)", answer: squared(maxPool) },
  ],
  avg_pool2d_squared: [
    { expression: "F.avg_pool2d(input * input, kernel_size, stride, padding)", answer: squared(avgPool) },
  ],
  global_average: [{ expression: "input.mean((2, 3))", answer: (given) => mean(given.tensor(), [2, 3]) }],
  global_max: [{ expression: "input.amax((2, 3))", answer: (given) => max(given.tensor(), [2, 3]) }],
  max_unpool2d_of_max_pool2d: [
    {
      expression:
        "(lambda y, i: (y, i, F.max_unpool2d(y, i, kernel_size, output_size=input.shape)))(*F.max_pool2d(input, kernel_size, return_indices=True))",
      answer(given) {
        const x = given.tensor();
        const kernel = given.perAxis("kernel_size");
        given.axes("stride"); // The expression leaves it out: it is the kernel's size.
        const { values, indices } = maxPoolWithIndices(x, kernel);
        return { pooled: values, indices, output: unpool(values, indices, kernel, kernel, x.shape.slice(2)) };
      },
    },
  ],
};
