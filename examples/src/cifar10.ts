// CIFAR-10 for the examples: all of it, or the part of it that is at hand.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ImageDataset, cifar10, cifar10Images } from "@stria/data";

export interface Cifar10 {
  readonly train: ImageDataset;
  readonly test: ImageDataset;
}

/**
 * The images of the folder `cifar10` in the one that STRIA_DATA names where that has training batches and `test_batch_first1000.bin`; else all of CIFAR-10, found or downloaded.
 * @throws DownloadError where neither can be had
 */
export function openCifar10(): Promise<Cifar10> {
  const path = (name: string): string => join(process.env["STRIA_DATA"] ?? ".", "cifar10", name);
  const part = path("test_batch_first1000.bin");
  const read = (files: readonly string[]): ImageDataset =>
    cifar10Images(
      files.map((file) => new Uint8Array(readFileSync(file))),
      {},
      "CIFAR-10",
    );
  const batches = [1, 2, 3, 4, 5].map((batch) => path(`data_batch_${batch}.bin`)).filter((file) => existsSync(file));
  if (existsSync(part) && batches.length > 0) return Promise.resolve({ train: read(batches), test: read([part]) });
  return cifar10();
}
