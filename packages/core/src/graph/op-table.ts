// Tables of ops by name. Only text knows ops by name: a graph holds the op itself.
import type { Op } from "../op.ts";

/** Ops by their names. `Op<never>` is an op whatever its attributes are. */
export function opTable(ops: readonly Op<never>[]): Readonly<Record<string, Op>> {
  return Object.fromEntries(ops.map((op): [string, Op] => [op.name, op]));
}
