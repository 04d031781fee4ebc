// The WebAssembly peers, and onnxruntime-node where it is at hand: a process for each library and number of threads.
import { fileURLToPath } from "node:url";
import type { PartOptions } from "../options.ts";
import { Child } from "../child.ts";

export interface WebPeer {
  readonly child: Child;
  readonly threads: number;
}

const libraries = [
  ["ort", "onnxruntime-web"],
  ["tfjs", "tfjs-wasm"],
] as const;

/** Starts them. */
export async function startWebPeers({ threads, onnxruntimeNode }: PartOptions): Promise<WebPeer[]> {
  const main = fileURLToPath(new URL("main.ts", import.meta.url));
  const native = onnxruntimeNode === undefined ? [] : [[onnxruntimeNode, "onnxruntime-node"] as const];
  const peers: WebPeer[] = [];
  for (const count of threads)
    for (const [short, name] of [...libraries, ...native]) {
      const flags = ["--expose-gc", "--conditions=@stria/source", "--disable-warning=ExperimentalWarning"];
      const child = new Child(name, [process.execPath, ...flags, main, short, String(count)]);
      await child.reply();
      peers.push({ child, threads: count });
    }
  return peers;
}
