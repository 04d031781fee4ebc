// Pooling in windows, to given sizes, and what undoes it.
import { type AvgPoolOptions, type PoolOptions, avgPool, maxPool, maxPoolWithIndices, reshape } from "@stria/core";
import {
  type AdaptiveSize,
  adaptiveAvgPool,
  adaptiveMaxPool,
  channelShuffle,
  globalAvgPool,
  globalMaxPool,
  lpPool,
  maxUnpool,
  pixelShuffle,
  pixelUnshuffle,
  spatialPyramidPool,
} from "@stria/layers";
import type { Arguments } from "../arguments.ts";
import { asNumber, isList } from "../json.ts";
import { batched, unsqueeze } from "./axes.ts";
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

function powerPooling(axes: number): Call {
  return (given) => {
    const order = given.number("norm_type");
    const { kernel, options } = windowOf(given);
    return batched(given.tensor(), axes + 2, (x) => lpPool(x, order, kernel, options));
  };
}

/** The sizes to come to; null leaves an axis as it is. */
function wantedSize(given: Arguments): AdaptiveSize {
  const wanted = given.json("output_size");
  if (!isList(wanted)) return asNumber(wanted, "output_size");
  return wanted.map((size) => (size === null ? null : asNumber(size, "output_size")));
}

function adaptiveAverage(axes: number): Call {
  return (given) => batched(given.tensor(), axes + 2, (x) => adaptiveAvgPool(x, wantedSize(given)));
}

function adaptiveMax(axes: number): Call {
  return (given): Answer => {
    given.flag("return_indices", false);
    const x = given.tensor();
    const whole = x.rank === axes + 1 ? unsqueeze(x, 0) : x;
    const { values, indices } = adaptiveMaxPool(whole, wantedSize(given));
    const shape = values.shape.slice(whole === x ? 0 : 1);
    return { output: reshape(values, shape), indices: reshape(indices, shape) };
  };
}

function unpooling(axes: number): Call {
  return (given) => {
    const [values, indices] = [given.tensor(), given.tensor("indices")];
    const whole = values.rank === axes + 1 ? unsqueeze(values, 0) : values;
    const wanted = given.axes("output_size");
    const kernel = given.perAxis("kernel_size");
    const y = maxUnpool(whole, reshape(indices, whole.shape), kernel, {
      stride: given.axes("stride") ?? kernel,
      padding: given.perAxis("padding", 0),
      ...(wanted !== undefined && { outputSize: (typeof wanted === "number" ? [wanted] : wanted).slice(-axes) }),
    });
    return whole === values ? y : reshape(y, y.shape.slice(1));
  };
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
  "torch.nn.functional.lp_pool3d": powerPooling(3),
  "torch.nn.functional.adaptive_avg_pool1d": adaptiveAverage(1),
  "torch.nn.functional.adaptive_avg_pool2d": adaptiveAverage(2),
  "torch.nn.functional.adaptive_avg_pool3d": adaptiveAverage(3),
  "torch.nn.functional.adaptive_max_pool1d": adaptiveMax(1),
  "torch.nn.functional.adaptive_max_pool2d": adaptiveMax(2),
  "torch.nn.functional.adaptive_max_pool3d": adaptiveMax(3),
  "torch.nn.functional.max_unpool1d": unpooling(1),
  "torch.nn.functional.max_unpool2d": unpooling(2),
  "torch.nn.functional.max_unpool3d": unpooling(3),
  "torch.nn.functional.pixel_shuffle": (given) => pixelShuffle(given.tensor(), given.number("upscale_factor")),
  "torch.nn.functional.pixel_unshuffle": (given) => pixelUnshuffle(given.tensor(), given.number("downscale_factor")),
  "torch.nn.functional.channel_shuffle": (given) => channelShuffle(given.tensor(), given.number("groups")),
};

function squared(pool: typeof maxPool): Call {
  return (given) => {
    const { kernel, options } = windowOf(given);
    return pool(given.tensor().square(), kernel, options);
  };
}

export const poolExpressions: ExpressionTable = {
  spatial_pyramid_pool: [
    {
      expression: "torch.cat([F.adaptive_max_pool2d(input, level).flatten(1) for level in levels], 1)",
      answer: (given) => spatialPyramidPool(given.tensor(), given.numbers("levels")),
    },
  ],
  max_pool2d_squared: [
    { expression: "F.max_pool2d(input * input, kernel_size, stride, padding)", answer: squared(maxPool) },
  ],
  avg_pool2d_squared: [
    { expression: "F.avg_pool2d(input * input, kernel_size, stride, padding)", answer: squared(avgPool) },
  ],
  global_average: [{ expression: "input.mean((2, 3))", answer: (given) => globalAvgPool().forward(given.tensor()) }],
  global_max: [{ expression: "input.amax((2, 3))", answer: (given) => globalMaxPool().forward(given.tensor()) }],
  max_unpool2d_of_max_pool2d: [
    {
      expression:
        "(lambda y, i: (y, i, F.max_unpool2d(y, i, kernel_size, output_size=input.shape)))(*F.max_pool2d(input, kernel_size, return_indices=True))",
      answer(given) {
        const x = given.tensor();
        const kernel = given.perAxis("kernel_size");
        given.axes("stride"); // The expression leaves it out: it is the kernel's size.
        const { values, indices } = maxPoolWithIndices(x, kernel);
        return {
          pooled: values,
          indices,
          output: maxUnpool(values, indices, kernel, { outputSize: x.shape.slice(2) }),
        };
      },
    },
  ],
};
