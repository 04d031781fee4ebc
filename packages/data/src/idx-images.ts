// Data sets that are published as MNIST was: four gzipped IDX files.
import { FormatError } from "@stria/core";
import { type Collection, obtain, type ObtainOptions, type PublishedFile } from "./collection.ts";
import { readIdx } from "./formats/idx.ts";
import {
  type ImageDataset,
  imageDataset,
  type ImageSource,
  type NormaliseOptions,
  storedImages,
} from "./image-dataset.ts";

/** Options of `mnist`, `fashionMnist` and `kmnist`. */
export interface MnistOptions extends ObtainOptions, NormaliseOptions {}

/** What is known of the images besides their files. */
export type IdxAbout = Pick<ImageSource, "classNames" | "mean" | "std">;

const contents = {
  "train-images-idx3-ubyte.gz": 47_040_016,
  "train-labels-idx1-ubyte.gz": 60_008,
  "t10k-images-idx3-ubyte.gz": 7_840_016,
  "t10k-labels-idx1-ubyte.gz": 10_008,
};

/** The four files, each with what is published of it besides its size. */
export function idxFiles(
  published: Readonly<Record<keyof typeof contents, Pick<PublishedFile, "sha256" | "packed">>>,
): PublishedFile[] {
  return Object.entries(contents).map(([name, bytes]) => ({
    name,
    bytes,
    ...published[name as keyof typeof contents],
  }));
}

/** The images of two IDX files. @throws FormatError as {@link readMnist} */
function readImages(
  images: Uint8Array,
  labels: Uint8Array,
  about: IdxAbout,
  options: NormaliseOptions,
  names: readonly [images: string, labels: string],
): ImageDataset {
  const again = "get the files again, both of the same set";
  const pixelFile = readIdx(images, names[0]);
  const labelFile = readIdx(labels, names[1]);
  const [count, height, width] = pixelFile.shape;
  if (!(pixelFile.data instanceof Uint8Array) || pixelFile.shape.length !== 3 || !height || !width)
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
  const wrong = labelFile.data.findIndex((label) => label >= about.classNames.length);
  if (wrong >= 0) throw new FormatError(names[1], `label ${wrong} is ${labelFile.data[wrong]}`, again);
  return imageDataset(storedImages(pixelFile.data, labelFile.data, { ...about, shape: [1, height, width] }), options);
}

/** What is known of MNIST's images. */
export const aboutDigits: IdxAbout = {
  classNames: ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"],
  mean: [0.1307],
  std: [0.3081],
};

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
  return readImages(images, labels, aboutDigits, options, names);
}

/** The data set of a collection of four IDX files. */
export async function idxDataset(
  collection: Collection,
  about: IdxAbout,
  options: MnistOptions,
): Promise<{ train: ImageDataset; test: ImageDataset }> {
  const files = await obtain(collection, options);
  const read = (first: number): ImageDataset => {
    const [images = new Uint8Array(0), labels = new Uint8Array(0)] = files.slice(first, first + 2);
    const [imagesName = "", labelsName = ""] = collection.files.slice(first, first + 2).map(({ name }) => name);
    return readImages(images, labels, about, options, [imagesName, labelsName]);
  };
  return { train: read(0), test: read(2) };
}
