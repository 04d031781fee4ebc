// Fashion-MNIST, pictures of clothes: Xiao, Rasul and Vollgraf, "Fashion-MNIST: a Novel Image Dataset for Benchmarking Machine Learning Algorithms" (2017).
import type { Collection } from "./collection.ts";
import { type IdxAbout, idxDataset, idxFiles, type MnistOptions } from "./idx-images.ts";
import type { ImageDataset } from "./image-dataset.ts";

// Sizes and hashes are those that TensorFlow Datasets publishes of the compressed files.
const collection: Collection = {
  name: "fashion-mnist",
  folders: ["fashionMnist", "fashion_mnist", "FashionMNIST/raw"],
  files: idxFiles({
    "train-images-idx3-ubyte.gz": {
      packed: { bytes: 26_421_880, sha256: "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84" },
    },
    "train-labels-idx1-ubyte.gz": {
      packed: { bytes: 29_515, sha256: "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845" },
    },
    "t10k-images-idx3-ubyte.gz": {
      packed: { bytes: 4_422_102, sha256: "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073" },
    },
    "t10k-labels-idx1-ubyte.gz": {
      packed: { bytes: 5_148, sha256: "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5" },
    },
  }),
  mirrors: [
    "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
  ],
};

const about: IdxAbout = {
  classNames: [
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
  ],
  mean: [0.286],
  std: [0.353],
};

/**
 * Fashion-MNIST: 60,000 images to train on, 10,000 to test with, float32 `[1, 28, 28]`, `(pixel / 255 - 0.286) / 0.353` by default; ten kinds of clothes.
 *
 * Looks in `dataDir`, or else in `STRIA_DATA` (its folder `fashion-mnist`) and in the user's cache; downloads what is missing (31 MB) into the
 * cache. The compressed files, as published, are verified by SHA-256 before they are used.
 * @throws DownloadError when the files are neither there nor can be downloaded; FormatError when one is damaged
 */
export function fashionMnist(options: MnistOptions = {}): Promise<{ train: ImageDataset; test: ImageDataset }> {
  return idxDataset(collection, about, options);
}
