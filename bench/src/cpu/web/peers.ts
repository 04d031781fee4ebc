// The WebAssembly peers, and onnxruntime-node where it is at hand: a process for each library and number of threads.
import { fileURLToPath } from "node:url";
import { Child } from "../child.ts";

export interface WebPeer {
  readonly child: Child;
  readonly threads: number;
}

const libraries = [
  ["ort", "onnxruntime-web"],
  ["tfjs", "tfjs-wasm"],
] as const;

/** Lists them; what they write themselves, workers of tfjs, goes to a folder. */
export function webPeers(threads: readonly number[], onnxruntimeNode: string | undefined, folder: string): WebPeer[] {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const native = onnxruntimeNode === undefined ? [] : [[onnxruntimeNode, "onnxruntime-node"] as const];
  const flags = ["--expose-gc", "--conditions=@stria/source", "--disable-warning=ExperimentalWarning"];
  return threads.flatMap((count) =>
    [...libraries, ...native].map(([short, name]) => ({
      child: new Child(name, [process.execPath, ...flags, main, short, String(count)], {
        environment: { TMPDIR: folder },
      }),
      threads: count,
    })),
  );
}
