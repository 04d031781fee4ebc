// Kuzushiji-MNIST, cursive Japanese characters: Clanuwat, Bober-Irizar, Kitamoto, Lamb, Yamamoto and Ha, "Deep Learning for Classical Japanese Literature" (2018).
import type { Collection } from "./collection.ts";
import { type IdxAbout, idxDataset, idxFiles, type MnistOptions } from "./idx-images.ts";
import type { ImageDataset } from "./image-dataset.ts";

// Sizes and hashes are those that TensorFlow Datasets publishes of the compressed files.
const collection: Collection = {
  name: "kmnist",
  folders: ["KMNIST/raw"],
  files: idxFiles({
    "train-images-idx3-ubyte.gz": {
      packed: { bytes: 18_165_135, sha256: "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4" },
    },
    "train-labels-idx1-ubyte.gz": {
      packed: { bytes: 29_497, sha256: "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17" },
    },
    "t10k-images-idx3-ubyte.gz": {
      packed: { bytes: 3_041_136, sha256: "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5" },
    },
    "t10k-labels-idx1-ubyte.gz": {
      packed: { bytes: 5_120, sha256: "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c" },
    },
  }),
  mirrors: ["https://codh.rois.ac.jp/kmnist/dataset/kmnist/", "http://codh.rois.ac.jp/kmnist/dataset/kmnist/"],
};

const about: IdxAbout = {
  classNames: ["お", "き", "す", "つ", "な", "は", "ま", "や", "れ", "を"],
  mean: [0.1918],
  std: [0.3483],
};

/**
 * Kuzushiji-MNIST: 60,000 images to train on, 10,000 to test with, float32 `[1, 28, 28]`, `(pixel / 255 - 0.1918) / 0.3483` by default; ten hiragana.
 *
 * Looks in `dataDir`, or else in `STRIA_DATA` (its folder `kmnist`) and in the user's cache; downloads what is missing (21 MB) into the
 * cache. The compressed files, as published, are verified by SHA-256 before they are used.
 * @throws DownloadError when the files are neither there nor can be downloaded; FormatError when one is damaged
 */
export function kmnist(options: MnistOptions = {}): Promise<{ train: ImageDataset; test: ImageDataset }> {
  return idxDataset(collection, about, options);
}
