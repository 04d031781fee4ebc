// A tensor on the host with its axes in another order.
import { type HostTensor, sizeOf } from "@stria/core";

/** The same numbers with axis `order[i]` as axis i, as numpy.transpose. `order` names every axis once. The data are a copy. */
export function permuted(tensor: HostTensor, order: readonly number[]): HostTensor {
  const shape = order.map((axis) => tensor.shape[axis] ?? 1);
  const steps = order.map((axis) => sizeOf(tensor.shape.slice(axis + 1)));
  const data = tensor.data.slice();
  const [length = 1, step = 0] = [shape.at(-1), steps.at(-1)];
  const outer = shape.slice(0, -1);
  const index = outer.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to += length) {
    for (let inner = 0, at = from; inner < length; inner++, at += step) data[to + inner] = tensor.data[at] ?? 0;
    for (let axis = index.length - 1; axis >= 0; axis--) {
      const [position = 0, count = 1, stride = 0] = [index[axis], outer[axis], steps[axis]];
      if (position + 1 < count) {
        index[axis] = position + 1;
        from += stride;
        break;
      }
      index[axis] = 0;
      from -= position * stride;
    }
  }
  return { ...tensor, shape, data };
}
