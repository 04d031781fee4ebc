// The backends that can be chosen. WebGPU's brings a large library, so it is loaded when it is asked for.
import type { Backend } from "@stria/core";
import type { BackendName } from "../messages.ts";

export interface Opened {
  readonly backend: Backend;
  readonly name: BackendName;
  readonly threads: number;
}

/** Nets of this size gain little from more. */
const mostThreads = 8;

/** One processor is left to the page where there are enough; without shared memory there is one thread. */
function threadsToUse(): number {
  if (!globalThis.crossOriginIsolated) return 1;
  const processors = navigator.hardwareConcurrency;
  return Math.min(mostThreads, processors > 2 ? processors - 1 : Math.max(1, processors));
}

const factories: Readonly<Record<BackendName, () => Promise<Opened>>> = {
  async cpu() {
    const { cpu } = await import("@stria/backend-cpu");
    const threads = threadsToUse();
    // The seed is on the page: the same one has to give the same figures again.
    return { backend: await cpu({ threads, deterministic: true }), name: "cpu", threads };
  },
  async webgpu() {
    const { webgpu } = await import("@stria/backend-webgpu");
    return { backend: await webgpu(), name: "webgpu", threads: 1 };
  },
};

/** @throws BackendError where it is not available. */
export function openBackend(name: BackendName): Promise<Opened> {
  return factories[name]();
}
