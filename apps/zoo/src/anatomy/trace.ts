// The graph of a model's forward pass, with what each of its layers returned. Nothing is computed.
import { type Graph, type Shape, type Tensor, at, evaluating, inferGraph, namedModules } from "@stria/core";
import { type Module, observeCalls } from "@stria/layers";
import { firstTensor } from "./first-tensor.ts";

export interface Traced {
  readonly graph: Graph;
  /** The value that is the input. */
  readonly input: number;
  /** The first value that each module returned when it was called last, by path. */
  readonly returned: ReadonlyMap<string, number>;
  readonly layers: ReadonlyMap<string, object>;
  /** Paths of the layers that have none inside. */
  readonly leaves: ReadonlySet<string>;
}

/** @throws what the model throws for an input of this shape, which is given without the batch axis. */
export function traceModel(model: Module<never[], unknown>, inputShape: Shape, dtype: "float32" | "int32"): Traced {
  const layers = new Map(namedModules(model));
  const paths = [...layers.keys()];
  const containers = new Set(
    paths.flatMap((path) => path.split(".").map((_, end, parts) => parts.slice(0, end).join("."))),
  );
  const outputs: Tensor[] = [];
  const found = new Map<string, Tensor>();
  const graph = inferGraph(
    (inputs) => {
      const listen = ({ path, output }: { path: string; output: unknown }): void => {
        const tensor = firstTensor(output);
        if (tensor !== undefined) found.set(path, tensor);
      };
      observeCalls(model, listen, () => evaluating((): unknown => Reflect.apply(model.forward, model, inputs)));
      outputs.push(...inputs, ...found.values());
      return outputs;
    },
    [{ shape: [1, ...inputShape], dtype }],
  );
  const valueOf = (index: number): number => at(graph.outputs, index).value;
  return {
    graph,
    input: valueOf(0),
    returned: new Map([...found.keys()].map((path, index) => [path, valueOf(index + 1)])),
    layers,
    leaves: new Set(paths.filter((path) => path !== "" && !containers.has(path))),
  };
}
