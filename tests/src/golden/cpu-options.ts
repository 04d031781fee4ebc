// The CPU backend's options, from a command line.
import type { Algorithms, CpuOptions } from "@stria/backend-cpu";

/** What `--algorithms` takes. */
export const algorithmsNames: readonly Algorithms[] = [
  "all",
  "direct",
  "indirect",
  "packed",
  "depthwise",
  "winograd-2x2",
  "winograd-4x4",
];

/** What parseArgs is told. */
export const cpuFlags = {
  algorithms: { type: "string" },
  threads: { type: "string" },
  deterministic: { type: "boolean" },
} as const;

interface Given {
  readonly algorithms?: string | undefined;
  readonly threads?: string | undefined;
  readonly deterministic?: boolean | undefined;
}

/**
 * Without fused multiply-add, where `deterministic` says so: as an engine without relaxed SIMD computes.
 * @throws RangeError where there is no such algorithm; `cpu` itself refuses a wrong number of threads
 */
export function cpuOptions({ algorithms, threads, deterministic }: Given): CpuOptions {
  const known = algorithmsNames.find((name) => name === algorithms);
  if (algorithms !== undefined && known === undefined) throw new RangeError(`There are no algorithms "${algorithms}".`);
  return {
    ...(known !== undefined && { algorithms: known }),
    ...(threads !== undefined && { threads: Number(threads) }),
    ...(deterministic !== undefined && { deterministic }),
  };
}
