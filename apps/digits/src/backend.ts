// The backend by name. Each is loaded when it is asked for: some bring a heavy library.
import type { Backend } from "@stria/core";
import type { BackendName, Options } from "./options.ts";

const factories: Readonly<Record<BackendName, (options: Options) => Promise<Backend>>> = {
  async cpu({ threads, deterministic }) {
    const { cpu } = await import("@stria/backend-cpu");
    return cpu({ deterministic, ...(threads !== undefined && { threads }) });
  },
  async onnx({ threads }) {
    const { onnx } = await import("@stria/backend-onnx");
    return onnx(threads === undefined ? {} : { threads });
  },
  async webgpu() {
    const { webgpu } = await import("@stria/backend-webgpu");
    return webgpu();
  },
  async reference() {
    const { reference } = await import("@stria/core/reference");
    return reference();
  },
};

export function openBackend(options: Options): Promise<Backend> {
  return factories[options.backend](options);
}
