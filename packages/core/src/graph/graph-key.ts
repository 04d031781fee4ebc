// A text that is equal for equal graphs: the key under which anonymous programs are kept.
import { attributesKey } from "./attributes-key.ts";
import type { Graph } from "./graph.ts";
import { showAval } from "../tensor/aval.ts";

/** Op names, attributes, shapes, wiring and constants; names of inputs and outputs do not matter. */
export function graphKey(graph: Graph): string {
  const lines = graph.inputs.map(
    (input) => `in ${input.value} ${showAval(graph.values[input.value] ?? { shape: [], dtype: "bool" })}`,
  );
  for (const { value, data } of graph.constants)
    lines.push(
      `const ${value} ${graph.values[value]?.shape.join()} ${Array.from(new Uint8Array(data.buffer, data.byteOffset, data.byteLength)).join()}`,
    );
  for (const node of graph.nodes)
    lines.push(`${node.outputs.join()} = ${node.op.name}(${node.inputs.join()}) ${attributesKey(node.attrs)}`);
  lines.push(
    `out ${graph.outputs.map((output) => output.value).join()}`,
    `write ${graph.writebacks.map(({ from, to }) => `${from}>${to}`).join()}`,
  );
  return lines.join("\n");
}
