// One compiled graph: an ONNX Runtime session, and runs that are queued on the backend in program order.
import {
  BackendError,
  type DType,
  type DeviceBuffer,
  type Executable,
  type Graph,
  type MemoryUse,
  type TypedArray,
  at,
  resultValues,
  sameShape,
  showAval,
} from "@stria/core";
import type { OnnxModel } from "@stria/onnx";
import type { InferenceSession } from "onnxruntime-web";
import { type Buffers, Content } from "./buffer.ts";
import type { Plan } from "./plan.ts";
import type { Queue } from "./queue.ts";
import type { Runtime } from "./runtime.ts";

export interface Compiled {
  readonly plan: Plan;
  readonly model: OnnxModel;
  /** Undefined where nothing is computed. */
  readonly session: InferenceSession | undefined;
}

/** ONNX Runtime's own log goes to the console; its errors reach the caller as errors. */
export const fatalOnly = 4;

/** ONNX Runtime's array as core has it: float16 as bits, also where the engine has a Float16Array. */
function hostArray(data: unknown, dtype: DType): TypedArray | undefined {
  if (dtype === "float16")
    return ArrayBuffer.isView(data) ? new Uint16Array(data.buffer, data.byteOffset, data.byteLength / 2) : undefined;
  return data instanceof Float32Array || data instanceof Int32Array || data instanceof Uint8Array ? data : undefined;
}

/** Runs the session on host arrays; one array for each output of the plan's graph. */
async function compute(
  runtime: Runtime,
  { plan: { graph }, model, session }: Compiled,
  inputs: readonly TypedArray[],
  memory: () => MemoryUse,
): Promise<TypedArray[]> {
  if (!session) return [];
  const feeds = Object.fromEntries(
    graph.inputs.map(({ value }, index) => {
      const { shape, dtype } = at(graph.values, value);
      return [at(model.inputs, index), new runtime.Tensor(dtype, at(inputs, index), shape)];
    }),
  );
  // Outputs are always ONNX Runtime's own: one that is given to it stays zero on its CPU provider (1.30).
  const results = await session.run(feeds, { logSeverityLevel: fatalOnly }).catch((error: unknown) => {
    throw new BackendError(
      'backend "onnx"',
      `ONNX Runtime failed: ${(error instanceof Error ? error.message : String(error)).trim()} (outside of the run ${memory().bytes} bytes are live in ${memory().buffers} buffers)`,
      "use a smaller batch if it is memory that ran out; else report this with the graph",
      { cause: error },
    );
  });
  return model.outputs.map((name, index) => {
    const { dtype } = at(graph.values, at(graph.outputs, index).value);
    const data = hostArray(results[name]?.data, dtype);
    if (!data)
      throw new BackendError('backend "onnx"', `output ${name} did not come back`, "report this as a bug of Stria");
    return data;
  });
}

export function makeExecutable(
  whole: Graph,
  compiled: Compiled,
  runtime: Runtime,
  buffers: Buffers,
  queue: Queue,
): Executable {
  const { plan, session } = compiled;
  const results = resultValues(whole).map((value) => at(whole.values, value));
  let disposed = false;
  return {
    run(inputs: readonly DeviceBuffer[], donated: readonly number[]): DeviceBuffer[] {
      if (disposed) throw new BackendError('backend "onnx"', "the program was disposed", "compile the graph again");
      const given = inputs.map((input) => buffers.own(input));
      for (const [index, { value }] of whole.inputs.entries()) {
        const [wanted, found] = [at(whole.values, value), given[index]?.aval];
        if (!found || found.dtype !== wanted.dtype || !sameShape(found.shape, wanted.shape))
          throw new BackendError(
            at(whole.inputs, index).name,
            `the input is ${found ? showAval(found) : "missing"}, the program wants ${showAval(wanted)}`,
            "pass what the graph declares",
          );
      }
      for (const index of donated) buffers.free(at(inputs, index));

      const fed = plan.fed.map((index) => at(given, index).content);
      const fresh: Content[] = [];
      const settled = queue.add(async () => {
        try {
          const data = await compute(
            runtime,
            compiled,
            fed.map((content) => content.read()),
            () => buffers.memory(),
          );
          for (const [index, content] of fresh.entries()) content.fill(at(data, index));
        } catch (error) {
          for (const content of fresh) content.fail(error);
          throw error;
        }
      });
      for (const _ of plan.graph.outputs) fresh.push(new Content(undefined, settled));
      return plan.sources.map((source, index) => {
        const { kind } = source;
        const content =
          kind === "input"
            ? at(given, source.index).content
            : kind === "computed"
              ? at(fresh, source.output)
              : new Content(source.data);
        return buffers.make(at(results, index), content);
      });
    },
    dispose(): void {
      if (disposed) return;
      disposed = true;
      if (session) void queue.add(() => session.release());
    },
  };
}
