// What this page can use: threads, and a GPU.

/** In a sentence: what is computed on, and why not on more. */
export function threadsNote(backend: string, threads: number): string {
  if (backend === "webgpu") return "Computing on the GPU, through WebGPU.";
  if (!crossOriginIsolated)
    return "Computing on one thread: this page is not cross-origin isolated, so threads cannot share memory. Serve it with COOP and COEP headers for more.";
  return `Computing on ${threads} ${threads === 1 ? "thread" : "threads"}; the page is cross-origin isolated.`;
}

/** Why WebGPU cannot be used here; undefined where it can. */
export async function webGpuMissing(): Promise<string | undefined> {
  // TypeScript believes that every browser has it.
  const { gpu }: { readonly gpu?: GPU } = navigator;
  if (gpu === undefined)
    return isSecureContext
      ? "This browser has no WebGPU, so the CPU computes."
      : "WebGPU needs a secure page (https or localhost), so the CPU computes.";
  try {
    return (await gpu.requestAdapter()) === null ? "No GPU adapter was found here, so the CPU computes." : undefined;
  } catch (error) {
    return `WebGPU cannot be used here: ${error instanceof Error ? error.message : String(error)}.`;
  }
}
