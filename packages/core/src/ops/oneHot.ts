// Classes as vectors.
import { type TensorLike } from "../tensor/dispatch.ts";
import type { DType } from "../tensor/dtype.ts";
import { AttributeError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { equal } from "./equal.ts";
import { iota } from "./iota.ts";
import { reshape } from "./reshape.ts";
import { asIndices } from "./support/indexing.ts";

/** [...] (int32) -> [..., classes]: 1 at the index, 0 elsewhere; an index outside 0..classes-1 gives 0 everywhere. @throws AttributeError. */
export function oneHot(indices: TensorLike, classes: number, dtype: DType = "float32"): Tensor {
  if (!Number.isInteger(classes) || classes < 0)
    throw new AttributeError("oneHot", `there are ${String(classes)} classes`, "use a whole number >= 0");
  const labels = asIndices("oneHot", indices);
  const shape = labels.shape.map(() => 1);
  return cast(equal(reshape(labels, [...labels.shape, 1]), iota([...shape, classes], labels.rank)), dtype);
}
