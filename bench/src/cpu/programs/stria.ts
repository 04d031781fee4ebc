// Stria as a contestant in the Node that runs this, told by lines of JSON what to make ready, on which numbers of threads, and what to run.
import { cpu } from "@stria/backend-cpu";
import type { Backend } from "@stria/core";
import { engineFeatures } from "../../../../packages/backend-cpu/src/engine.ts";
import { answerLines } from "../answer-lines.ts";
import { predictionNamed } from "../predictions-by-name.ts";
import { preparePrediction } from "../stria-prediction.ts";
import { comparedSteps, striaStep } from "../stria-step.ts";
import { trainingNetNamed } from "../training-nets.ts";

interface Ready {
  readonly backend: Backend;
  readonly run: () => Promise<unknown> | void;
}

/** By the number of threads. */
const ready = new Map<number, Ready>();

async function train(name: string, threads: number): Promise<object> {
  const { backend, step } = await striaStep(trainingNetNamed(name), cpu({ threads }));
  const losses: number[] = [];
  for (let turn = 0; turn < comparedSteps; turn++) losses.push((await step()).loss);
  ready.set(threads, { backend, run: step });
  return { losses };
}

async function predict(name: string, threads: number): Promise<object> {
  const { backend, run, values } = await preparePrediction(predictionNamed(name), threads);
  ready.set(threads, { backend, run });
  globalThis.gc?.(); // what it was filled with
  return { values };
}

async function timed(threads: number, times: number): Promise<object> {
  const made = ready.get(threads);
  if (!made) throw new RangeError(`nothing was made ready on ${threads} threads`);
  const before = process.cpuUsage();
  const start = performance.now();
  for (let time = 0; time < times; time++) {
    const done = made.run();
    if (done) await done;
  }
  const wall = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  return { wall, processor: (user + system) / 1000 };
}

async function answer(request: unknown): Promise<object> {
  if (typeof request !== "object" || request === null) throw new TypeError("no request");
  const field = (key: string): unknown => Reflect.get(request, key);
  const [net, threads] = [String(field("net")), field("threads")];
  if (field("do") === "run") return timed(Number(threads), Number(field("times")));
  for (const { backend } of ready.values()) backend.dispose();
  ready.clear();
  const prepare = field("do") === "train" ? train : predict;
  const told: object[] = [];
  for (const count of Array.isArray(threads) ? threads : []) told.push(await prepare(net, Number(count)));
  return told[0] ?? {};
}

await answerLines({ version: process.versions.node, relaxedMultiplyAdd: engineFeatures().relaxedMultiplyAdd }, answer);
