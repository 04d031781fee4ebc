// The container of torch.save since PyTorch 1.6: a zip archive with a pickle and a record for each storage.
import type { Budget } from "../budget.ts";
import { refuse } from "../fault.ts";
import { readStoredZip } from "../zip/read-zip.ts";
import type { Contents } from "./contents.ts";
import { Globals } from "./globals.ts";
import { elementBytes } from "../elements/element-bytes.ts";
import { unpickle } from "./unpickle.ts";

const pickleName = "data.pkl";

/** Reads the archive. @throws FormatError when a part is missing, doubled or of another length than stated */
export function readZipContainer(bytes: Uint8Array, budget: Budget): Contents {
  const { source } = budget;
  const entries = readStoredZip(bytes, budget);
  const pickles = [...entries.keys()].filter((name) => name === pickleName || name.endsWith(`/${pickleName}`));
  const [name] = pickles;
  const pickle = entries.get(name ?? "");
  if (name === undefined || pickle === undefined)
    return refuse(source, `the archive has no ${pickleName}`, "pass a file that torch.save has written");
  if (pickles.length > 1) return refuse(source, `the archive has several pickles: ${pickles.slice(0, 4).join(", ")}`);
  const root = name.slice(0, -pickleName.length);
  const stated = entries.get(`${root}byteorder`);
  const order = stated === undefined ? "little" : new TextDecoder().decode(stated.subarray(0, 16)).trim();
  if (order !== "little" && order !== "big") return refuse(source, `its byte order is ${JSON.stringify(order)}`);
  const globals = new Globals(budget);
  const { value } = unpickle(pickle, 0, globals, budget);
  const storages = new Map<string, Uint8Array>();
  for (const [key, { type, count }] of globals.storages) {
    const record = entries.get(`${root}data/${key}`);
    const length = count * (type === "untyped" ? 1 : elementBytes[type]);
    if (record === undefined) return refuse(source, `storage ${JSON.stringify(key.slice(0, 60))} has no record`);
    if (record.length !== length)
      return refuse(source, `storage ${key} should have ${length} bytes, its record has ${record.length}`);
    storages.set(key, record);
  }
  return { value, tensors: globals.tensors, storages, bigEndian: order === "big", pickleBytes: pickle.length };
}
