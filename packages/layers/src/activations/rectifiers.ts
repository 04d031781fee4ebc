// Rectifiers: a line above 0, less below. At 0 the gradient is that of the lower side.
import {
  AttributeError,
  type Tensor,
  type TensorLike,
  asTensor,
  at,
  concat,
  greater,
  max,
  mul,
  neg,
  relu,
  reshape,
  where,
} from "@stria/core";
import { alongChannels, axisFromZero, splitAxis } from "../axes.ts";
import { clamp } from "../clamp.ts";

/** min(max(x, 0), 6) (Krizhevsky 2010). */
export function relu6(x: Tensor): Tensor {
  return clamp(x, 0, 6);
}

/** x above 0, else slope x (Maas, Hannun & Ng 2013). */
export function leakyRelu(x: Tensor, slope = 0.01): Tensor {
  return where(greater(x, 0), x, mul(x, slope));
}

/**
 * x above 0, else weight x (He et al. 2015): `weight` has one number, or one for each channel of x [N, C, ...].
 * @throws AttributeError when it has another count.
 */
export function prelu(x: Tensor, weight: TensorLike): Tensor {
  const slope = asTensor(weight, "prelu");
  const channels = x.rank > 1 ? at(x.shape, 1) : 1;
  if (slope.size !== 1 && slope.size !== channels)
    throw new AttributeError(
      "prelu",
      `there are ${slope.size} slopes for ${channels} channels`,
      "give one slope, or one for each channel",
    );
  return where(greater(x, 0), x, mul(x, slope.size === 1 ? reshape(slope, []) : alongChannels(slope, x.rank)));
}

/** relu(x) and relu(-x), one after the other along the channels: [N, C, ...] -> [N, 2 C, ...] (Shang et al. 2016). */
export function crelu(x: Tensor): Tensor {
  return concat([relu(x), relu(neg(x))], 1);
}

/**
 * The largest of each `pieces` neighbours along `axis`, by default the channels: [N, C, ...] -> [N, C / pieces, ...] (Goodfellow et al. 2013).
 * Also known as cross-channel pooling.
 * @throws AttributeError where the axis does not divide.
 */
export function maxout(x: Tensor, pieces: number, axis = 1): Tensor {
  const along = axisFromZero("maxout", axis, x.rank);
  return max(splitAxis("maxout", x, along, pieces), along + 1);
}
