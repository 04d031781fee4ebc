// The runtime without a backend around it, for tests of what a backend does not show.
import { findDevice } from "../../src/find-device.ts";
import { Runtime } from "../../src/runtime.ts";
import { loadTfjs } from "../../src/tfjs.ts";

export interface OpenRuntime {
  readonly runtime: Runtime;
  readonly device: GPUDevice;
}

export async function openRuntime(): Promise<OpenRuntime> {
  const { device, globals } = await findDevice({});
  return { runtime: new Runtime(device, await loadTfjs(device, globals)), device };
}
