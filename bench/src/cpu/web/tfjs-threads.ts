// Threads for tfjs-wasm in Node, which it has switched off there: its workers are made from blobs, and Node's want files.
import { mkdtempSync, writeFileSync } from "node:fs";
import os, { tmpdir } from "node:os";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";

/** What the module takes for granted beside it, under the names that the library's bundler gave them, and where it lies. */
function preamble(module: string): string {
  return [
    "globalThis.require$$0 = require('fs')",
    "globalThis.require$$1 = require('path')",
    "globalThis.require$$3 = require('perf_hooks')",
    "globalThis.require$$4 = require('os')",
    "globalThis.commonjsGlobal = globalThis",
    "globalThis.__filename = __filename",
    "globalThis.__dirname = __dirname",
    `URL.createObjectURL = () => ${JSON.stringify(module)}`,
    "",
  ].join(";\n");
}

/** A blob that is a file as well. The first is the module that workers load, the others are workers. */
class FileBlob extends Blob {
  readonly path: string;
  static readonly #folder: string = mkdtempSync(join(tmpdir(), "stria-bench-tfjs-"));
  static #module: string | undefined;
  static #count = 0;

  constructor(parts: readonly BlobPart[] = [], options?: BlobPropertyBag) {
    super([...parts], options);
    const path = join(FileBlob.#folder, `${FileBlob.#count++}.cjs`);
    this.path = path;
    const before = FileBlob.#module === undefined ? "" : preamble(FileBlob.#module);
    FileBlob.#module ??= path;
    writeFileSync(path, before + parts.map(String).join(""));
  }
}

/** Starts the library's WebAssembly device with threads. It takes half of the cores at most, so it is told of enough. */
export async function startThreaded(threads: number): Promise<void> {
  const { cpus } = os;
  os.cpus = () => Array.from({ length: 2 * threads }, () => cpus().slice(0, 1)).flat();
  tf.env().set("WASM_HAS_MULTITHREAD_SUPPORT", true);
  const { Blob: own } = globalThis;
  const { createObjectURL } = URL;
  globalThis.Blob = FileBlob;
  URL.createObjectURL = (blob) => (blob instanceof FileBlob ? blob.path : createObjectURL(blob));
  try {
    await tf.setBackend("wasm");
    await tf.ready();
  } finally {
    globalThis.Blob = own;
    URL.createObjectURL = createObjectURL;
    os.cpus = cpus;
  }
}
