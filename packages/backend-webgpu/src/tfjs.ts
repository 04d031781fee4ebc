// Loads TF.js and makes its WebGPU backend on our device. TF.js wants a browser: what it lacks in Node is lent to it, no longer than needed.
import type { KernelConfig } from "@tensorflow/tfjs-core";
import type { WebGPUBackend } from "@tensorflow/tfjs-backend-webgpu";

/** TF.js's backend and its kernels by name. Nothing of tf.engine() is used: no registered backend, no tidy, no tensors. */
export interface Tfjs {
  readonly backend: WebGPUBackend;
  readonly kernel: (name: string) => KernelConfig | undefined;
}

/** Classes and constants that TF.js looks up on globalThis whenever it touches a buffer. Browsers and Deno have them. */
const lookedUp = ["GPUBuffer", "GPUTexture", "GPUBufferUsage", "GPUMapMode", "GPUTextureUsage"] as const;

/** Loads TF.js. `globals` are WebGPU's own names where globalThis lacks them (Node). */
export async function loadTfjs(device: GPUDevice, globals: Readonly<Record<string, unknown>>): Promise<Tfjs> {
  // Imported here, not above: importing registers TF.js's kernels, and importing this package must do nothing.
  const [{ WebGPUBackend }, { getKernel }] = await Promise.all([
    import("@tensorflow/tfjs-backend-webgpu"),
    import("@tensorflow/tfjs-core"),
  ]);
  for (const name of lookedUp)
    if (!(name in globalThis) && name in globals)
      Object.defineProperty(globalThis, name, { value: globals[name], configurable: true, writable: true });
  const backend = withNavigatorGpu(() => new WebGPUBackend(device, device.adapterInfo));
  return { backend, kernel: (name) => getKernel(name, "webgpu") };
}

/** TF.js's constructor refuses to run where `navigator.gpu` is not set, though it is given a device. */
function withNavigatorGpu<T>(make: () => T): T {
  const owner: object | undefined = "navigator" in globalThis ? globalThis.navigator : undefined;
  if (owner && "gpu" in owner && owner.gpu) return make();
  const [target, name, value] = owner ? [owner, "gpu", {}] : [globalThis, "navigator", { gpu: {} }];
  const before = Object.getOwnPropertyDescriptor(target, name);
  Object.defineProperty(target, name, { value, configurable: true });
  try {
    return make();
  } finally {
    if (before) Object.defineProperty(target, name, before);
    else Reflect.deleteProperty(target, name);
  }
}
