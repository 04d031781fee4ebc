// Images with boxes, whatever the annotations are written in.
import type { Boxes, Canvas, Image } from "@stria/augmentation";
import type { Dataset } from "@stria/data";
import { type FileSource, placeOf } from "../files/file-source.ts";
import { itemAt } from "../item-at.ts";
import { readImage, type ReadImageOptions } from "../images/read-image.ts";
import { type AnnotatedBox, type BoxOptions, boxesOf, hasArea } from "./boxes-of.ts";

/** An image, and the boxes of what is on it with their classes. */
export interface BoxedImage {
  readonly image: Image;
  readonly boxes: Boxes;
  /** The path of the image. */
  readonly name: string;
}

export interface BoxedImageOptions extends ReadImageOptions, BoxOptions {}

/** Images with boxes in files; annotations are read at once, images are decoded when they are asked for. */
export interface BoxedImages<Item extends BoxedImage = BoxedImage> extends Dataset<Item> {
  readonly classNames: readonly string[];
  readonly names: readonly string[];
  /** How many boxes there are of each class. */
  readonly boxCounts: readonly number[];
  /** How many boxes were left out, because they have no area. */
  readonly withoutArea: number;
  get(index: number): Promise<Item>;
}

/** An image as annotations have it. */
export interface AnnotatedImage {
  readonly path: string;
  /** Where they say its size. */
  readonly size: Canvas | undefined;
  readonly boxes: readonly AnnotatedBox[];
  /** The file with the annotations, for errors. */
  readonly where: string;
}

/** The dataset of annotated images in `source`; `more` makes what else an item has. */
export function boxedImages<More extends object>(
  source: FileSource,
  annotated: readonly AnnotatedImage[],
  classNames: readonly string[],
  options: BoxedImageOptions,
  more: (canvas: Canvas, index: number) => More,
): BoxedImages<BoxedImage & More> {
  const kept = annotated.map((about) => ({ ...about, boxes: about.boxes.filter((box) => hasArea(box)) }));
  const count = (list: readonly AnnotatedImage[]): number => list.reduce((sum, { boxes }) => sum + boxes.length, 0);
  return {
    length: kept.length,
    classNames,
    names: kept.map(({ path }) => path),
    boxCounts: classNames.map((_, label) =>
      kept.reduce((sum, { boxes }) => sum + boxes.filter((box) => box.label === label).length, 0),
    ),
    withoutArea: count(annotated) - count(kept),
    nameOf: (index) => kept[index]?.path,
    async get(index) {
      const { path, size, boxes, where } = itemAt("boxedImages", kept, index);
      const image = await readImage(await source.read(path), placeOf(source, path), options, size);
      const canvas = { height: image.shape[1], width: image.shape[2] };
      return { image, boxes: boxesOf(boxes, canvas, where, options), name: path, ...more(canvas, index) };
    },
  };
}
