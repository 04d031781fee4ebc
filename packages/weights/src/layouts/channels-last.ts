// From the layouts of Keras and TF.js, channels last, to Stria's (and PyTorch's), channels first. Keras' documentation of each layer names its weights' axes.
import { type HostTensor, type Shape, ShapeError, sizeOf } from "@stria/core";
import { permuted } from "./permute.ts";

/**
 * What a tensor is in a channels-last model. Convolutions have one to three dimensions, `k` stands for theirs:
 *
 * | | from | to |
 * |---|---|---|
 * | `conv` | `[...k, in / groups, out]` | `[out, in / groups, ...k]` |
 * | `transposedConv` | `[...k, out, in]` | `[in, out, ...k]` |
 * | `depthwiseConv` | `[...k, in, multiplier]` | `[in * multiplier, 1, ...k]` |
 * | `dense` | `[in, out]` | `[out, in]` |
 * | `vector` | `[features]`: bias, normalisation | the same |
 *
 * Where a flatten lies before them, `dense` and `vector` need the shape that was flattened.
 */
export type ChannelsLastLayout = "conv" | "transposedConv" | "depthwiseConv" | "dense" | "vector";

export interface ChannelsLastOptions {
  /** The shape that a flatten before this layer made one axis of: `[h, w, channels]`, as the channels-last model has it. */
  readonly flattened?: Shape;
  /** What to call the tensor in errors. */
  readonly source?: string;
}

const spatialRanks = { least: 3, most: 5 };

/** The axes from `first` on, up to before `end`. */
const axes = (first: number, end: number): number[] => Array.from({ length: end - first }, (_, index) => first + index);

/** Channels first: the last of the flattened axes before the others. */
function unflattened(tensor: HostTensor, flattened: Shape): HostTensor {
  const places = flattened.length;
  const shape = [...flattened, ...tensor.shape.slice(1)];
  const order = [places - 1, ...axes(0, places - 1), ...axes(places, shape.length)];
  return { ...permuted({ ...tensor, shape }, order), shape: tensor.shape };
}

const rules: Readonly<Record<ChannelsLastLayout, (tensor: HostTensor) => HostTensor>> = {
  conv: (tensor) => kernel(tensor),
  transposedConv: (tensor) => kernel(tensor),
  depthwiseConv: (tensor) => {
    const places = tensor.shape.length - 2;
    const moved = permuted(tensor, [places, places + 1, ...axes(0, places)]);
    const [channels = 1, multiplier = 1, ...sizes] = moved.shape;
    return { ...moved, shape: [channels * multiplier, 1, ...sizes] };
  },
  dense: (tensor) => permuted(tensor, [1, 0]),
  vector: (tensor) => ({ ...tensor, data: tensor.data.slice() }),
};

/** The last two axes first, the last one before. */
function kernel(tensor: HostTensor): HostTensor {
  const places = tensor.shape.length - 2;
  return permuted(tensor, [places + 1, places, ...axes(0, places)]);
}

function fits(rank: number, layout: ChannelsLastLayout): boolean {
  if (layout === "vector") return rank === 1;
  return layout === "dense" ? rank === 2 : rank >= spatialRanks.least && rank <= spatialRanks.most;
}

/**
 * A weight of a channels-last model as Stria has it; {@link ChannelsLastLayout} lists the axes. The data are a copy.
 * @throws ShapeError when the tensor has not the rank that its layout says, or `flattened` does not multiply to its first axis
 */
export function fromChannelsLast(
  tensor: HostTensor,
  layout: ChannelsLastLayout,
  { flattened, source = "fromChannelsLast" }: ChannelsLastOptions = {},
): HostTensor {
  const { shape } = tensor;
  if (!Object.hasOwn(rules, layout))
    throw new ShapeError(
      source,
      `there is no layout ${JSON.stringify(layout)}`,
      `use one of ${Object.keys(rules).join(", ")}`,
    );
  if (!fits(shape.length, layout))
    throw new ShapeError(
      source,
      `[${shape.join(", ")}] is not the shape of a weight of the kind ${layout}`,
      layout === "vector" || layout === "dense"
        ? `pass a tensor of ${layout === "dense" ? "two axes" : "one axis"}`
        : "pass a kernel of one to three dimensions and two axes of channels",
    );
  if (flattened === undefined) return rules[layout](tensor);
  if (layout !== "dense" && layout !== "vector")
    throw new ShapeError(source, `a weight of the kind ${layout} is not behind a flatten`, "leave flattened out");
  if (flattened.length === 0 || sizeOf(flattened) !== shape[0])
    throw new ShapeError(
      source,
      `[${shape.join(", ")}] does not begin with the ${sizeOf(flattened)} features that a flatten makes of [${flattened.join(", ")}]`,
      "pass the shape that is flattened in the model that the weights are of, without the batch",
    );
  return rules[layout](unflattened(tensor, flattened));
}

/** Stria's names for the variables of Keras' batch normalisation; other normalisations have the first two. */
export const normalisationNames: Readonly<Record<string, string>> = {
  gamma: "weight",
  beta: "bias",
  moving_mean: "running_mean",
  moving_variance: "running_var",
};
