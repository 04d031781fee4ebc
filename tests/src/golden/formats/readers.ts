// The reader of each kind of golden file.
import { readFileSync } from "node:fs";
import type { StoredTensor } from "@stria/core";
import { decodeImage } from "@stria/images";
import { readNpy, readNpz, readPyTorch, openSafetensors } from "@stria/weights";
import type { Module } from "@stria/layers";
import { type KerasFile, kerasModel, readKeras } from "@stria/weights/keras";
import { openTfjs } from "@stria/weights/tfjs";
import { Unsupported } from "../outcome.ts";

/** What came out of a file. */
export interface ReadFile {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** Of PyTorch's files: all of it, nested. */
  readonly value?: unknown;
  readonly metadata?: ReadonlyMap<string, string>;
  /** Of models whose layers the file describes: the model, which is given what was given to Keras'. */
  readonly model?: () => Module;
}

type Reader = (path: string) => Promise<ReadFile>;

function bytesOf(path: string): Uint8Array {
  return new Uint8Array(readFileSync(path));
}

const pytorch: Reader = async (path) => readPyTorch(bytesOf(path), path);

function withModel(file: KerasFile): ReadFile {
  return { tensors: file.tensors, ...(file.topology && { model: () => kerasModel(file) }) };
}

const keras: Reader = async (path) => withModel(readKeras(bytesOf(path), path));

/** The pixels as stored, in the types of goldens: 16 bits are integers there. */
const image: Reader = async (path) => {
  const { data, shape } = await decodeImage(bytesOf(path), { name: path, orientation: "stored" });
  const isWide = data instanceof Uint16Array;
  const bytes = isWide ? new Uint8Array(Int32Array.from(data).buffer) : data;
  return { tensors: new Map([["tensor", { shape, storedAs: isWide ? "I32" : "U8", bytes }]]) };
};

const readers: Readonly<Record<string, Reader>> = {
  "pytorch-zip": pytorch,
  "pytorch-legacy": pytorch,
  safetensors: async (path) => {
    const file = await openSafetensors(bytesOf(path), { name: path });
    return { tensors: await file.read(), metadata: file.metadata };
  },
  npz: async (path) => ({ tensors: await readNpz(bytesOf(path), path) }),
  npy: async (path) => ({ tensors: new Map([["tensor", readNpy(bytesOf(path), path)]]) }),
  "keras-3": keras,
  "keras-h5": keras,
  "keras-weights-h5": keras,
  png: image,
  jpeg: image,
  "tfjs-layers": async (path) => withModel(await openTfjs(path)),
};

/** Whether files of this kind have a reader. */
export function isRead(kind: string): boolean {
  return Object.hasOwn(readers, kind);
}

/** Reads the file at `path`, of which `kind` is known. @throws Unsupported for a kind that has no reader, and what the reader throws */
export async function readGoldenFile(kind: string, path: string): Promise<ReadFile> {
  const reader = isRead(kind) ? readers[kind] : undefined;
  if (reader === undefined) throw new Unsupported(`files of the kind "${kind}"`);
  return reader(path);
}
