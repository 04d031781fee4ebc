// Forward and backward passes of a golden model, each on the same input or on one that is all but the same.
import {
  type HostTensor,
  Parameter,
  type Tensor,
  compile,
  type evaluating,
  fromHost,
  namedCells,
  valueAndGrad,
} from "@stria/core";
import { type Module, initialisers } from "@stria/layers";
import { uniform } from "./fill.ts";
import { outputsOf, resultOf } from "./model-outputs.ts";

export interface Pass {
  readonly value: number;
  readonly outputs: readonly Tensor[];
  /** By state-dict path; `<input>` for the input, where it is not of tokens. */
  readonly gradients: ReadonlyMap<string, Tensor>;
}

export interface Passes {
  /** Whether the input can be disturbed: tokens cannot. */
  readonly isContinuous: boolean;
  /** Number 0 is the pass on the input itself; others are on inputs that are off by a part in a million at most. The model starts from the same state. */
  run(number: number): Promise<Pass>;
  clear(): void;
}

/** The relative size of a disturbance: with it the goldens' own error was found. */
const disturbance = 1e-6;

function disturbed(data: HostTensor["data"], number: number): Float32Array {
  const noise = uniform(`disturbance ${number}`, data.length);
  return Float32Array.from(data, (value, index) => value * (1 + disturbance * (2 * (noise[index] ?? 0) - 1)));
}

/** What is no parameter: running statistics. */
async function statesOf(model: Module): Promise<() => void> {
  const saved: (() => void)[] = [];
  for (const [, cell] of namedCells(model)) {
    if (cell instanceof Parameter) continue;
    const data = await cell.value.data();
    saved.push(() => cell.load(data));
  }
  return () => {
    for (const restore of saved) restore();
  };
}

/** Passes of a model in a mode: value and gradients of a function of its outputs. */
export async function passesOf(
  mode: typeof evaluating,
  model: Module,
  x: HostTensor,
  names: readonly string[],
  f: (outputs: readonly Tensor[]) => Tensor,
): Promise<Passes> {
  const input = x.dtype === "float32" ? new Parameter(x.shape, initialisers.zeros) : undefined;
  const given = fromHost(x.data, x.shape, x.dtype);
  const whole = input ? { input, model } : { model };
  const restore = await statesOf(model);
  const run = compile(
    () => {
      let outputs: readonly Tensor[] = [];
      const { value, grads } = valueAndGrad(whole, () => {
        outputs = outputsOf(resultOf(model, input ? input.value : given, names), names);
        return f(outputs);
      });
      return { value, outputs, grads };
    },
    { name: "golden model", modules: [whole] },
  );
  return {
    isContinuous: input !== undefined,
    clear: () => run.clear(),
    run: async (number) => {
      input?.load(number === 0 ? x.data : disturbed(x.data, number));
      if (number > 0) restore();
      const { value, outputs, grads } = mode(() => run());
      const gradients = new Map(
        [...grads].map(([path, gradient]) => [path === "input" ? "<input>" : path.replace(/^model\./, ""), gradient]),
      );
      return { value: await value.item(), outputs, gradients };
    },
  };
}
