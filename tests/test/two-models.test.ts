// Two models that are trained at once, on one backend or on one each, have the bits that each has alone.
import { cpu, type CpuOptions } from "@stria/backend-cpu";
import { type Backend, setSeed, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { type Step, steps } from "./training-run.ts";

const count = 3;
const names = ["LeNet-5", "ResNet-20"] as const;

async function made(name: (typeof names)[number], backend: Backend): Promise<Step> {
  await useBackend(backend);
  setSeed(1);
  const step = steps[name]?.();
  if (!step) throw new RangeError(`there is no ${name}`);
  return step;
}

async function losses(step: Step): Promise<number[]> {
  const found: number[] = [];
  for (let done = 0; done < count; done++) found.push(await step());
  return found;
}

const places: readonly CpuOptions[] = [{ threads: 2 }, { threads: 2, worker: true }];

test.each(places)("%o", async (options) => {
  const apart: number[][] = [];
  for (const name of names) {
    const backend = await cpu(options);
    apart.push(await losses(await made(name, backend)));
    backend.dispose();
  }
  const one = await cpu(options);
  const together = [await made(names[0], one), await made(names[1], one)];
  // Neither waits for the other: their steps are enqueued in turn.
  expect(await Promise.all(together.map(losses))).toEqual(apart);
  one.dispose();
});

test("on a backend each, both in workers", async () => {
  const options = { threads: 2, worker: true };
  const backends = [await cpu(options), await cpu(options)];
  const apart: number[][] = [];
  const together: Step[] = [];
  for (const [index, name] of names.entries()) {
    const backend = await cpu(options);
    apart.push(await losses(await made(name, backend)));
    backend.dispose();
    const own = backends[index];
    if (!own) continue;
    const step = await made(name, own);
    together.push(step);
    expect(await step()).toBe(apart[index]?.[0]); // its parameters lie there now
  }
  const rest = await Promise.all(
    together.map(async (step) => {
      const found: number[] = [];
      for (let done = 1; done < count; done++) found.push(await step());
      return found;
    }),
  );
  expect(rest).toEqual(apart.map((all) => all.slice(1)));
  for (const backend of backends) backend.dispose();
});
