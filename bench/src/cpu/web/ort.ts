// onnxruntime-web on its WebAssembly device; and onnxruntime-node, native, from a folder in which it was installed, since it weighs 300 MB.
import { createRequire } from "node:module";
import { join } from "node:path";
import * as web from "onnxruntime-web";
import { numbers } from "../../numbers.ts";
import type { Library } from "./main.ts";
import { onnxModelOf } from "./onnx-model.ts";
import { readGraph } from "./files.ts";

/** The library with so many threads. */
export function onnxruntimeWeb(threads: number): Library {
  web.env.wasm.numThreads = threads;
  return libraryOf(web, { executionProviders: ["wasm"] });
}

/** The native library of a folder: `node_modules/onnxruntime-node`. It has the interface of the other. */
export function onnxruntimeNode(folder: string, threads: number): Library {
  const native = createRequire(join(folder, "package.json"))(folder) as typeof web;
  return libraryOf(native, { executionProviders: ["cpu"], intraOpNumThreads: threads, interOpNumThreads: 1 });
}

function libraryOf(
  { InferenceSession, Tensor }: Pick<typeof web, "InferenceSession" | "Tensor">,
  options: web.InferenceSession.SessionOptions,
): Library {
  return {
    async prepare(path) {
      const graph = await readGraph(path);
      const session = await InferenceSession.create(onnxModelOf(graph), options);
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
