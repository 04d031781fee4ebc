// Images with masks of classes: two folders with files of the same names.
import { FormatError, ShapeError } from "@stria/core";
import type { Image, Mask } from "@stria/augmentation";
import type { Dataset } from "@stria/data";
import { type Files, filesOf, pathsIn, placeOf } from "../files/file-source.ts";
import { itemAt } from "../item-at.ts";
import { isImagePath, readImage, type ReadImageOptions, readMask } from "./read-image.ts";

/** An image, and the class of each of its pixels. */
export interface MaskedImage {
  readonly image: Image;
  readonly mask: Mask;
  /** The path of the image. */
  readonly name: string;
}

export interface ImageMasksOptions extends ReadImageOptions {
  /** The folder of the images, and that of the masks. */
  readonly images: string;
  readonly masks: string;
  /**
   * What an image and its mask have in common, by the path in its folder without the extension; by default that path itself. `(path) => path.replace("_mask", "")`
   * pairs `7.jpg` with `7_mask.png`.
   */
  readonly key?: (path: string) => string;
  /** The values in the masks, in the order of the classes: `[0, 255]`. By default a value is its class. */
  readonly values?: readonly number[];
  /** What the classes are called. */
  readonly classNames?: readonly string[];
}

/** Images and masks in files, decoded when they are asked for. */
export interface MaskedImages extends Dataset<MaskedImage> {
  readonly names: readonly string[];
  readonly classNames: readonly string[] | undefined;
  get(index: number): Promise<MaskedImage>;
}

/**
 * The pairs of `images/1.png` and `masks/1.png`.
 * @throws FormatError when there are none, or an image has no mask or several, or a mask no image; ShapeError (by `get`) when the two differ in size
 */
export async function imageMasks(files: Files, options: ImageMasksOptions): Promise<MaskedImages> {
  const { images, masks, key = (path: string) => path } = options;
  const source = filesOf(files);
  const keysOf = async (folder: string): Promise<Map<string, string>> => {
    const found = new Map<string, string>();
    for (const path of (await pathsIn(source, folder)).filter((file) => isImagePath(file))) {
      const known = key(path.slice(folder.replace(/\/+$/, "").length + 1).replace(/\.[^./]*$/, ""));
      const other = found.get(known);
      if (other !== undefined)
        throw new FormatError(placeOf(source, path), `it and ${other} are both "${known}"`, "keep one, or change key");
      found.set(known, path);
    }
    return found;
  };
  const [pictures, labelled] = [await keysOf(images), await keysOf(masks)];
  if (pictures.size === 0)
    throw new FormatError(placeOf(source, images), "there are no images in it", "pass the right folder");
  for (const [known, path] of pictures)
    if (!labelled.has(known))
      throw new FormatError(placeOf(source, path), `it has no mask in ${masks}`, "add it, or change key");
  for (const [known, path] of labelled)
    if (!pictures.has(known))
      throw new FormatError(placeOf(source, path), `it is of no image in ${images}`, "add it, or change key");
  const pairs = [...pictures].map(([known, path]) => ({ path, maskPath: labelled.get(known) ?? "" }));
  return {
    length: pairs.length,
    names: pairs.map(({ path }) => path),
    classNames: options.classNames,
    nameOf: (index) => pairs[index]?.path,
    async get(index) {
      const { path, maskPath } = itemAt("imageMasks", pairs, index);
      const [image, mask] = await Promise.all([
        source.read(path).then((bytes) => readImage(bytes, placeOf(source, path), options)),
        source.read(maskPath).then((bytes) => readMask(bytes, placeOf(source, maskPath), options)),
      ]);
      const [[, height, width], [rows, columns]] = [image.shape, mask.shape];
      if (height !== rows || width !== columns)
        throw new ShapeError(
          placeOf(source, maskPath),
          `the mask is ${columns} x ${rows} pixels, and the image ${path} ${width} x ${height}`,
          "make the mask as large as its image",
        );
      return { image, mask, name: path };
    },
  };
}
