// A backend states which element types it has; others are refused by name before it sees them.
import type { Aval } from "./aval.ts";
import type { Backend } from "../backend.ts";
import { DTypeError } from "../errors.ts";

/** @throws DTypeError naming the first dtype that `backend` lacks. */
export function checkDTypes(backend: Backend, values: readonly Aval[], subject: string): void {
  const { dtypes } = backend.capabilities;
  const lacking = values.find(({ dtype }) => !dtypes.includes(dtype));
  if (lacking)
    throw new DTypeError(
      subject,
      `backend "${backend.name}" has no ${lacking.dtype}`,
      `cast to ${dtypes.join(" or ")} first, or use another backend`,
    );
}
