// MNIST, the handwritten digits of LeCun, Cortes and Burges (1998).
import type { Collection } from "./collection.ts";
import { aboutDigits, idxDataset, idxFiles, type MnistOptions } from "./idx-images.ts";
import type { ImageDataset } from "./image-dataset.ts";

const collection: Collection = {
  name: "mnist",
  folders: ["MNIST/raw"],
  files: idxFiles({
    "train-images-idx3-ubyte.gz": { sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db" },
    "train-labels-idx1-ubyte.gz": { sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5" },
    "t10k-images-idx3-ubyte.gz": { sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7" },
    "t10k-labels-idx1-ubyte.gz": { sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2" },
  }),
  mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
};

/**
 * MNIST: 60,000 images to train on, 10,000 to test with, float32 `[1, 28, 28]`, `(pixel / 255 - 0.1307) / 0.3081` by default; labels 0 to 9.
 *
 * Looks in `dataDir`, or else in `STRIA_DATA` (its folder `mnist`) and in the user's cache; downloads what is missing (12 MB) into the
 * cache. Files are verified by SHA-256 before they are used.
 * @throws DownloadError when the files are neither there nor can be downloaded; FormatError when one is damaged
 */
export function mnist(options: MnistOptions = {}): Promise<{ train: ImageDataset; test: ImageDataset }> {
  return idxDataset(collection, aboutDigits, options);
}
