// Sums at indices: where many updates meet at few places, an executor that adds as they come gives other bits in every run.
import { at } from "@stria/core";
import type { Check } from "../check.ts";
import { difference } from "../compare.ts";
import { oneNode, opNamed, runGraph } from "../graphs.ts";
import { type Operand, Random } from "../random.ts";

const [updates, places, runs] = [6000, 7, 4];

function faultsOf(name: string, results: readonly Awaited<ReturnType<typeof runGraph>>[]): string[] {
  return results.slice(1).flatMap((result, run) => {
    const words = difference(at(result, 0), at(at(results, 0), 0), {});
    return words === undefined ? [] : [`${name} of ${updates} updates at ${places} places, run ${run + 2}: ${words}`];
  });
}

export const indexingChecks: readonly Check[] = [
  {
    group: "determinism",
    name: "sums at indices have the same bits",
    async run({ backend, seed }) {
      const random = new Random(seed * 61);
      const indices = (shape: readonly number[]): Operand => ({
        shape,
        dtype: "int32",
        data: Int32Array.from(random.list(updates, 0, places - 1)),
      });
      const faults: string[] = [];
      for (const [name, inputs] of [
        ["gatherGradient", [random.operand([updates], "float32"), indices([updates])]],
        ["takeGradient", [random.operand([updates, 3], "float32"), indices([updates])]],
      ] as const) {
        const attrs = { axis: 0, length: places };
        const graph = oneNode(opNamed(name), { inputs, attrs, tolerance: {} });
        const data = inputs.map((input) => input.data);
        const results: Awaited<ReturnType<typeof runGraph>>[] = [];
        for (let run = 0; run < runs; run++) results.push(await runGraph(backend, graph, data));
        faults.push(...faultsOf(name, results));
      }
      return faults;
    },
  },
];
