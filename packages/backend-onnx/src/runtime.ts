// Finds ONNX Runtime and sets it up: once in a process, since its WebAssembly module is one.
import { BackendError } from "@stria/core";
import type * as onnxruntime from "onnxruntime-web";

/** The part of ONNX Runtime's module that is used: onnxruntime-web has it, and so has onnxruntime-node. */
export type Runtime = Pick<typeof onnxruntime, "InferenceSession" | "Tensor" | "env">;

export interface RuntimeOptions {
  /**
   * Threads of ONNX Runtime. They want SharedArrayBuffer: Node, or a cross-origin isolated page; elsewhere there is one.
   * Default: ONNX Runtime's own choice, half the cores and at most 4.
   */
  readonly threads?: number;
  /** Where a page finds ONNX Runtime's .wasm file: a folder's URL, or the file's. Default: beside ONNX Runtime's module. */
  readonly wasmPaths?: string | { readonly wasm: string };
  /** ONNX Runtime's module. Default: onnxruntime-web. */
  readonly runtime?: Runtime;
}

/** Threads that a runtime was set up with: it does not change them afterwards. */
const threadsOf = new WeakMap<object, number>();

const remedy = "npm install onnxruntime-web@1.30.0";

async function installed(): Promise<Runtime> {
  try {
    const { load } = await import("#load");
    return await load();
  } catch (error) {
    throw new BackendError('backend "onnx"', "onnxruntime-web is not installed, or cannot be loaded here", remedy, {
      cause: error,
    });
  }
}

/** ONNX Runtime, set up. @throws BackendError when it is not installed, or already runs with another number of threads. */
export async function openRuntime({ threads, wasmPaths, runtime }: RuntimeOptions): Promise<Runtime> {
  if (threads !== undefined && (!Number.isInteger(threads) || threads < 1))
    throw new BackendError('backend "onnx"', `threads is ${threads}`, "give a whole number >= 1, or leave it out");
  const found = runtime ?? (await installed());
  const known = threadsOf.get(found.env);
  if (threads !== undefined) {
    if (known !== undefined && known !== threads)
      throw new BackendError(
        'backend "onnx"',
        `ONNX Runtime already runs with ${known} threads, and ${threads} are asked for`,
        "use one number of threads in a process",
      );
    threadsOf.set(found.env, threads);
    found.env.wasm.numThreads = threads;
  }
  if (wasmPaths !== undefined) found.env.wasm.wasmPaths = typeof wasmPaths === "string" ? wasmPaths : { ...wasmPaths };
  return found;
}
