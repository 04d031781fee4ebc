// Receptive fields of any tensors that a function of an input computes: for stages that have no row in a summary, and for what is no layer at all.
import { AttributeError, type DType, type Shape, type Tensor, at, evaluating, inferGraph, isTensor } from "@stria/core";
import { receptiveFields } from "./receptive-field.ts";
import type { ReceptiveField } from "./view.ts";

/**
 * What one unit of each tensor that `f` returns sees of the input, one field for each spatial axis, along the longest path (places for tokens); null for
 * tensors of which nothing can be followed. The input's shape is without the batch axis and in elements; nothing is computed, and the fields are
 * those on an unlimited input. `f` is traced in evaluation mode.
 * @throws AttributeError where `f` returns what is no tensor; what `f` throws for an input of this shape.
 * @example
 * const { layer2 } = receptiveFieldsOf((x) => features(net, ["layer2"]).forward(x), [3, 32, 32]);
 * layer2?.[0]; // { field: 37, jump: 2, start: -18 } of ResNet-20's rows
 */
export function receptiveFieldsOf<Name extends string>(
  f: (input: Tensor) => Readonly<Record<Name, Tensor>>,
  inputShape: Shape,
  { inputDType: dtype = "float32" }: { readonly inputDType?: DType } = {},
): Readonly<Record<Name, readonly ReceptiveField[] | null>> {
  let names: string[] = [];
  const graph = inferGraph(
    (inputs) => {
      const outputs = Object.entries<unknown>(evaluating(() => f(at(inputs, 0))));
      names = outputs.map(([name]) => name);
      return [
        at(inputs, 0),
        ...outputs.map(([name, output]) => {
          if (isTensor(output)) return output;
          throw new AttributeError("receptiveFieldsOf", `"${name}" is no tensor`, "return tensors by name");
        }),
      ];
    },
    [{ shape: [1, ...inputShape], dtype }],
  );
  const input = at(graph.outputs, 0).value;
  const sequence = dtype === "int32" && inputShape.length === 1;
  const fields = receptiveFields(graph, input, sequence ? 1 : 2);
  const entries = names.map((name, index) => {
    const seen = fields.get(at(graph.outputs, index + 1).value) ?? [];
    return [name, seen.length > 0 ? seen : null] as const;
  });
  return Object.fromEntries(entries) as Record<Name, readonly ReceptiveField[] | null>;
}
