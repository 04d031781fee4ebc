// A network in evaluation mode on the CPU backend, always with the same numbers.
import { cpu } from "@stria/backend-cpu";
import {
  type Backend,
  compile,
  type Graph,
  isTensor,
  setSeed,
  type Tensor,
  tensor,
  type TypedArray,
  useBackend,
} from "@stria/core";
import { numbers } from "../numbers.ts";
import { fill } from "./inference-nets.ts";

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

export const size = (shape: readonly number[]): number => shape.reduce((all, length) => all * length, 1);

export interface Prepared {
  readonly backend: Backend;
  readonly run: () => void;
  readonly values: readonly number[];
  readonly operations: number;
}

/** Makes a network ready; `handOver` gets its graph and its numbers, for the peers. */
export async function preparePrediction(
  { name, make, inputs, operations }: Prediction,
  threads: number,
  handOver: (graph: Graph, values: ReadonlyMap<string, TypedArray>) => Promise<void> = async () => {},
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
