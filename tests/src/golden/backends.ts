// The executors by name. A backend's package is loaded when it is asked for: each brings a heavy library of its own.
import type { CpuOptions } from "@stria/backend-cpu";
import { type Backend, defaultBackend, useBackend } from "@stria/core";

const factories = {
  reference: async (): Promise<Backend> => (await import("@stria/core/reference")).reference(),
  cpu: async (options?: CpuOptions): Promise<Backend> => (await import("@stria/backend-cpu")).cpu(options),
  onnx: async (): Promise<Backend> => (await import("@stria/backend-onnx")).onnx(),
  webgpu: async (): Promise<Backend> => (await import("@stria/backend-webgpu")).webgpu(),
} as const;

export type BackendName = keyof typeof factories;

export const backendNames: readonly BackendName[] = ["reference", "cpu", "onnx", "webgpu"];

export function isBackendName(name: string): name is BackendName {
  return Object.hasOwn(factories, name);
}

/** Makes a backend and the default of it; `options` are for the CPU backend alone. */
export async function openBackend(name: BackendName, options?: CpuOptions): Promise<Backend> {
  return useBackend(name === "cpu" ? factories.cpu(options) : factories[name]());
}

/** Whether the executor has a choice of algorithms for convolutions. */
export function mayUseWinograd(): boolean {
  return defaultBackend().name === "cpu";
}

/** Runs something on a CPU backend that computes convolutions as they are defined. */
export async function withDirectConvolutions<T>(run: () => Promise<T>): Promise<T> {
  const usual = defaultBackend();
  const { cpu } = await import("@stria/backend-cpu");
  const exact = await useBackend(cpu({ algorithms: "direct" }));
  try {
    return await run();
  } finally {
    await useBackend(usual);
    exact.dispose();
  }
}

/**
 * Runs something that asks which numbers are exactly zero. Winograd's filtering, which the CPU backend prefers for 3 x 3 convolutions, leaves about 1e-7
 * where sums of zeros would be 0; it is forbidden meanwhile.
 */
export function withExactZeros<T>(run: () => Promise<T>): Promise<T> {
  return mayUseWinograd() ? withDirectConvolutions(run) : run();
}

/** How much wider the tolerance is: shading languages allow several units in the last place. */
export function slackOf(name: BackendName): number {
  return name === "webgpu" ? 10 : 1;
}
