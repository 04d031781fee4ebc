// The identity matrix.
import type { DType } from "../tensor/dtype.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { cast } from "./cast.ts";
import { equal } from "./equal.ts";
import { iota } from "./iota.ts";

/** Ones on the diagonal, zeros elsewhere: [rows, columns]. */
export function eye(rows: number, columns: number = rows, dtype: DType = "float32"): Tensor {
  return cast(equal(iota([rows, columns], 0), iota([rows, columns], 1)), dtype);
}
