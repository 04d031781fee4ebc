// One network in evaluation mode on everybody: the same numbers, their answers compared, then timed in turn.
import { join } from "node:path";
import { writeFile } from "node:fs/promises";
import { cpu } from "@stria/backend-cpu";
import {
  at,
  type Backend,
  compile,
  isTensor,
  setSeed,
  type Tensor,
  tensor,
  type TypedArray,
  useBackend,
} from "@stria/core";
import { encodeSafetensors } from "@stria/core/safetensors";
import { numbers } from "../numbers.ts";
import type { Row } from "../row.ts";
import { type Entrant, contest } from "./contest.ts";
import { fill } from "./inference-nets.ts";
import type { PartOptions } from "./options.ts";
import { peakLine, type Ratio, rowsOf } from "./rows.ts";
import { writeGraph } from "./web/files.ts";
import { peerGraphOf } from "./web/from-stria.ts";
import type { WebPeer } from "./web/peers.ts";

export interface Prediction {
  readonly name: string;
  readonly make: () => Promise<AnyModule> | AnyModule;
  /** Shapes of what it is given. */
  readonly inputs: readonly (readonly number[])[];
  /** Operations of a run: a multiply-add counts two. */
  readonly operations: (model: AnyModule) => number;
  /** What PyTorch is told, beside a file with the parameters and the input. */
  readonly torch: Readonly<Record<string, unknown>>;
}

/** Whatever it takes. */
type AnyModule = object & { forward(...inputs: never[]): unknown };

const size = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);

/** How far apart answers may be, as a share of the largest: sums in other orders, and Winograd's rounding. */
const tolerance = 2e-3;

function compare(net: string, name: string, found: unknown, wanted: readonly number[]): void {
  if (!Array.isArray(found)) throw new TypeError(`${name} told no numbers`);
  const largest = Math.max(...wanted.map(Math.abs));
  const apart = Math.max(...wanted.map((value, index) => Math.abs(Number(found[index]) - value))) / largest;
  if (!(apart <= tolerance))
    throw new Error(`${net}: ${name} answers others by ${apart}: ${found.join()} and ${wanted.join()}`);
}

interface Prepared {
  readonly backend: Backend;
  readonly run: () => void;
  readonly values: readonly number[];
  readonly operations: number;
}

async function prepare(
  { name, make, inputs, operations }: Prediction,
  threads: number,
  handOver: (graph: Parameters<typeof peerGraphOf>[0], values: ReadonlyMap<string, TypedArray>) => Promise<void>,
): Promise<Prepared> {
  const backend = await useBackend(cpu({ threads }));
  setSeed(1);
  const model = await make();
  const values = await fill(model);
  const draw = numbers();
  const given = await Promise.all(
    inputs.map((shape) => tensor(draw(size(shape), 1), { shape: [...shape] }).to(backend)),
  );
  const f = compile(
    (...all: Tensor[]): Tensor => {
      const y: unknown = Reflect.apply(model.forward, model, all);
      if (!isTensor(y)) throw new TypeError(`${name} makes no tensor`);
      return y;
    },
    { name },
  );
  const count = operations(model);
  await handOver(f.graph(...given), values);
  await f.ready(...given);
  const y = f(...given);
  const data = await y.data();
  y.dispose();
  return {
    backend,
    run: () => f(...given).dispose(),
    values: Array.from(data.subarray(0, 10)),
    operations: count,
  };
}

/** Rows of everybody, ratios to the better WebAssembly peer and to PyTorch among them. */
export async function measurePrediction(
  prediction: Prediction,
  { threads, torches, rounds }: PartOptions,
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
    const prepared = await prepare(prediction, count, async (graph, given) => {
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
  const ratios = threads.flatMap((count): Ratio[] => {
    const suffix = `${count} thread${count === 1 ? "" : "s"}`;
    const of = `stria, ${suffix}`;
    return [
      ...[...names].map((peer) => ({ of, to: `${peer}, ${suffix}`, name: `times ${peer}` })),
      ...(count > 1 ? [{ of, to: "stria, 1 thread", name: "times 1 thread" }] : []),
    ];
  });
  return rowsOf(name, result, operations, ratios);
}
