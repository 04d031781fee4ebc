// A network in evaluation mode on the CPU backend, always with the same numbers.
import { writeFile } from "node:fs/promises";
import { cpu } from "@stria/backend-cpu";
import { at, type Backend, compile, isTensor, setSeed, type Tensor, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { encodeSafetensors } from "@stria/core/safetensors";
import { numbers } from "../numbers.ts";
import { fill, readAll } from "./inference-nets.ts";
import { writeGraph } from "./web/files.ts";
import { peerGraphOf } from "./web/from-stria.ts";

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

export interface Prepared {
  readonly backend: Backend;
  readonly run: () => void;
  readonly values: readonly number[];
}

/** The network on the current backend, with its inputs. */
async function made({ name, make, inputs }: Prediction, backend: Backend) {
  setSeed(1);
  const model = await make();
  fill(model);
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
  return { model, given, f };
}

/** Makes a network ready. */
export async function preparePrediction(prediction: Prediction, threads: number): Promise<Prepared> {
  const backend = await useBackend(cpu({ threads }));
  const { f, given } = await made(prediction, backend);
  await f.ready(...given);
  const y = f(...given);
  const data = await y.data();
  y.dispose();
  return { backend, run: () => f(...given).dispose(), values: Array.from(data.subarray(0, 10)) };
}

/** Writes it for the others, the graph with batch norm folded, and its parameters and input; says how many operations it takes. */
export async function writePrediction(prediction: Prediction, path: string): Promise<number> {
  const backend = await useBackend(reference());
  const { model, given, f } = await made(prediction, backend);
  const graph = f.graph(...given);
  const values = await readAll(model);
  await writeGraph(path, await peerGraphOf(graph, values));
  const entries = graph.inputs.flatMap(({ role, name, value }) => {
    const data = role === "param" ? values.get(name) : undefined;
    const { shape } = at(graph.values, value);
    return data ? [[`parameter ${name}`, { shape, dtype: "float32" as const, data }] as const] : [];
  });
  const shape = at(prediction.inputs, 0);
  const x = { shape, dtype: "float32" as const, data: numbers()(size(shape), 1) };
  await writeFile(`${path}.safetensors`, encodeSafetensors(new Map([...entries, ["x", x]])));
  return prediction.operations(model);
}
