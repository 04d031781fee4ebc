// @stria/core/reference: the executor that runs the references. Slow, obvious, exact: the oracle that every backend is held to.
import type { Backend } from "../backend.ts";
import { dtypes, type TypedArray } from "../tensor/dtype.ts";
import { fromKernels } from "../from-kernels.ts";
import { references } from "./table.ts";

export type { Reference } from "./reference.ts";
export { references } from "./table.ts";

/** A backend in plain JavaScript, on host arrays. @example await useBackend(reference()); */
export function reference(): Backend {
  return fromKernels<TypedArray>({
    name: "reference",
    dtypes,
    kernels: references,
    upload: (data) => data.slice(),
    download: async (data) => data.slice(),
    free: () => {},
  });
}
