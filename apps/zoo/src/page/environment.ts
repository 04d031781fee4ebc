// What this page can use: threads, and a GPU.
import type { BackendName } from "../messages.ts";

/** In a sentence: what is computed on, and why not on more. */
export function threadsNote(backend: BackendName, threads: number): string {
  if (backend === "webgpu") return "Computing on the GPU, through WebGPU.";
  const by = backend === "onnx" ? " with ONNX Runtime" : "";
  if (!crossOriginIsolated)
    return `Computing on one thread${by}: this page is not cross-origin isolated, so threads cannot share memory. Serve it with COOP and COEP headers for more.`;
  return `Computing on ${threads} ${threads === 1 ? "thread" : "threads"}${by}.`;
}

/** Why WebGPU cannot be used here; undefined where it can. */
export async function webGpuMissing(): Promise<string | undefined> {
  // TypeScript believes that every browser has it.
  const { gpu }: { readonly gpu?: GPU } = navigator;
  if (gpu === undefined)
    return isSecureContext ? "This browser has no WebGPU." : "WebGPU needs a secure page (https or localhost).";
  try {
    return (await gpu.requestAdapter()) === null ? "No GPU adapter was found here." : undefined;
  } catch (error) {
    return `WebGPU cannot be used here: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
