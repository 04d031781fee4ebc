// What is fuzzed: good files, and the readers that they are for.
import { readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { HostTensor, StoredTensor } from "@stria/core";
import { decodeStored } from "@stria/core/safetensors";
import { decodeImage } from "@stria/images";
import { loadWeights, openSafetensors, readNpy, readNpz, readPyTorch, readWeights, weightsOf } from "@stria/weights";
import { type KerasFile, kerasModel, readKeras } from "@stria/weights/keras";
import { readTfjs } from "@stria/weights/tfjs";
import { asList, asObject, asText, parseJson } from "../golden/json.ts";
import { datasetSubjects } from "./dataset-subjects.ts";

type Tensors = ReadonlyMap<string, StoredTensor | HostTensor>;

/** A good file, and what is done with a damaged one. */
export interface Subject {
  readonly file: string;
  readonly bytes: Uint8Array;
  read(damaged: Uint8Array): Promise<Tensors>;
}

const name = "damaged";

/** The tensors; the model is built too, where the file describes one. */
function used(file: KerasFile): Tensors {
  if (file.topology) kerasModel(file);
  return file.tensors;
}

async function readImage(damaged: Uint8Array): Promise<Tensors> {
  const { data, shape } = await decodeImage(damaged, { name, limit: 2 ** 22 });
  const bytes = new Uint8Array(data.buffer);
  return new Map([["tensor", { shape, storedAs: data instanceof Uint16Array ? "U16" : "U8", bytes }]]);
}

/** Images of the kinds that the list does not have: WebP with and without loss, GIF, BMP with a palette, PGM. */
const smallImages: Readonly<Record<string, string>> = {
  "lossless.webp":
    "5249464648000000574542505650384c3c0000002f024000102f2024209c50fd7fe90699b44dfb4e44fdbb1c41b6cd2e527fcb134cd2d4e91d3e1670f8" +
    "bee5542c8342b611e0d0bd20c77211fd8fe105",
  "lossy.webp":
    "524946469200000057454250565038580a000000100000000f00000f0000414c504824000000017f20104842d85f788588481dcc0240a3104b2cb1c412" +
    "4b2cb1cc607f44ff0394d3dd5f5650382048000000f001009d012a1000100001402625b002747f00181bfe456000fefe5be955a3fb39a352969451569b" +
    "a45671119d2a26eba27e8e0b4ed3c394347ffe2c37e5d7ffe39e96d239f1a000",
  "small.gif":
    "47494638396103000200810000ff000000ff000000ff09080721f90401000001002c00000000030002000008090001041030404080" +
    "80003b",
  "small.bmp":
    "424d56000000000000004e000000280000000300000002000000010008000000000008000000c40e0000c40e0000060000000600" +
    "000000ff00005a5046003c3228001e140a000000ff00ff0000000302010004000500",
  "small.pgm": "50320a33203220373030300a302031303020373030302031322039203630300a", // "P2 3 2 7000 ..."
};

function readerOf(kind: string, folder: string): Subject["read"] | undefined {
  if (kind.startsWith("pytorch"))
    return async (damaged) => {
      const file = readPyTorch(damaged, name);
      return file.tensors.size > 0 ? weightsOf(file) : new Map();
    };
  if (kind.startsWith("keras")) return async (damaged) => used(readKeras(damaged, name));
  if (kind === "npz") return async (damaged) => readNpz(damaged, name);
  if (kind === "npy") return async (damaged) => new Map([["tensor", readNpy(damaged, name)]]);
  if (kind === "safetensors") return async (damaged) => (await openSafetensors(damaged, { name })).read();
  if (kind === "png" || kind === "jpeg") return readImage;
  if (kind !== "tfjs-layers") return undefined;
  const parts = new Map<string, Uint8Array>();
  return async (damaged) => {
    const part = async (path: string): Promise<Uint8Array> => {
      const known = parts.get(path) ?? new Uint8Array(readFileSync(join(folder, basename(path))));
      parts.set(path, known);
      return known;
    };
    const missing = async (path: string): Promise<Uint8Array> => part(path).catch(() => new Uint8Array(0));
    return used(await readTfjs(new TextDecoder().decode(damaged), missing, name));
  };
}

/** The good files of `folder/formats.json` that have a reader, small images, and files of data sets. */
export function subjectsIn(folder: string): Subject[] {
  const list = join(folder, "formats.json");
  const files = asList(asObject(parseJson(readFileSync(list, "utf8"), list), list)["files"], list);
  const listed = files.flatMap((entry) => {
    const about = asObject(entry, list);
    const file = asText(about["file"], "file");
    const read = readerOf(asText(about["kind"], "kind"), folder);
    return read ? [{ file, bytes: new Uint8Array(readFileSync(join(folder, file))), read }] : [];
  });
  const small = Object.entries(smallImages).map(([file, hex]) => ({
    file,
    bytes: new Uint8Array(Buffer.from(hex, "hex")),
    read: readImage,
  }));
  return [...listed, ...small, ...datasetSubjects];
}

/** Everything that a program does with a file: which reader it is for, its tensors, their numbers, and a model that wants others. */
export async function useFile(subject: Subject, damaged: Uint8Array, byContent: boolean): Promise<void> {
  const tensors = byContent ? (await readWeights(damaged, { name })).tensors : await subject.read(damaged);
  for (const tensor of tensors.values()) if ("bytes" in tensor) decodeStored(tensor, name);
  await loadWeights({}, tensors, { strict: false });
}
