// Holds backends to the reference on random networks.
import { at, type Backend, type Graph, resultValues, type TypedArray, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { cpu } from "@stria/backend-cpu";
import { CpuBackend } from "../../../packages/backend-cpu/src/backend.ts";
import { attempts } from "../../../packages/backend-cpu/src/fitting/fit.ts";
import { splitAtPeak } from "../../../packages/backend-cpu/src/fitting/plans.ts";
import { guardedRun } from "../../../packages/backend-cpu/src/insight/guarded-run.ts";
import { engineFeatures } from "../../../packages/backend-cpu/src/engine.ts";
import { plainTile, tileOf } from "../../../packages/backend-cpu/src/kernels/tile.ts";
import { Pool } from "../../../packages/backend-cpu/src/pool/pool.ts";
import { lower, type LowerOptions } from "../../../packages/backend-cpu/src/program/lower.ts";
import { type CompilerPass, passNames } from "../../../packages/backend-cpu/src/program/passes.ts";
import { type RandomNetwork, randomNetwork } from "./network.ts";
import { Random } from "./random.ts";
import { roundingReference, shaken } from "./rounding.ts";

/** A way to run a network. */
export interface Contender {
  readonly name: string;
  readonly backend: Backend;
  /** With canaries around every buffer. */
  readonly guarded?: boolean;
  /** Runs it a second time on the same parameters: what was made ready for them is used again. */
  readonly again?: boolean;
  /** Whose bits it has to have. */
  readonly sameAs?: string;
  /** Runs every so many-th network only, of those from this one on. Default 1, 0. */
  readonly every?: number;
  readonly from?: number;
}

export interface Finding {
  readonly seed: number;
  readonly contender: string;
  readonly what: string;
  readonly told: readonly string[];
}

/**
 * Largest error, as a share of the largest element of the tensor, or of a quarter of the largest gradient where that is more: what cancels out has
 * nothing but rounding errors. Sums in float32, some layers deep and divided by deviations, are off by up to a few 1e-5.
 */
const tolerance = 5e-4;
/**
 * Draws of numbers that have to disagree all, for a finding: where two elements of a window, or a sum and zero, differ by less than the last digit, a
 * gradient rightly goes another way. Of a few thousand elements that hits one network in a hundred, but not the same one thrice.
 */
const draws = 3;
/** Runs of the reference that round at random, and how many times their noise is allowed: kernels add up in other orders, and in float32. */
const shakes = 4;
const noiseAllowed = 8;

/** A backend that keeps as little as it knows how to, in a way that is another one for every network. */
async function recomputing(): Promise<Backend> {
  const pool = await Pool.start({ threads: 1, shared: false, worker: false });
  const fitting = {
    limit: 0,
    *fit(graph: Graph, options: LowerOptions) {
      const split = splitAtPeak(graph);
      const ways = attempts(split);
      const changed = at(ways, graph.nodes.length % ways.length);
      return { graph: changed, program: yield* lower(changed, { ...options, boundary: split.boundary }) };
    },
  };
  return new CpuBackend(pool, plainTile, "channels-last", "all", { fitting });
}

/** A backend that leaves out a pass. */
async function lacking(pass: CompilerPass): Promise<Backend> {
  // Stages are for several threads.
  const threads = pass === "stages" ? 4 : 1;
  const pool = await Pool.start({ threads, shared: threads > 1, worker: false });
  return new CpuBackend(pool, tileOf(engineFeatures()), "channels-last", "all", { without: new Set([pass]) });
}

/** A backend that gathers sums wherever it can, and not only where it pays. */
async function gathering(threads: number): Promise<Backend> {
  const pool = await Pool.start({ threads, shared: threads > 1, worker: false });
  return new CpuBackend(pool, tileOf(engineFeatures()), "channels-last", "all", { gathering: "everywhere" });
}

/** The contenders of the CPU backend: one thread and four, watched, deterministic, without each pass that can be left out, and with each algorithm forced. Networks are traced on the reference. */
export async function cpuContenders(): Promise<Contender[]> {
  await useBackend(reference());
  const forced = await Promise.all(
    (["indirect", "packed", "winograd-2x2", "winograd-4x4"] as const).map(async (algorithms, index) => ({
      name: algorithms,
      backend: await cpu({ threads: 1, algorithms }),
      every: 7 + index,
    })),
  );
  const names = passNames();
  const without = await Promise.all(
    names.map(async (name, from) => ({
      name: `without ${name}`,
      backend: await lacking(name),
      every: names.length,
      from,
    })),
  );
  const [gathered, gatheredByFour] = [await gathering(1), await gathering(4)];
  const [one, four, exact, rows, direct] = [
    await cpu({ threads: 1 }),
    await cpu({ threads: 4 }),
    await cpu({ threads: 1, deterministic: true }),
    await cpu({ threads: 1, layout: "row-major" }),
    await cpu({ threads: 1, algorithms: "direct" }),
  ];
  return [
    { name: "1 thread", backend: one },
    { name: "4 threads", backend: four, sameAs: "1 thread" },
    { name: "1 thread, again", backend: one, again: true, sameAs: "1 thread", every: 2 },
    { name: "1 thread, watched", backend: one, guarded: true, sameAs: "1 thread", every: 4 },
    { name: "4 threads, watched", backend: four, guarded: true, sameAs: "1 thread", every: 4 },
    { name: "deterministic", backend: exact, every: 2 },
    { name: "row-major", backend: rows, every: 3 },
    { name: "direct", backend: direct, every: 3 },
    { name: "gathered everywhere", backend: gathered, every: 2 },
    { name: "gathered everywhere, watched", backend: gathered, guarded: true, sameAs: "gathered everywhere", every: 4 },
    { name: "gathered everywhere, 4 threads", backend: gatheredByFour, sameAs: "gathered everywhere", every: 2 },
    ...forced,
    ...without,
    { name: "with values computed again", backend: await recomputing(), every: 5 },
  ];
}

async function run(
  { graph }: RandomNetwork,
  backend: Backend,
  values: readonly TypedArray[],
  { guarded = false, again = false }: { readonly guarded?: boolean; readonly again?: boolean } = {},
): Promise<{ results: readonly TypedArray[]; faults: readonly string[] }> {
  const executable = await backend.compile(graph);
  try {
    if (guarded) return await guardedRun(executable, values);
    const inputs = graph.inputs.map(({ value }, index) => backend.upload(at(values, index), at(graph.values, value)));
    if (again) for (const buffer of executable.run(inputs, [])) backend.free(buffer);
    // What is written is given up, as a training step gives up the old parameters.
    const written = new Set(graph.writebacks.map(({ to }) => to));
    const donated = [...graph.inputs.keys()].filter((index) => written.has(at(graph.inputs, index).value));
    const outputs = executable.run(inputs, donated);
    const results = await Promise.all(outputs.map((output) => backend.download(output)));
    const left = inputs.filter((_, index) => !donated.includes(index));
    for (const buffer of [...left, ...outputs]) backend.free(buffer);
    return { results, faults: [] };
  } finally {
    executable.dispose();
  }
}

function largestOf(values: TypedArray): number {
  let largest = 0;
  for (const value of values) if (Math.abs(value) > largest) largest = Math.abs(value);
  return largest;
}

/** How far each result of the reference itself goes when everything that it computes is rounded otherwise. */
async function noiseOf(
  network: RandomNetwork,
  values: readonly TypedArray[],
  wanted: readonly TypedArray[],
): Promise<number[]> {
  const noise = wanted.map(() => 0);
  for (let turn = 0; turn < shakes; turn++) {
    const random = new Random(turn);
    const { results } = await run(network, roundingReference(random), shaken(values, random));
    for (const [index, want] of wanted.entries())
      want.forEach((value, place) => {
        noise[index] = Math.max(at(noise, index), Math.abs(value - at(at(results, index), place)));
      });
  }
  return noise;
}

/** Where the results are others than those of the reference, in words. */
function difference(
  found: readonly TypedArray[],
  wanted: readonly TypedArray[],
  noise: readonly number[] = [],
): string | undefined {
  const floor = Math.max(...wanted.slice(1).map(largestOf)) / 4;
  for (const [index, want] of wanted.entries()) {
    const got = at(found, index);
    const name =
      index === 0 ? "the loss" : index === 1 ? "the input's gradient" : `what belongs to parameter ${index - 2}`;
    if (got.length !== want.length) return `${name} has ${got.length} elements instead of ${want.length}`;
    const allowed = tolerance * Math.max(largestOf(want), floor) + noiseAllowed * (noise[index] ?? 0);
    for (let place = 0; place < want.length; place++) {
      const [a, b] = [at(got, place), at(want, place)];
      if (!(Math.abs(a - b) <= allowed || Object.is(a, b)))
        return `${name} has ${a} instead of ${b} at ${place} (largest ${largestOf(want)})`;
    }
  }
  return undefined;
}

function sameBits(found: readonly TypedArray[], wanted: readonly TypedArray[]): boolean {
  return wanted.every((want, index) => want.every((value, place) => Object.is(value, at(found, index)[place])));
}

/** Runs one network on everybody. */
export async function checkNetwork(
  seed: number,
  contenders: readonly Contender[],
  oracle: Backend = reference(),
): Promise<Finding[]> {
  const network = randomNetwork(seed);
  const findings = new Map<string, Finding>();
  let doubted = contenders.filter(({ every = 1, from = 0 }) => seed % every === from);
  for (let draw = 0; draw < draws && doubted.length > 0; draw++) {
    const values = network.values(draw);
    const { results: wanted } = await run(network, oracle, values);
    const by = new Map<string, readonly TypedArray[]>();
    const apart: Contender[] = [];
    let noise: number[] | undefined;
    for (const contender of contenders.filter(
      (one) => doubted.includes(one) || doubted.some((other) => other.sameAs === one.name),
    )) {
      const { name, backend, sameAs } = contender;
      const note = (what: string): void =>
        void findings.set(`${name}: ${what.slice(0, 20)}`, { seed, contender: name, what, told: network.told });
      let answer: Awaited<ReturnType<typeof run>>;
      try {
        answer = await run(network, backend, values, contender);
      } catch (error) {
        note(String(error));
        continue;
      }
      const { results, faults } = answer;
      by.set(name, results);
      for (const fault of faults) note(fault);
      const twin = sameAs === undefined ? undefined : by.get(sameAs);
      if (twin && !sameBits(results, twin)) note(`other bits than on ${sameAs}`);
      if (difference(results, wanted) === undefined) continue;
      noise ??= await noiseOf(network, values, wanted);
      const words = difference(results, wanted, noise);
      if (words === undefined) continue;
      apart.push(contender);
      if (draw === draws - 1) note(words);
    }
    doubted = doubted.filter((one) => apart.includes(one));
  }
  if (resultValues(network.graph).length < 2) throw new RangeError("a network without gradients");
  return [...findings.values()];
}
