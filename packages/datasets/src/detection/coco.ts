// Images with boxes, and masks where they are asked for, by COCO's annotations.
import { FormatError } from "@stria/core";
import type { Canvas, Mask } from "@stria/augmentation";
import { type Files, filesOf, pathsIn, placeOf } from "../files/file-source.ts";
import { safePath } from "../files/safe-path.ts";
import { type CocoAnnotation, type CocoSegmentation, readCoco } from "./coco-json.ts";
import { type BoxedImage, type BoxedImageOptions, type BoxedImages, boxedImages } from "./detection-dataset.ts";
import { drawPolygon } from "./polygon.ts";
import { drawRuns } from "./run-lengths.ts";

export interface CocoOptions extends BoxedImageOptions {
  /** The path of the JSON file: "annotations/instances_val2017.json". */
  readonly annotations: string;
  /** The folder of the images: "val2017". By default, they are beside the JSON file's folder or anywhere below by their names. */
  readonly images?: string;
  /** Whether to take boxes round crowds. Default: false. */
  readonly crowds?: boolean;
  /** Whether items have a mask of the classes of their pixels too. Default: false. */
  readonly masks?: boolean;
}

/** An image with boxes, and the class of each pixel: 0 is nothing, 1 the first class. Where objects overlap, the later one is seen. */
export interface SegmentedImage extends BoxedImage {
  readonly mask: Mask;
}

/**
 * Draws the outline of an object: pixels whose centres are inside of its polygons, or its runs.
 * @param label what they are set to
 * @throws FormatError when runs do not fit the mask
 */
export function drawSegmentation(target: Mask, segmentation: CocoSegmentation, label: number, where: string): void {
  const [height, width] = target.shape;
  if ("counts" in segmentation) {
    const [rows, columns] = segmentation.size;
    if (rows !== height || columns !== width)
      throw new FormatError(
        where,
        `a run-length mask is ${columns} x ${rows} pixels, and its image ${width} x ${height}`,
        "get the file again",
      );
    drawRuns(target.values, { height, width }, segmentation.counts, label, where);
  } else for (const polygon of segmentation) drawPolygon(target.values, { height, width }, polygon, label);
}

/**
 * Images with boxes as COCO has them. Classes are the categories in the order of their ids, from 0. Boxes without an area are left out and counted.
 * @throws FormatError when the file is damaged, or an annotation is of an image or a category that it does not have
 */
export function cocoDataset(
  files: Files,
  options: CocoOptions & { readonly masks: true },
): Promise<BoxedImages<SegmentedImage>>;
export function cocoDataset(files: Files, options: CocoOptions): Promise<BoxedImages>;
export async function cocoDataset(files: Files, options: CocoOptions): Promise<BoxedImages> {
  const { annotations: list, images: folder, crowds = false, masks = false } = options;
  const source = filesOf(files);
  const where = placeOf(source, list);
  const file = readCoco(new TextDecoder().decode(await source.read(list)), where);
  const paths = await pathsIn(source, folder);
  const below = folder === undefined ? "" : `${folder.replace(/\/+$/, "")}/`;
  const exact = new Set(paths);
  const byName = new Map(paths.map((path) => [path.slice(path.lastIndexOf("/") + 1), path]));

  const categories = file.categories.toSorted((a, b) => a.id - b.id);
  const classOf = new Map(categories.map(({ id }, index) => [id, index]));
  const objects = new Map<number, CocoAnnotation[]>(file.images.map(({ id }) => [id, []]));
  if (objects.size < file.images.length)
    throw new FormatError(where, "two images have the same id", "correct the file, or get it again");
  for (const object of file.annotations) {
    const known = objects.get(object.imageId);
    if (!known || !classOf.has(object.categoryId))
      throw new FormatError(
        where,
        `annotation ${object.id} is of image ${object.imageId} and category ${object.categoryId}, and one of them is not there`,
        "correct the file, or get it again",
      );
    if (crowds || !object.crowd) known.push(object);
  }
  const annotated = file.images.map((image) => {
    const named = safePath(image.file, where);
    const path = exact.has(below + named) ? below + named : byName.get(named.slice(named.lastIndexOf("/") + 1));
    if (path === undefined)
      throw new FormatError(where, `image ${image.file} is not there`, "get it, or pass the folder as images");
    const boxes = (objects.get(image.id) ?? []).map(({ box, categoryId }) => ({
      box,
      label: classOf.get(categoryId) ?? 0,
    }));
    return { path, size: { height: image.height, width: image.width }, boxes, where };
  });

  const masked = ({ height, width }: Canvas, index: number): { readonly mask?: Mask } => {
    if (!masks) return {};
    const values = categories.length > 254 ? new Int32Array(height * width) : new Uint8Array(height * width);
    const mask: Mask = { kind: "mask", values, shape: [height, width] };
    for (const { segmentation, categoryId } of objects.get(file.images[index]?.id ?? -1) ?? [])
      if (segmentation) drawSegmentation(mask, segmentation, 1 + (classOf.get(categoryId) ?? 0), where);
    return { mask };
  };
  const classNames = categories.map(({ name }) => name);
  return boxedImages(source, annotated, classNames, options, masked);
}
