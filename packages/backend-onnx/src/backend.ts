// The backend: a whole graph becomes one ONNX model, and ONNX Runtime runs it. There are no kernels here.
import {
  type Backend,
  BackendError,
  type BackendLost,
  type Executable,
  type Graph,
  contractVersion,
  dtypes,
  allocate,
  showAval,
  sizeOf,
} from "@stria/core";
import { legalise } from "@stria/core/backends";
import { type OnnxModel, onnxSupports, toOnnxModel } from "@stria/onnx";
import type { InferenceSession } from "onnxruntime-web";
import { Buffers, Content } from "./buffer.ts";
import { fatalOnly, makeExecutable } from "./executable.ts";
import { plan } from "./plan.ts";
import { Queue } from "./queue.ts";
import { type Runtime, type RuntimeOptions, openRuntime } from "./runtime.ts";

export type OnnxOptions = RuntimeOptions;

async function openSession(runtime: Runtime, model: OnnxModel, threads: number | undefined): Promise<InferenceSession> {
  try {
    return await runtime.InferenceSession.create(model.bytes, {
      executionProviders: ["cpu"],
      graphOptimizationLevel: "all",
      logSeverityLevel: fatalOnly,
      // onnxruntime-node has its threads by session; onnxruntime-web its own in `env`.
      ...(threads !== undefined && { intraOpNumThreads: threads }),
    });
  } catch (error) {
    throw new BackendError(
      'backend "onnx"',
      `ONNX Runtime refuses the model: ${error instanceof Error ? error.message : String(error)}`,
      "report this with the graph",
      {
        cause: error,
      },
    );
  }
}

/**
 * ONNX Runtime as a backend: every compiled function, training steps included, runs as one ONNX model on onnxruntime-web's WebAssembly.
 * Parameters and state are inputs and outputs of the model, and are copied in and out at each run.
 * @throws BackendError when onnxruntime-web is not installed.
 * @example await useBackend(onnx({ threads: 2 }));
 */
export async function onnx(options: OnnxOptions = {}): Promise<Backend> {
  const runtime = await openRuntime(options);
  const buffers = new Buffers();
  const executables = new Set<Executable>();
  let disposed = false;
  const checkAlive = (): void => {
    if (disposed)
      throw new BackendError(
        'backend "onnx"',
        "it was disposed of",
        "make another with onnx(), and give it to useBackend(...)",
      );
  };
  let lose: ((loss: BackendLost) => void) | undefined;
  const lost = new Promise<BackendLost>((resolve) => (lose = resolve));
  // A trap leaves the WebAssembly module in no known state; everything else is one run's own failure.
  const queue = new Queue((error) => {
    const cause = error instanceof Error ? error.cause : undefined;
    if (cause instanceof WebAssembly.RuntimeError) lose?.({ reason: `ONNX Runtime stopped: ${cause.message}` });
  });

  async function compile(graph: Graph): Promise<Executable> {
    checkAlive();
    const legal = legalise(graph, onnxSupports, 'backend "onnx"').graph;
    const planned = plan(legal);
    const model = toOnnxModel(planned.graph);
    const session = planned.graph.outputs.length > 0 ? await openSession(runtime, model, options.threads) : undefined;
    const executable = makeExecutable(legal, { plan: planned, model, session }, runtime, buffers, queue);
    executables.add(executable);
    return {
      run(inputs, donated) {
        checkAlive();
        return executable.run(inputs, donated);
      },
      dispose() {
        executables.delete(executable);
        executable.dispose();
      },
    };
  }

  return {
    name: "onnx",
    contractVersion,
    capabilities: { dtypes, eager: false },
    lost,
    upload(data, aval) {
      checkAlive();
      if (data.constructor !== allocate(aval.dtype, 0).constructor || data.length !== sizeOf(aval.shape))
        throw new BackendError(
          'backend "onnx"',
          `${data.length} elements of ${data.constructor.name} are no ${showAval(aval)}`,
          "give the array that stores the dtype, of the shape's size",
        );
      return buffers.make(aval, new Content(data.slice()));
    },
    async download(buffer) {
      checkAlive();
      const { content } = buffers.own(buffer);
      await content.settled;
      return content.read().slice();
    },
    free: (buffer) => buffers.free(buffer),
    memory: () => buffers.memory(),
    supports: onnxSupports,
    compile,
    dispose() {
      disposed = true;
      for (const executable of executables) executable.dispose();
      executables.clear();
    },
  };
}
