// Files by path: of Node's file system, or in a browser of the origin's private one (OPFS).
import { AttributeError, StriaError } from "@stria/core";
import { nodeFiles } from "./files/node.ts";
import { privateFiles } from "./files/private.ts";

/** What checkpoints and logs ask of a file system. */
export interface Files {
  read(path: string): Promise<Uint8Array>;
  /** Writes a file so that a crash at any moment leaves the old one or the new one. */
  writeWhole(path: string, bytes: Uint8Array): Promise<void>;
  /** Size in bytes; 0 where there is no file. */
  size(path: string): Promise<number>;
  /** Cuts a file off after `size` bytes and adds `bytes` there. A failure leaves the file with no part of them. */
  writeAt(path: string, size: number, bytes: Uint8Array): Promise<void>;
}

/** @throws StriaError where there are no files, with what to do. */
function filesFor(path: string): Files {
  if (typeof path !== "string" || path === "")
    throw new AttributeError(
      "file",
      `the path is ${path === "" ? "empty" : typeof path}`,
      'pass it first: "model.safetensors"',
    );
  const files = nodeFiles() ?? privateFiles();
  if (files) return files;
  throw new StriaError(
    path,
    "there is no file system here",
    "use saveModel, loadModel, checkpointBytes and restoreCheckpoint, which work on bytes",
  );
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** @throws StriaError naming the file when it cannot be written; one that was there is untouched. */
export function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  return writing(path, (files) => files.writeWhole(path, bytes));
}

/** Adds `bytes` behind the first `end` bytes of a file. @throws StriaError naming the file; no part of them is there then. */
export function writeAt(path: string, end: number, bytes: Uint8Array): Promise<void> {
  return writing(path, (files) => files.writeAt(path, end, bytes));
}

async function writing(path: string, write: (files: Files) => Promise<void>): Promise<void> {
  try {
    await write(filesFor(path));
  } catch (error) {
    if (error instanceof StriaError) throw error;
    throw new StriaError(
      path,
      `the file could not be written (${messageOf(error)})`,
      "look for a full disk or a folder without write permission; what was there is untouched",
      { cause: error },
    );
  }
}

/** @throws StriaError naming the file when it cannot be read. */
export function readWhole(path: string): Promise<Uint8Array> {
  return reading(path, (files) => files.read(path));
}

/** Its bytes; 0 where there is no file. @throws StriaError naming the file when that cannot be known. */
export function fileSize(path: string): Promise<number> {
  return reading(path, (files) => files.size(path));
}

async function reading<T>(path: string, read: (files: Files) => Promise<T>): Promise<T> {
  try {
    return await read(filesFor(path));
  } catch (error) {
    if (error instanceof StriaError) throw error;
    throw new StriaError(path, `the file could not be read (${messageOf(error)})`, "check the path", { cause: error });
  }
}
