// The backends that can be chosen. Each is loaded when it is asked for: two of them bring large libraries.
import type { Backend } from "@stria/core";
import type { BackendName } from "../messages.ts";

export interface Opened {
  readonly backend: Backend;
  readonly name: BackendName;
  readonly threads: number;
}

const mostThreads = 8;

/** One processor is left to the page where there are enough; without shared memory there is one thread. */
function threadsToUse(): number {
  if (!globalThis.crossOriginIsolated) return 1;
  const processors = navigator.hardwareConcurrency;
  return Math.min(mostThreads, processors > 2 ? processors - 1 : Math.max(1, processors));
}

const factories: Readonly<Record<BackendName, (threads: number) => Promise<Backend>>> = {
  async cpu(threads) {
    const { cpu } = await import("@stria/backend-cpu");
    return cpu({ threads });
  },
  async onnx(threads) {
    const { onnx } = await import("@stria/backend-onnx");
    return onnx({ threads });
  },
  async webgpu() {
    const { webgpu } = await import("@stria/backend-webgpu");
    return webgpu();
  },
};

/** @throws BackendError where it is not available. */
export async function openBackend(name: BackendName): Promise<Opened> {
  const threads = name === "webgpu" ? 1 : threadsToUse();
  return { backend: await factories[name](threads), name, threads };
}
