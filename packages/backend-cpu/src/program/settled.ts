// What does not change from one run to the next: values that depend on parameters alone, in a graph that leaves its parameters as they are.
import { at, type Graph } from "@stria/core";
import { keepsPreparation, parameterRoles } from "./parameters.ts";

/** For each value, whether it is the same in every run until the parameters are changed from outside. */
export function settledValues(graph: Graph): readonly boolean[] {
  const settled = graph.values.map(() => false);
  if (!keepsPreparation(graph)) return settled;
  for (const { value, role } of graph.inputs) settled[value] = parameterRoles.has(role);
  for (const { value } of graph.constants) settled[value] = true;
  for (const { inputs, outputs } of graph.nodes)
    if (inputs.every((input) => at(settled, input))) for (const output of outputs) settled[output] = true;
  return settled;
}
