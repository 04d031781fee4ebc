// One network in evaluation mode on everybody: the same numbers, their answers compared, then timed in turn.
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { at, type Backend } from "@stria/core";
import { encodeSafetensors } from "@stria/core/safetensors";
import { numbers } from "../numbers.ts";
import type { Row } from "../row.ts";
import { type Entrant, contest } from "./contest.ts";
import type { PartOptions } from "./options.ts";
import { beside, peakLine, rowsOf } from "./rows.ts";
import { writeGraph } from "./web/files.ts";
import { type Prediction, preparePrediction, size } from "./stria-prediction.ts";
import { peerGraphOf } from "./web/from-stria.ts";
import type { WebPeer } from "./web/peers.ts";

/** How far apart answers may be, as a share of the largest: sums in other orders, and Winograd's rounding. */
const tolerance = 2e-3;

function compare(net: string, name: string, found: unknown, wanted: readonly number[]): void {
  if (!Array.isArray(found)) throw new TypeError(`${name} told no numbers`);
  const largest = Math.max(...wanted.map(Math.abs));
  const apart = Math.max(...wanted.map((value, index) => Math.abs(Number(found[index]) - value))) / largest;
  if (!(apart <= tolerance))
    throw new Error(`${net}: ${name} answers others by ${apart}: ${found.join()} and ${wanted.join()}`);
}

/** Rows of everybody, ratios to the better WebAssembly peer and to PyTorch among them. */
export async function measurePrediction(
  prediction: Prediction,
  { threads, torches, rounds, nodes }: PartOptions,
  peers: readonly WebPeer[],
  folder: string,
): Promise<Row[]> {
  const { name, torch: told } = prediction;
  const path = join(folder, name);
  const entrants: Entrant[] = [];
  const backends: Backend[] = [];
  let operations = 0;
  let values: readonly number[] = [];
  for (const count of threads) {
    const prepared = await preparePrediction(prediction, count, async (graph, given) => {
      if (entrants.length > 0) return;
      await writeGraph(path, await peerGraphOf(graph, given));
      const draw = numbers();
      const x = at(prediction.inputs, 0);
      const parameters = graph.inputs
        .filter(({ role }) => role === "param")
        .map((input) => [input, given.get(input.name)] as const);
      const entries = parameters.flatMap(([{ name: key, value }, data]) =>
        data
          ? [[`parameter ${key}`, { shape: at(graph.values, value).shape, dtype: "float32" as const, data }] as const]
          : [],
      );
      await writeFile(
        `${path}.safetensors`,
        encodeSafetensors(new Map([...entries, ["x", { shape: x, dtype: "float32", data: draw(size(x), 1) }]])),
      );
    });
    backends.push(prepared.backend);
    ({ operations, values } = prepared);
    const run = (times: number): void => {
      for (let time = 0; time < times; time++) prepared.run();
    };
    entrants.push({ name: `stria, ${count} thread${count === 1 ? "" : "s"}`, run });
  }
  for (const { child } of nodes) {
    const { values: found } = await child.ask({ do: "predict", net: name, threads });
    compare(name, child.name, found, values);
    for (const count of threads) entrants.push(child.entrant(name, count));
  }
  for (const { child, threads: count } of peers) {
    try {
      const { values: found } = await child.ask({ do: "prepare", net: name, file: path });
      compare(name, child.name, found, values);
      entrants.push(child.entrant(name, count));
    } catch (error) {
      console.log(`${name}: left out: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  for (const torch of torches) {
    const { values: found } = await torch.ask({ ...told, net: name, file: `${path}.safetensors` });
    if (found !== undefined) compare(name, torch.name, found, values);
    for (const count of threads) entrants.push(torch.entrant(name, count));
  }
  const result = await contest(entrants, { rounds, budget: 20_000 });
  console.log(`${name}: ${peakLine(result)}`);
  for (const backend of backends) backend.dispose();
  const names = new Set([...peers.map(({ child }) => child.name), ...torches.map((torch) => torch.name)]);
  return rowsOf(name, result, operations, beside(nodes, names, threads));
}
