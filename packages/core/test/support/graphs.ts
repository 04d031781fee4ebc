// A graph by hand that has everything a graph can have.
import { allOps } from "../../src/all-ops.ts";
import type { Graph, Op } from "../../src/index.ts";

/** An op by its name. */
function opNamed(name: string): Op {
  const found = allOps[name];
  if (!found) throw new Error(`there is no op ${name}`);
  return found;
}

/** A parameter that takes 1.5, -0 and -infinity, constants of every dtype. */
export function everything(): Graph {
  const scalar = { shape: [3], dtype: "float32" } as const;
  return {
    values: [
      scalar,
      scalar,
      { shape: [2], dtype: "int32" },
      { shape: [3], dtype: "bool" },
      scalar,
      scalar,
      { shape: [4], dtype: "float32" },
    ],
    inputs: [
      { value: 0, role: "param", name: "weight" },
      {
        value: 5,
        role: "noise",
        name: "drop",
        noise: { stream: "drop/0", distribution: "bernoulli", parameters: [0.5] },
      },
    ],
    constants: [
      { value: 1, data: Float32Array.of(1.5, -0, -Infinity) },
      { value: 2, data: Int32Array.of(-1, 2 ** 31 - 1) },
      { value: 3, data: Uint8Array.of(0, 1, 1) },
    ],
    nodes: [
      { op: opNamed("add"), inputs: [0, 1], outputs: [4], attrs: {}, site: "layer1.0" },
      { op: opNamed("pad"), inputs: [4], outputs: [6], attrs: { padding: [[0, 1]], value: -Infinity } },
    ],
    outputs: [{ value: 6, name: "padded" }],
    writebacks: [{ from: 4, to: 0 }],
  };
}
