// Files that the user gives: chosen, or dropped anywhere on the page, in a folder or not.
import type { GivenFile } from "../messages.ts";
import { acceptChosen, acceptDropped } from "../../../page/files.ts";

export interface FileEvents {
  readonly images: (files: readonly GivenFile[]) => void;
  readonly model: (file: GivenFile) => void;
  readonly failed: (message: string) => void;
}

/** A folder of something else is not read whole. */
const mostFiles = 200;
const largestFile = 256 * 2 ** 20;

const isIdx = ({ name }: File): boolean => /idx[13]/i.test(name);
const isModel = ({ name }: File): boolean => name.endsWith(".safetensors");

async function read(file: File): Promise<GivenFile> {
  if (file.size > largestFile) throw new Error(`${file.name} is larger than ${largestFile / 2 ** 20} MB`);
  return { name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) };
}

async function take(files: readonly File[], events: FileEvents): Promise<void> {
  try {
    const model = files.find(isModel);
    if (model !== undefined) return events.model(await read(model));
    const images = files.filter(isIdx).slice(0, mostFiles);
    if (images.length === 0 && files.length > 0)
      throw new Error("these are neither IDX files, such as train-images-idx3-ubyte.gz, nor a model, .safetensors");
    if (images.length > 0) events.images(await Promise.all(images.map(read)));
  } catch (error) {
    events.failed(`The files cannot be read: ${error instanceof Error ? error.message : String(error)}.`);
  }
}

async function filesOf(entry: FileSystemEntry): Promise<File[]> {
  if (entry instanceof FileSystemFileEntry)
    return [await new Promise<File>((resolve, reject) => entry.file(resolve, reject))];
  if (!(entry instanceof FileSystemDirectoryEntry)) return [];
  const reader = entry.createReader();
  const found: File[] = [];
  while (found.length < mostFiles) {
    // A reader gives some of a folder's entries at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) break;
    for (const inside of some) found.push(...(await filesOf(inside)));
  }
  return found;
}

async function dropped(data: DataTransfer, events: FileEvents): Promise<void> {
  // Entries can only be had before the first wait.
  const entries = [...data.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  const files = entries.length > 0 ? (await Promise.all(entries.map(filesOf))).flat() : [...data.files];
  await take(files, events);
}

export function acceptFiles(events: FileEvents): void {
  for (const id of ["files", "folder", "load"]) acceptChosen(id, (files) => void take(files, events));
  acceptDropped((data) => {
    dropped(data, events).catch((error: unknown) => events.failed(String(error)));
  });
}

/** Hands bytes to the user as a download. */
export function download(name: string, bytes: Uint8Array<ArrayBuffer>): void {
  const url = URL.createObjectURL(new Blob([bytes], { type: "application/octet-stream" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
