// A tensor on the host with its axes in another order.
import { type HostTensor, sizeOf } from "@stria/core";

/** The same numbers with axis `order[i]` as axis i, as numpy.transpose. `order` names every axis once. The data are a copy. */
export function permuted(tensor: HostTensor, order: readonly number[]): HostTensor {
  const shape = order.map((axis) => tensor.shape[axis] ?? 1);
  const steps = order.map((axis) => sizeOf(tensor.shape.slice(axis + 1)));
  const data = tensor.data.slice();
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < data.length; to++) {
    data[to] = tensor.data[from] ?? 0;
    for (let axis = index.length - 1; axis >= 0; axis--) {
      const [position = 0, length = 1, step = 0] = [index[axis], shape[axis], steps[axis]];
      if (position + 1 < length) {
        index[axis] = position + 1;
        from += step;
        break;
      }
      index[axis] = 0;
      from -= position * step;
    }
  }
  return { ...tensor, shape, data };
}
