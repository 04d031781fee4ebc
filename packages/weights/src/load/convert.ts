// A tensor of a file in the dtype that a model has.
import { allocate, type DType, FormatError, fromStored, type HostTensor, toStored } from "@stria/core";

const range: Readonly<Record<DType, (value: number) => boolean>> = {
  float32: () => true,
  float16: (value) => !Number.isFinite(value) || Number.isFinite(fromStored("float16", toStored("float16", value))),
  int32: (value) => Number.isInteger(value) && Math.abs(value) <= 2 ** 31,
  uint8: (value) => Number.isInteger(value) && value >= 0 && value <= 255,
  bool: (value) => value === 0 || value === 1,
};

/**
 * The same numbers as `dtype`, floats rounded.
 * @throws FormatError that names the element when one does not fit
 */
export function converted(tensor: HostTensor, dtype: DType, source: string): HostTensor {
  if (tensor.dtype === dtype) return tensor;
  const data = allocate(dtype, tensor.data.length);
  for (const [index, element] of tensor.data.entries()) {
    const value = fromStored(tensor.dtype, element);
    if (!range[dtype](value))
      throw new FormatError(
        source,
        `element ${index}, ${value}, does not fit ${dtype}`,
        "build the model with a dtype that holds it",
      );
    data[index] = toStored(dtype, value);
  }
  return { ...tensor, dtype, data };
}
