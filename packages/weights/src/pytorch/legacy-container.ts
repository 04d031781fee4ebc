// The container of torch.save before PyTorch 1.6: five pickles (magic number, protocol, system, value, keys), then the storages.
import type { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import type { Contents } from "./contents.ts";
import { Globals } from "./globals.ts";
import { elementBytes } from "../elements/element-bytes.ts";
import { unpickle } from "./unpickle.ts";

const magicNumber = 0x1950a86a20f9469cfc6cn;
const protocol = 1001;
const lengthBytes = 8;

/** Reads the file. @throws FormatError when a part is missing or of another length than stated */
export function readLegacyContainer(bytes: Uint8Array, budget: Budget): Contents {
  const { source } = budget;
  const plain = (at: number): ReturnType<typeof unpickle> => unpickle(bytes, at, new Globals(budget), budget);
  const magic = plain(0);
  if (magic.value !== magicNumber)
    return refuse(source, "a pickle without PyTorch's magic number", "pass a file that torch.save has written");
  const version = plain(magic.end);
  if (version.value !== protocol) return refuse(source, `its protocol is not ${protocol}`);
  const system = plain(version.end);
  const littleEndian = system.value instanceof Map ? system.value.get("little_endian") : undefined;
  if (typeof littleEndian !== "boolean") return refuse(source, "it does not say in which order its bytes are");
  const globals = new Globals(budget);
  const { value, end } = unpickle(bytes, system.end, globals, budget);
  const keys = plain(end);
  if (!Array.isArray(keys.value)) return refuse(source, "the keys of its storages are no list");
  const storages = new Map<string, Uint8Array>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = keys.end;
  for (const key of keys.value) {
    const stated = typeof key === "string" ? globals.storages.get(key) : undefined;
    if (typeof key !== "string" || stated === undefined || stated.type === "untyped" || storages.has(key))
      return refuse(source, "it has a storage that the pickle does not state");
    if (at + lengthBytes > bytes.length) return refuse(source, `it is cut before storage ${key}`);
    const count = view.getBigInt64(at, littleEndian);
    at += lengthBytes;
    if (count !== BigInt(stated.count))
      return refuse(source, `storage ${key} has ${count} elements where the pickle states ${stated.count}`);
    const length = stated.count * elementBytes[stated.type];
    if (at + length > bytes.length) return refuse(source, `it is cut in storage ${key}`);
    storages.set(key, bytes.subarray(at, at + length));
    at += length;
  }
  for (const key of globals.storages.keys())
    if (!storages.has(key)) return refuse(source, `storage ${JSON.stringify(key.slice(0, 60))} is not in it`);
  return { value, tensors: globals.tensors, storages, bigEndian: !littleEndian, pickleBytes: end - system.end };
}
