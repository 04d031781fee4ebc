// onnxruntime-web on its WebAssembly device.
import { env, InferenceSession, Tensor } from "onnxruntime-web";
import { numbers } from "../../numbers.ts";
import type { Library } from "./main.ts";
import { onnxModelOf } from "./onnx-model.ts";
import { readGraph } from "./files.ts";

/** The library with so many threads. */
export function onnxruntimeWeb(threads: number): Library {
  env.wasm.numThreads = threads;
  return {
    async prepare(path) {
      const graph = await readGraph(path);
      const session = await InferenceSession.create(onnxModelOf(graph), { executionProviders: ["wasm"] });
      const draw = numbers();
      const feeds = Object.fromEntries(
        graph.inputs.map(({ shape }, index) => [
          `input${index}`,
          new Tensor(
            "float32",
            draw(
              shape.reduce((all, length) => all * length, 1),
              1,
            ),
            [...shape],
          ),
        ]),
      );
      return {
        run: async () => void (await session.run(feeds)),
        async values() {
          const { output } = await session.run(feeds);
          const data = output?.data;
          return data instanceof Float32Array ? [...data.subarray(0, 10)] : [];
        },
        release: () => session.release(),
      };
    },
  };
}
