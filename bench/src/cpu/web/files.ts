// Networks on their way to another process.
import { readFile, writeFile } from "node:fs/promises";
import { type PeerGraph, restore, store } from "./peer-graph.ts";

/** Writes PATH.json and PATH.bin. */
export async function writeGraph(path: string, graph: PeerGraph): Promise<void> {
  const { header, data } = store(graph);
  await writeFile(`${path}.json`, header);
  await writeFile(`${path}.bin`, data);
}

export async function readGraph(path: string): Promise<PeerGraph> {
  const bytes = await readFile(`${path}.bin`);
  return restore(await readFile(`${path}.json`, "utf8"), new Float32Array(Uint8Array.from(bytes).buffer));
}
