// Weights from Keras' layouts to Stria's (and PyTorch's), class by class, under the names that Stria's layers give them.
import { type HostTensor, type Shape, sizeOf } from "@stria/core";
import { type ChannelsLastLayout, fromChannelsLast, normalisationNames } from "../../layouts/channels-last.ts";
import { permuted } from "../../layouts/permute.ts";

/** The variables of a layer, by Keras' names. */
export type Variables = ReadonlyMap<string, HostTensor>;

/** What a conversion knows besides the weights. */
export interface Around {
  /** For a Dense layer: the shape that was flattened before it. */
  readonly flattened?: Shape | undefined;
  /** What comes behind the names of recurrent weights: "_l0", "_l0_reverse". */
  readonly suffix?: string;
  /** What to call the layer in errors. */
  readonly source: string;
}

type Conversion = (variables: Variables, around: Around) => Record<string, HostTensor | undefined>;

function filled(shape: Shape, value: number): HostTensor {
  return { shape, dtype: "float32", data: new Float32Array(sizeOf(shape)).fill(value) };
}

const convolution =
  (layout: ChannelsLastLayout): Conversion =>
  (variables, { source }) => {
    const kernel = variables.get("kernel");
    return { weight: kernel && fromChannelsLast(kernel, layout, { source }), bias: variables.get("bias") };
  };

const separable: Conversion = (variables, { source }) => {
  const [depthwise, pointwise] = [variables.get("depthwise_kernel"), variables.get("pointwise_kernel")];
  return {
    "depthwise.weight": depthwise && fromChannelsLast(depthwise, "depthwiseConv", { source }),
    "pointwise.weight": pointwise && fromChannelsLast(pointwise, "conv", { source }),
    "pointwise.bias": variables.get("bias"),
  };
};

const dense: Conversion = (variables, { flattened, source }) => {
  const kernel = variables.get("kernel");
  return {
    weight: kernel && fromChannelsLast(kernel, "dense", { source, ...(flattened && { flattened }) }),
    bias: variables.get("bias"),
  };
};

const normalisation: Conversion = (variables) =>
  Object.fromEntries([...variables].map(([name, tensor]) => [normalisationNames[name] ?? name, tensor]));

/** Scale and shift that Keras leaves out are 1 and 0. */
const batchNormalisation: Conversion = (variables, around) => {
  const shape = variables.get("moving_mean")?.shape ?? [];
  return { weight: filled(shape, 1), bias: filled(shape, 0), ...normalisation(variables, around) };
};

/** Rows of the gates in another order. */
function gates(tensor: HostTensor, order: readonly number[]): HostTensor {
  const size = tensor.data.length / order.length;
  const data = tensor.data.slice();
  for (const [to, from] of order.entries()) data.set(tensor.data.subarray(from * size, (from + 1) * size), to * size);
  return { ...tensor, data };
}

function row(tensor: HostTensor, index: number): HostTensor {
  const length = tensor.shape[1] ?? 0;
  return { ...tensor, shape: [length], data: tensor.data.slice(index * length, (index + 1) * length) };
}

/** `order`: Keras' gates in Stria's order. LSTM has the same; GRU has update, reset, new in Keras and reset, update, new in Stria. */
const recurrent =
  (order: readonly number[]): Conversion =>
  (variables, { suffix = "_l0" }) => {
    const turned = (name: string): HostTensor | undefined => {
      const tensor = variables.get(name);
      return tensor && gates(permuted(tensor, [1, 0]), order);
    };
    const bias = variables.get("bias");
    const [ofInput, ofState] =
      bias?.shape.length === 2 ? [row(bias, 0), row(bias, 1)] : [bias, bias && filled(bias.shape, 0)];
    return {
      [`weight_ih${suffix}`]: turned("kernel"),
      [`weight_hh${suffix}`]: turned("recurrent_kernel"),
      [`bias_ih${suffix}`]: ofInput && gates(ofInput, order),
      [`bias_hh${suffix}`]: ofState && gates(ofState, order),
    };
  };

const conversions: Readonly<Record<string, Conversion>> = {
  Conv: convolution("conv"),
  ConvTranspose: convolution("transposedConv"),
  DepthwiseConv: convolution("depthwiseConv"),
  SeparableConv: separable,
  Dense: dense,
  BatchNormalization: batchNormalisation,
  LayerNormalization: normalisation,
  GroupNormalization: normalisation,
  Normalization: (variables) => ({ mean: variables.get("mean"), variance: variables.get("variance") }),
  LayerScale: (variables) => ({ weight: variables.get("gamma") }),
  Embedding: (variables) => ({ weight: variables.get("embeddings") }),
  PReLU: (variables) => ({ weight: variables.get("alpha") }),
  LSTM: recurrent([0, 1, 2, 3]),
  GRU: recurrent([1, 0, 2]),
  SimpleRNN: recurrent([0]),
};

/** The weights of a layer as Stria has them, by Stria's names. Kernels of any number of axes convert alike. */
export function converted(className: string, variables: Variables, around: Around): Map<string, HostTensor> {
  const family = className.replace(/\d+D/u, "").replace(/V[12]$/u, "");
  const entries = Object.entries(conversions[family]?.(variables, around) ?? {});
  return new Map(entries.flatMap(([name, tensor]) => (tensor ? [[name, tensor] as const] : [])));
}
