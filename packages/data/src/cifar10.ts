// CIFAR-10, the tiny photographs of Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
import { joined } from "@stria/download";
import { type Collection, obtain, type ObtainOptions } from "./collection.ts";
import { readCifar10 } from "./formats/cifar-binary.ts";
import { type ImageDataset, imageDataset, type NormaliseOptions, storedImages } from "./image-dataset.ts";

const batchBytes = 30_730_000;

// The hash of the archive is published by TensorFlow Datasets, those of the files by torchvision for Ruby.
const collection: Collection = {
  name: "cifar10",
  folders: ["cifar-10-batches-bin"],
  files: [
    ["data_batch_1.bin", "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"],
    ["data_batch_2.bin", "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"],
    ["data_batch_3.bin", "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"],
    ["data_batch_4.bin", "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"],
    ["data_batch_5.bin", "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"],
    ["test_batch.bin", "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"],
  ].map(([name = "", sha256 = ""]) => ({ name, sha256, bytes: batchBytes })),
  mirrors: [
    "https://www.cs.toronto.edu/~kriz/",
    "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
  ],
  archive: {
    name: "cifar-10-binary.tar.gz",
    bytes: 7 * batchBytes,
    packed: { bytes: 170_052_171, sha256: "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd" },
  },
};

const about = {
  shape: [3, 32, 32],
  classNames: ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"],
  mean: [0.485, 0.456, 0.406],
  std: [0.229, 0.224, 0.225],
} as const;

/**
 * The images of one or more files of CIFAR-10's binary version, in order.
 * @param name what to call the files in errors
 * @throws FormatError when one is empty, ends within a record, or has a label above 9
 */
export function cifar10Images(
  files: readonly Uint8Array[],
  options: NormaliseOptions = {},
  name: string = "CIFAR-10 file",
): ImageDataset {
  const parts = files.map((bytes, index) => readCifar10(bytes, files.length === 1 ? name : `${name} ${index}`));
  const count = parts.reduce((sum, { labels }) => sum + labels.length, 0);
  const pixels = joined(
    parts.map((part) => part.pixels),
    count * 3 * 32 * 32,
  );
  return imageDataset(
    storedImages(
      pixels,
      joined(
        parts.map((part) => part.labels),
        count,
      ),
      about,
    ),
    options,
  );
}

/**
 * CIFAR-10: 50,000 images to train on, 10,000 to test with, float32 `[3, 32, 32]`, `(pixel / 255 - mean) / std` with ImageNet's mean
 * .485 .456 .406 and std .229 .224 .225 by default; labels 0 to 9.
 *
 * Looks in `dataDir`, or else in `STRIA_DATA` (its folder `cifar10` or `cifar-10-batches-bin`) and in the user's cache, for the files or the
 * archive; downloads the archive (170 MB) otherwise. What is used is verified by SHA-256 before.
 * @throws DownloadError when the files are neither there nor can be downloaded; FormatError when one is damaged
 */
export async function cifar10(
  options: ObtainOptions & NormaliseOptions = {},
): Promise<{ train: ImageDataset; test: ImageDataset }> {
  const files = await obtain(collection, options);
  return { train: cifar10Images(files.slice(0, 5), options), test: cifar10Images(files.slice(5), options) };
}
