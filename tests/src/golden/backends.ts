// The executors by name. A backend's package is loaded when it is asked for: each brings a heavy library of its own.
import { type Backend, useBackend } from "@stria/core";

const factories = {
  reference: async (): Promise<Backend> => (await import("@stria/core/reference")).reference(),
  cpu: async (): Promise<Backend> => (await import("@stria/backend-cpu")).cpu(),
  onnx: async (): Promise<Backend> => (await import("@stria/backend-onnx")).onnx(),
  webgpu: async (): Promise<Backend> => (await import("@stria/backend-webgpu")).webgpu(),
} as const;

export type BackendName = keyof typeof factories;

export const backendNames: readonly BackendName[] = ["reference", "cpu", "onnx", "webgpu"];

export function isBackendName(name: string): name is BackendName {
  return Object.hasOwn(factories, name);
}

/** Makes a backend and the default of it. */
export async function openBackend(name: BackendName): Promise<Backend> {
  return useBackend(factories[name]());
}

/** How much wider the tolerance is: shading languages allow several units in the last place. */
export function slackOf(name: BackendName): number {
  return name === "webgpu" ? 10 : 1;
}
