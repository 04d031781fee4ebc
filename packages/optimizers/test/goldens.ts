// The goldens of optimizers and schedules, and how they are compared: tests/golden/optimizers.json and schedules.json.
import { readFileSync } from "node:fs";
import { type HostTensor, type Tensor, at, fromHost, full } from "@stria/core";
import { decodeSafetensors } from "@stria/core/safetensors";
import { expect } from "vitest";
import { type NamedTensors, type Optimizer, type OptimizerState, scalarsAt } from "../src/index.ts";

const folder = new URL("../../../tests/golden/", import.meta.url);

interface OptimizerCase {
  readonly id: string;
  readonly steps?: readonly number[];
  readonly rtol: number;
  readonly atol: number;
}

interface ScheduleCase {
  readonly id: string;
  readonly values: readonly number[];
  readonly momentum?: readonly number[] | null;
  readonly metrics?: readonly number[];
}

export const optimizerCases = (
  JSON.parse(readFileSync(new URL("optimizers.json", folder), "utf8")) as { cases: OptimizerCase[] }
).cases;
export const scheduleCases = (
  JSON.parse(readFileSync(new URL("schedules.json", folder), "utf8")) as { cases: ScheduleCase[] }
).cases;
const { tensors } = decodeSafetensors(readFileSync(new URL("optimizers.safetensors", folder)), "optimizers");

export function stored(key: string): HostTensor {
  const found = tensors.get(key);
  if (!found) throw new Error(`no tensor ${key}`);
  return found;
}

export function initial(): Map<string, Tensor> {
  return new Map(
    ["a", "b"].map((path) => {
      const { data, shape, dtype } = stored(`initial/${path}`);
      return [path, fromHost(data, shape, dtype)];
    }),
  );
}

/** The gradients of step `step`, from 0: each is stored with all 20 steps along its first axis. */
export function gradients(step: number): Map<string, Tensor> {
  return new Map(
    ["a", "b"].map((path) => {
      const { data, shape, dtype } = stored(`gradient/${path}`);
      const size = data.length / at(shape, 0);
      return [path, fromHost(data.slice(step * size, (step + 1) * size), shape.slice(1), dtype)];
    }),
  );
}

export async function expectClose(found: Tensor | undefined, key: string, rtol: number, atol: number): Promise<void> {
  const [values, golden] = [await found?.data(), stored(key).data];
  const largest = Math.max(1, ...golden.map(Math.abs));
  expect(values).toHaveLength(golden.length);
  for (const [index, value] of golden.entries())
    expect(Math.abs(at(values ?? [], index) - value), `${key}[${index}]`).toBeLessThanOrEqual(
      atol * largest + rtol * Math.abs(value),
    );
}

/** What fills the state of an optimizer at first. */
export function firstState(optimizer: Optimizer, parameters: NamedTensors): OptimizerState {
  const specs = optimizer.init(new Map([...parameters].map(([path, { aval }]) => [path, aval])));
  return new Map(
    [...specs].map(([slot, paths]) => [
      slot,
      new Map([...paths].map(([path, { shape, value, dtype }]) => [path, full(shape, value, dtype)])),
    ]),
  );
}

/** 20 steps with given gradients; `after` is called with the number of the step, from 1. */
export async function run(
  optimizer: Optimizer,
  rateAt: (step: number) => number,
  after: (step: number, parameters: NamedTensors) => Promise<void>,
): Promise<void> {
  let parameters: NamedTensors = initial();
  let state = firstState(optimizer, parameters);
  for (let step = 0; step < 20; step++) {
    const scalar = scalarsAt({ step, learningRate: rateAt(step) });
    const next = optimizer.update({ gradients: gradients(step), parameters, state, scalar });
    ({ parameters, state } = next);
    await after(step + 1, parameters);
  }
}

export function caseOf(id: string): OptimizerCase {
  const found = optimizerCases.find((item) => item.id === id);
  if (!found) throw new Error(`no case ${id}`);
  return found;
}
