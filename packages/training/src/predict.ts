// What a model computes in evaluation mode, compiled.
import { type CompiledFunction, compile, evaluating } from "@stria/core";
import type { Module } from "@stria/layers";

const programs = new WeakMap<object, CompiledFunction<readonly unknown[], unknown>>();

/**
 * The outputs of a model in evaluation mode (running statistics, no dropout), compiled once for each shape of the inputs.
 * @returns tensors: read them with `await y.data()`.
 * @throws what the layers throw for inputs that do not fit.
 * @example const labels = (await predict(model, x)).argMax(1);
 */
export async function predict<Inputs extends readonly unknown[], Output>(
  model: Module<Inputs, Output>,
  ...inputs: Inputs
): Promise<Output> {
  const known = programs.get(model) as CompiledFunction<Inputs, Output> | undefined;
  const program =
    known ?? compile((...given: Inputs): Output => model.forward(...given), { name: "predict", modules: [model] });
  programs.set(model, program as CompiledFunction<readonly unknown[], unknown>);
  const waiting: Promise<void>[] = [];
  evaluating(() => void waiting.push(program.ready(...inputs)));
  await Promise.all(waiting);
  return evaluating(() => program(...inputs));
}
