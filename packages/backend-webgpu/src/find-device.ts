// Finds a GPU: the caller's device, the caller's or the browser's `GPU`, or in Node the one of the optional package `webgpu` (Dawn).
import { BackendError } from "@stria/core";

export interface WebGpuOptions {
  /** A device to share with other code; it is not destroyed by `dispose`. */
  readonly device?: GPUDevice;
  /** Where to ask for an adapter, instead of `navigator.gpu`: in Node `create([])` of the package `webgpu`. */
  readonly gpu?: GPU;
  readonly powerPreference?: GPUPowerPreference;
}

export interface FoundDevice {
  readonly device: GPUDevice;
  /** Whether the device was requested here, and is to be destroyed with the backend. */
  readonly owned: boolean;
  /** Names such as `GPUBufferUsage` where globalThis lacks them. */
  readonly globals: Readonly<Record<string, unknown>>;
}

/** @throws BackendError where there is no WebGPU, no adapter or no device. */
export async function findDevice(options: WebGpuOptions): Promise<FoundDevice> {
  const dawn =
    "GPUBuffer" in globalThis && (options.gpu ?? options.device ?? browserGpu()) ? undefined : await loadDawn();
  const globals = dawn?.globals ?? {};
  if (options.device) return { device: options.device, owned: false, globals };
  const gpu = options.gpu ?? browserGpu() ?? (ownGpu ??= dawn?.create([]));
  if (!gpu)
    throw new BackendError(
      "webgpu",
      "WebGPU is not available here",
      "use a browser that has it (on a secure page), install the package `webgpu` in Node, or choose another backend",
    );
  const { powerPreference } = options;
  const adapter = await gpu.requestAdapter(powerPreference ? { powerPreference } : {});
  if (!adapter)
    throw new BackendError(
      "webgpu",
      "no GPU adapter was found",
      "check that the browser's WebGPU is enabled and the driver installed (in Node a Vulkan, Metal or D3D12 driver), or choose another backend",
    );
  // Default limits on purpose: what runs here then runs on every device.
  const device = await adapter.requestDevice();
  used.add(gpu);
  return { device, owned: true, globals };
}

/**
 * Every `GPU` that gave a device, kept for good: Dawn's Node binding crashes when one is collected while a device, a buffer or an answer
 * of it is still there, even of a device that was destroyed. Kept, it does not stop Node from exiting.
 */
const used = /* @__PURE__ */ new Set<GPU>();

/** Dawn's, which all backends of the process share. */
let ownGpu: GPU | undefined;

function browserGpu(): GPU | undefined {
  // TypeScript believes that every runtime has both.
  const owner: { readonly gpu?: GPU } | undefined = "navigator" in globalThis ? globalThis.navigator : undefined;
  return owner?.gpu;
}

interface Dawn {
  readonly create: (flags: string[]) => GPU;
  readonly globals: Readonly<Record<string, unknown>>;
}

function isDawn(module: unknown): module is Dawn {
  return (
    typeof module === "object" &&
    module !== null &&
    "create" in module &&
    typeof module.create === "function" &&
    "globals" in module &&
    typeof module.globals === "object"
  );
}

/** The package `webgpu`, where it is installed. */
async function loadDawn(): Promise<Dawn | undefined> {
  // A name that bundlers cannot see: for the web they must not look for this package.
  const name = "webgpu";
  try {
    const module: unknown = await import(/* @vite-ignore */ /* webpackIgnore: true */ name);
    return isDawn(module) ? module : undefined;
  } catch {
    return undefined;
  }
}
