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
  return restore(await readFile(`${path}.json`, "utf8"), floatsOf(bytes));
}

/** The same bytes as numbers, without a copy where they lie as numbers do: VGG-16 has half a gigabyte of them. */
function floatsOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const inPlace = byteOffset % 4 === 0;
  return inPlace
    ? new Float32Array(buffer, byteOffset, byteLength / 4)
    : new Float32Array(buffer.slice(byteOffset, byteOffset + byteLength));
}
