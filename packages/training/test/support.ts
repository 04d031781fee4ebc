// A small net with all that makes a run hard to repeat: batch normalisation, dropout, an optimizer with state; and data for it.
import { type Tensor, fillUniform, streamKey, tensor } from "@stria/core";
import {
  type Module,
  batchNorm2d,
  conv2d,
  dense,
  dropout,
  flatten,
  maxPool2d,
  sequential,
  stateDict,
} from "@stria/layers";
import type { LabelledBatch } from "../src/index.ts";

export function smallNet(): Module {
  return sequential(
    [conv2d(3, 3, { activation: "relu" }), batchNorm2d(), maxPool2d(2), flatten(), dropout(0.3), dense(3)],
    { inputShape: [1, 6, 6] },
  );
}

/** Batch `number` of a fixed stream: pictures whose brightest third says the class. */
export function batchOf(number: number, size = 4): LabelledBatch {
  const x = new Float32Array(size * 36);
  fillUniform(streamKey(5, "x", number), 0, x);
  const y = Int32Array.from({ length: size }, (_, row) => (number + row) % 3);
  for (const [row, label] of y.entries())
    for (let k = 0; k < 12; k++) x[row * 36 + label * 12 + k] = (x[row * 36 + label * 12 + k] ?? 0) + 1;
  return { x: tensor(x, { shape: [size, 1, 6, 6] }), y: tensor(y) };
}

export function batchesOf(count: number, size = 4): LabelledBatch[] {
  return Array.from({ length: count }, (_, number) => batchOf(number, size));
}

/** All numbers of a model, by path. */
export async function numbersOf(model: object): Promise<Readonly<Record<string, readonly number[]>>> {
  const entries = [...stateDict(model)].map(
    async ([path, value]: [string, Tensor]) => [path, [...(await value.data())]] as const,
  );
  return Object.fromEntries(await Promise.all(entries));
}
