// MNIST, the handwritten digits of LeCun, Cortes and Burges (1998).
import { FormatError } from "@stria/core";
import { type Collection, obtain, type ObtainOptions } from "./download/collection.ts";
import { readIdx } from "./formats/idx.ts";
import { type ImageDataset, imageDataset, type NormaliseOptions, storedImages } from "./image-dataset.ts";

const collection: Collection = {
  name: "mnist",
  folders: ["MNIST/raw"],
  files: [
    {
      name: "train-images-idx3-ubyte.gz",
      bytes: 47_040_016,
      sha256: "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    },
    {
      name: "train-labels-idx1-ubyte.gz",
      bytes: 60_008,
      sha256: "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    },
    {
      name: "t10k-images-idx3-ubyte.gz",
      bytes: 7_840_016,
      sha256: "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    },
    {
      name: "t10k-labels-idx1-ubyte.gz",
      bytes: 10_008,
      sha256: "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
    },
  ],
  mirrors: ["https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"],
};

export interface MnistOptions extends ObtainOptions, NormaliseOptions {}

const about = {
  classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  mean: [0.1307],
  std: [0.3081],
} as const;

/**
 * The images and labels of two IDX files, as published for MNIST and those that follow its format.
 * @param names what to call the files in errors
 * @throws FormatError when they are no IDX files of bytes, of as many images as labels, or a label is above 9
 */
export function readMnist(
  images: Uint8Array,
  labels: Uint8Array,
  options: NormaliseOptions = {},
  names: readonly [images: string, labels: string] = ["images", "labels"],
): ImageDataset {
  const again = "get the files again, both of the same set";
  const pixelFile = readIdx(images, names[0]);
  const labelFile = readIdx(labels, names[1]);
  const [count, height, width] = pixelFile.shape;
  if (
    !(pixelFile.data instanceof Uint8Array) ||
    pixelFile.shape.length !== 3 ||
    height === undefined ||
    width === undefined
  )
    throw new FormatError(
      names[0],
      `[${pixelFile.shape.join(", ")}] of ${pixelFile.data.constructor.name} are not images of bytes`,
      again,
    );
  if (!(labelFile.data instanceof Uint8Array) || labelFile.shape.length !== 1 || labelFile.shape[0] !== count)
    throw new FormatError(
      names[1],
      `[${labelFile.shape.join(", ")}] of ${labelFile.data.constructor.name} are not labels of ${count} images`,
      again,
    );
  const wrong = labelFile.data.findIndex((label) => label > 9);
  if (wrong >= 0) throw new FormatError(names[1], `label ${wrong} is ${labelFile.data[wrong]}`, again);
  return imageDataset(storedImages(pixelFile.data, labelFile.data, { ...about, shape: [1, height, width] }), options);
}

/**
 * MNIST: 60,000 images to train on, 10,000 to test with, float32 `[1, 28, 28]`, `(pixel / 255 - 0.1307) / 0.3081` by default; labels 0 to 9.
 *
 * Looks in `dataDir`, or else in `STRIA_DATA` (its folder `mnist`) and in the user's cache; downloads what is missing (11 MB) into the
 * cache. Files are verified by SHA-256 before they are used.
 * @throws DownloadError when the files are neither there nor can be downloaded; FormatError when one is damaged
 */
export async function mnist(options: MnistOptions = {}): Promise<{ train: ImageDataset; test: ImageDataset }> {
  const [trainImages, trainLabels, testImages, testLabels] = await obtain(collection, options);
  const read = (images: Uint8Array | undefined, labels: Uint8Array | undefined): ImageDataset =>
    readMnist(images ?? new Uint8Array(0), labels ?? new Uint8Array(0), options);
  return { train: read(trainImages, trainLabels), test: read(testImages, testLabels) };
}
