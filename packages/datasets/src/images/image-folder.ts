// Images in folders named by their classes.
import { AttributeError, FormatError } from "@stria/core";
import type { Image } from "@stria/augmentation";
import { classLabel, type Dataset } from "@stria/data";
import { type Files, filesOf, pathsIn, placeOf } from "../files/file-source.ts";
import { itemAt } from "../item-at.ts";
import { isImagePath, readImage, type ReadImageOptions } from "./read-image.ts";

/** An image and its class. */
export interface LabelledImage {
  readonly image: Image;
  /** The class, an index of `classNames`. */
  readonly label: number;
  /** The path of the file. */
  readonly name: string;
}

export interface ImageFolderOptions extends ReadImageOptions {
  /** The folder with the class folders, below the one given: "train". */
  readonly within?: string;
  /** The classes in their order; by default the names of the folders, in ascending order. */
  readonly classes?: readonly string[];
  /** Which files to take; by default those that end as image files do. */
  readonly only?: (path: string) => boolean;
}

/** Labelled images in files, decoded when they are asked for. */
export interface LabelledImages extends Dataset<LabelledImage> {
  readonly classNames: readonly string[];
  /** The paths of the files. */
  readonly names: readonly string[];
  label(index: number): number;
  get(index: number): Promise<LabelledImage>;
}

/**
 * The images below folders named by their classes: `cats/1.png`, `dogs/old/2.jpg`. Nothing is read but the names.
 * @throws FormatError when there are no images, one is in no class folder, or one's folder is not in `classes`; FolderError for a folder that cannot be read
 */
export async function imageFolder(files: Files, options: ImageFolderOptions = {}): Promise<LabelledImages> {
  const { within = "", classes, only = isImagePath } = options;
  const source = filesOf(files);
  const names = (await pathsIn(source, within)).filter((path) => only(path));
  const start = within === "" ? 0 : within.replace(/\/+$/, "").length + 1;
  const where = within === "" ? source.name : placeOf(source, within);
  if (names.length === 0)
    throw new FormatError(where, "there are no images in it", "pass the folder that has the class folders in it");
  const folders = names.map((path) => {
    const slash = path.indexOf("/", start);
    if (slash >= 0) return path.slice(start, slash);
    throw new FormatError(
      placeOf(source, path),
      "the image is in no class folder",
      "move it, or leave it out by the option only",
    );
  });
  const classNames = classes ?? [...new Set(folders)].toSorted((a, b) => (a < b ? -1 : 1));
  if (new Set(classNames).size < classNames.length)
    throw new AttributeError("classes", `a name comes twice in ${classNames.join(", ")}`, "name each class once");
  const numbers = new Map(classNames.map((name, index) => [name, index]));
  const labels = folders.map((folder, index) => {
    const label = numbers.get(folder);
    if (label !== undefined) return label;
    throw new FormatError(
      placeOf(source, names[index] ?? ""),
      `its folder is none of the classes ${classNames.join(", ")}`,
      "add it to classes, or leave the file out by the option only",
    );
  });
  return {
    length: names.length,
    fields: { label: classLabel(classNames.length) },
    classNames,
    names,
    label: (index) => itemAt("imageFolder", labels, index),
    nameOf: (index) => names[index],
    async get(index) {
      const name = itemAt("imageFolder", names, index);
      const image = await readImage(await source.read(name), placeOf(source, name), options);
      return { image, label: itemAt("imageFolder", labels, index), name };
    },
  };
}
