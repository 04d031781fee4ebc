// Runs and reads that overlap: each read gives its own value, whatever else is on its way.
import { type Backend, type DeviceBuffer, type Graph, at } from "@stria/core";
import type { Check } from "../check.ts";
import { graphOf } from "../graphs.ts";
import { freeAll, same, uploadVector, vector } from "./expect.ts";

const group = "concurrency";

/** x + x, or x * x. */
function twice(op: "add" | "mul"): Graph {
  return graphOf([vector], [{ op, inputs: [0, 0] }], [1]);
}

const filled = (value: number): Float32Array => new Float32Array(3).fill(value);

/** What reads that are asked for all at once, in this order, give of `buffers`. */
async function readsOf(
  backend: Backend,
  buffers: readonly DeviceBuffer[],
  order: readonly number[],
): Promise<string[]> {
  const asked = order.map((index) => backend.download(at(buffers, index)));
  const found = await Promise.all(asked);
  return order.flatMap((index, position) =>
    same(at(found, position), filled(2 * index), `read ${position} of [${order.join(", ")}], of result ${index}`),
  );
}

export const concurrencyChecks: readonly Check[] = [
  {
    group,
    name: "reads are answered each with its own value, in whatever order they are asked for",
    run: async ({ backend }) => {
      const program = await backend.compile(twice("add"));
      const inputs = [0, 1, 2, 3, 4, 5].map((k) => uploadVector(backend, k, k, k));
      const results = inputs.map((input) => at(program.run([input], []), 0));
      const faults: string[] = [];
      for (const order of [
        [5, 4, 3, 2, 1, 0],
        [2, 2, 0, 5, 0, 1],
      ])
        faults.push(...(await readsOf(backend, results, order)));
      freeAll(backend, [...inputs, ...results]);
      program.dispose();
      return faults;
    },
  },
  {
    group,
    name: "two programs in turn, while reads of both are on their way",
    run: async ({ backend }) => {
      const [sums, products] = await Promise.all([backend.compile(twice("add")), backend.compile(twice("mul"))]);
      const held: DeviceBuffer[] = [];
      const reads: { readonly data: Promise<unknown>; readonly wanted: number }[] = [];
      const step = (program: typeof sums, from: DeviceBuffer, wanted: number): DeviceBuffer => {
        const result = at(program.run([from], []), 0);
        held.push(result);
        reads.push({ data: backend.download(result), wanted });
        return result;
      };
      let [a, b] = [uploadVector(backend, 1, 1, 1), uploadVector(backend, 2, 2, 2)];
      held.push(a, b);
      for (let turn = 0; turn < 4; turn++) {
        a = step(sums, a, 2 ** (turn + 1));
        b = step(products, b, 2 ** (2 ** (turn + 1)));
      }
      const faults: string[] = [];
      for (const [index, { data, wanted }] of reads.toReversed().entries()) {
        const found = await data;
        if (!(found instanceof Float32Array)) faults.push("a read gives no Float32Array");
        else faults.push(...same(found, filled(wanted), `read ${reads.length - 1 - index} of two programs in turn`));
      }
      freeAll(backend, held);
      sums.dispose();
      products.dispose();
      return faults;
    },
  },
];
