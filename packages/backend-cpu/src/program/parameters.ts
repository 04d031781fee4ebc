// Which graphs have parameters that stay as they are, so that what is made of them may stay as well.
import type { Graph } from "@stria/core";

export const parameterRoles: ReadonlySet<string> = new Set(["param", "state"]);

/** Whether a graph has parameters or constants, and leaves them as they are. */
export function keepsPreparation({ writebacks, inputs, constants }: Graph): boolean {
  return writebacks.length === 0 && (constants.length > 0 || inputs.some(({ role }) => parameterRoles.has(role)));
}
