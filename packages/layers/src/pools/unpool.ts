// What undoes max pooling: values back at their places.
import {
  AttributeError,
  type PerAxis,
  type Shape,
  ShapeError,
  type Tensor,
  at,
  checkHostData,
  reshape,
  sameShape,
  scatter,
  scatterAdd,
  showShape,
  sizeOf,
  zeros,
} from "@stria/core";
import { kernelSizes, spatialSizes } from "../check.ts";
import { Module, inLayer } from "../module.ts";

export interface UnpoolOptions {
  /** The stride of the pooling. Default the kernel. */
  readonly stride?: PerAxis;
  /** The padding of the pooling. Default 0. */
  readonly padding?: PerAxis;
}

/** Along one axis: the size that the pooling saw if nothing was left over, (n - 1) stride - 2 padding + kernel, its stride, and whether its windows overlap. */
interface Seen {
  readonly size: number;
  readonly step: number;
  readonly overlap: boolean;
}

function seenBy(places: Shape, kernel: PerAxis, { stride = kernel, padding = 0 }: UnpoolOptions): Seen[] {
  const sizes = kernelSizes("maxUnpool", kernel, places.length);
  const steps = kernelSizes("maxUnpool", stride, places.length, "stride");
  const pads = typeof padding === "number" ? places.map(() => padding) : padding;
  if (pads.length !== places.length)
    throw new AttributeError("maxUnpool", `padding has ${pads.length} entries`, `give one number, or ${places.length}`);
  return places.map((count, axis) => {
    const [length, step] = [at(sizes, axis), at(steps, axis)];
    return { size: (count - 1) * step - 2 * at(pads, axis) + length, step, overlap: step < length };
  });
}

/** @throws ShapeError where a pooling of these sizes would have another number of windows. */
function checkOutput(sizes: Shape, places: Shape, seen: readonly Seen[]): void {
  const fits =
    sizes.length === seen.length &&
    seen.every(({ size, step }, axis) => at(sizes, axis) > Math.max(0, size - step) && at(sizes, axis) < size + step);
  if (!fits)
    throw new ShapeError(
      "maxUnpool",
      `the output ${showShape(sizes)} is not what a pooling to ${showShape(places)} has seen`,
      `give sizes near ${showShape(seen.map(({ size }) => size))}, as the pooled tensor had them`,
    );
}

/**
 * What max pooling kept, back at its places, and zeros elsewhere (Zeiler & Fergus 2014): `values` [N, C, ...] at `indices` (int32, places in the plane,
 * as `maxPoolWithIndices` gives them). `outputSize`: the spatial sizes that the pooling saw, where some did not divide; else they follow from the kernel.
 * Where windows overlap and name a place twice, the last stays and has the gradient; where they cannot, indices that do are added up.
 * @throws ShapeError, AttributeError; indices outside the plane that are on the host are refused, others are left out.
 */
export function maxUnpool(
  values: Tensor,
  indices: Tensor,
  kernel: PerAxis,
  { outputSize, ...options }: UnpoolOptions & { readonly outputSize?: Shape } = {},
): Tensor {
  const places = spatialSizes("maxUnpool", values);
  if (!sameShape(values.shape, indices.shape))
    throw new ShapeError(
      "maxUnpool",
      `values are ${showShape(values.shape)}, indices ${showShape(indices.shape)}`,
      "give the indices of the same pooling",
    );
  const seen = seenBy(places, kernel, options);
  const sizes = outputSize ?? seen.map(({ size }) => size);
  checkOutput(sizes, places, seen);
  const plane = sizeOf(sizes);
  checkHostData(indices, (data) => {
    for (const index of data)
      if (!(index >= 0 && index < plane))
        throw new AttributeError(
          "maxUnpool",
          `index ${index} is not in a plane ${showShape(sizes)} of ${plane} places`,
          "give the size of what was pooled as outputSize",
        );
  });
  const lead = values.shape.slice(0, 2);
  const flat = [...lead, sizeOf(places)];
  // Adding is several times as fast as finding the last of all that name a place.
  const put = seen.some(({ overlap }) => overlap) ? scatter : scatterAdd;
  const plain = zeros([...lead, plane], values.dtype);
  return reshape(put(plain, reshape(indices, flat), reshape(values, flat), 2), [...lead, ...sizes]);
}

/** {@link maxUnpool} as a layer: `forward(values, indices, outputSize)`. */
export class MaxUnpool extends Module<[values: Tensor, indices: Tensor, outputSize?: Shape]> {
  readonly kernel: PerAxis;
  readonly options: UnpoolOptions;

  constructor(kernel: PerAxis, options: UnpoolOptions = {}) {
    super();
    this.kernel = kernel;
    this.options = options;
  }

  override forward(values: Tensor, indices: Tensor, outputSize?: Shape): Tensor {
    return inLayer(this, "MaxUnpool", () =>
      maxUnpool(values, indices, this.kernel, { ...this.options, ...(outputSize && { outputSize }) }),
    );
  }
}
