// Ways in which the CPU backend can compute convolutions: each algorithm forced, on so many threads, with what an engine can do.
import type { Backend } from "@stria/core";
import type { Algorithms } from "@stria/backend-cpu";
import { CpuBackend } from "../../../packages/backend-cpu/src/backend.ts";
import { engineFeatures } from "../../../packages/backend-cpu/src/engine.ts";
import { plainTile, type Tile, tileOf } from "../../../packages/backend-cpu/src/kernels/tile.ts";
import { Pool } from "../../../packages/backend-cpu/src/pool/pool.ts";
import type { Pass } from "../../../packages/backend-cpu/src/program/channels-last/algorithms.ts";
import { CpuExecutable } from "../../../packages/backend-cpu/src/program/executable.ts";

export type { Pass };

export const forcedAlgorithms = [
  "direct",
  "indirect",
  "packed",
  "depthwise",
  "winograd-2x2",
  "winograd-4x4",
] as const satisfies readonly Algorithms[];

export type ForcedAlgorithm = (typeof forcedAlgorithms)[number];

/** Whose tile of registers the kernels have: this engine's; Node 22's, which has relaxed SIMD too; Node 20's, which has not. */
const engines = ["this", "22", "20"] as const;

type Engine = (typeof engines)[number];

export interface Way {
  readonly algorithms: ForcedAlgorithm;
  readonly threads: number;
  readonly engine: Engine;
}

/** Every way. */
export function allWays(): Way[] {
  return forcedAlgorithms.flatMap((algorithms) =>
    [1, 2].flatMap((threads) => engines.map((engine) => ({ algorithms, threads, engine }))),
  );
}

/** Two ways for each algorithm, which differ in everything else, and one where the rule is but restricted: kernels, and how work is divided, know nothing of each other. */
export function someWays(): Way[] {
  return forcedAlgorithms.flatMap((algorithms) => [
    ...(algorithms === "direct" ? [] : [{ algorithms, threads: 1, engine: "this" as const }]),
    { algorithms, threads: 2, engine: "20" as const },
  ]);
}

export function nameOf({ algorithms, threads, engine }: Way): string {
  const suffix = { this: "", "22": ", as in Node 22", "20": ", without relaxed SIMD" }[engine];
  return `${algorithms} on ${threads === 1 ? "1 thread" : `${threads} threads`}${suffix}`;
}

function tileFor(engine: Engine): Tile {
  const features = engineFeatures();
  return { this: tileOf(features), "22": tileOf({ ...features, memory64: false }), "20": plainTile }[engine];
}

/** A backend that computes in one way, and counts what it compiled. */
export interface ForcedBackend extends Backend {
  /** Programs that compute this pass of a convolution by the forced algorithm. */
  readonly forced: Readonly<Record<Pass, number>>;
}

export async function openWay({ algorithms, threads, engine }: Way): Promise<ForcedBackend> {
  const pool = await Pool.start({ threads, shared: threads > 1, worker: false });
  return new Counting(pool, tileFor(engine), "channels-last", algorithms);
}

class Counting extends CpuBackend implements ForcedBackend {
  readonly forced: Record<Pass, number> = { forward: 0, "input gradient": 0, "weight gradient": 0 };

  override async compile(graph: Parameters<CpuBackend["compile"]>[0]): ReturnType<CpuBackend["compile"]> {
    const executable = await super.compile(graph);
    if (executable instanceof CpuExecutable) for (const pass of passesOf(executable)) this.forced[pass]++;
    return executable;
  }
}

function passesOf(executable: CpuExecutable): Set<Pass> {
  const choices = [...executable.open().program.choices.values()];
  return new Set(choices.flatMap(({ pass, by }) => (by === "force" ? [pass] : [])));
}
