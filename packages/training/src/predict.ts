// What a model computes in evaluation mode, compiled.
import { type CompiledFunction, compile, evaluating } from "@stria/core";
import type { Module } from "@stria/layers";
import { checkInput, checkModel } from "./check-arguments.ts";

const programs = new WeakMap<object, CompiledFunction<readonly unknown[], unknown>>();

export interface PredictOptions {
  /** Given before the model has run: ends the prediction with an error, the signal's reason. */
  readonly signal: AbortSignal;
}

function isOptions(value: unknown): value is PredictOptions {
  return (
    typeof value === "object" &&
    value !== null &&
    "signal" in value &&
    value.signal instanceof AbortSignal &&
    Object.keys(value).length === 1
  );
}

/**
 * The outputs of a model in evaluation mode (running statistics, no dropout), compiled once for each shape of the inputs. Behind the inputs there may be
 * `{ signal }`.
 * @returns tensors: read them with `await y.data()`.
 * @throws what the layers throw for inputs that do not fit; the reason of `signal`.
 * @example const labels = (await predict(model, x)).argMax(1);
 */
export async function predict<Inputs extends readonly unknown[], Output>(
  model: Module<Inputs, Output>,
  ...inputs: Inputs
): Promise<Output>;
export async function predict<Inputs extends readonly unknown[], Output>(
  model: Module<Inputs, Output>,
  ...given: [...Inputs, PredictOptions]
): Promise<Output>;
export async function predict(
  model: Module<readonly unknown[], unknown>,
  ...given: readonly unknown[]
): Promise<unknown> {
  checkModel("predict", model, true);
  const last = given.at(-1);
  const signal = isOptions(last) ? last.signal : undefined;
  const inputs = signal ? given.slice(0, -1) : given;
  checkInput("predict", inputs[0]);
  signal?.throwIfAborted();
  const program =
    programs.get(model) ?? compile((...of) => model.forward(...of), { name: "predict", modules: [model] });
  programs.set(model, program);
  const waiting: Promise<void>[] = [];
  evaluating(() => void waiting.push(program.ready(...inputs)));
  await Promise.all(waiting);
  signal?.throwIfAborted();
  return evaluating(() => program(...inputs));
}
