// The backend: a device, TF.js's WebGPU backend on it, and the table of kernels, put together by core.
import { type Backend, type BackendLost, dtypes } from "@stria/core";
import { fromKernels } from "@stria/core/backends";
import { type WebGpuOptions, findDevice } from "./find-device.ts";
import { kernelTable } from "./kernels/table.ts";
import { Runtime } from "./runtime.ts";
import type { DeviceTensor } from "./tensor.ts";
import { loadTfjs } from "./tfjs.ts";

/**
 * Opens the GPU. In browsers and workers through `navigator.gpu`; in Node give `gpu`, or install the package `webgpu`.
 * @throws (rejects) BackendError where there is no adapter.
 */
export async function webgpu(options: WebGpuOptions = {}): Promise<Backend> {
  const { device, owned, globals } = await findDevice(options);
  const runtime = new Runtime(device, await loadTfjs(device, globals));
  let disposed = false;
  const lost = new Promise<BackendLost>((resolve) => {
    void device.lost.then(({ reason, message }) => {
      if (!disposed) resolve({ reason: `the GPU device was lost (${reason}): ${message}` });
    });
  });
  return fromKernels<DeviceTensor>({
    name: "webgpu",
    dtypes,
    kernels: kernelTable(runtime),
    upload: (data, aval) => runtime.upload(data, aval),
    download: (tensor) => runtime.download(tensor),
    free: (tensor) => (disposed ? undefined : runtime.free(tensor)),
    lost,
    dispose() {
      if (disposed) return;
      disposed = true;
      runtime.dispose();
      if (owned) device.destroy();
    },
  });
}
