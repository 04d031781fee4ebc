// A data set in the folders of the PASCAL VOC challenge: Annotations, JPEGImages, ImageSets/Main.
import { AttributeError, FormatError } from "@stria/core";
import { type Files, filesOf, type FileSource, pathsIn, placeOf } from "../files/file-source.ts";
import { safePath } from "../files/safe-path.ts";
import { isImagePath } from "../images/read-image.ts";
import { type BoxedImageOptions, type BoxedImages, boxedImages } from "./detection-dataset.ts";
import { readVoc, type VocAnnotation } from "./voc-xml.ts";

export interface VocOptions extends BoxedImageOptions {
  /** The list of images to take, a file of `ImageSets/Main` without `.txt`: "train"; all annotations by default. */
  readonly split?: string;
  /** The classes in their order; by default the names of all objects, of all splits, in ascending order. */
  readonly classes?: readonly string[];
  /** Whether to take objects that are marked as difficult. Default: true. */
  readonly difficult?: boolean;
}

/** Reads what lies in the folder of annotations, by names without extensions. */
async function annotationsIn(source: FileSource, root: string): Promise<Map<string, string>> {
  const paths = (await pathsIn(source, `${root}Annotations`)).filter((path) => path.endsWith(".xml"));
  return new Map(paths.map((path) => [path.slice(`${root}Annotations/`.length, -".xml".length), path]));
}

/** The folder with `Annotations` in it: the one given, or one below. */
async function rootOf(source: FileSource): Promise<string> {
  const marks = new Set((await pathsIn(source)).flatMap((path) => /^(?:.*\/)?(?=Annotations\/)/.exec(path)?.[0] ?? []));
  const [root, ...others] = marks;
  if (root === undefined)
    throw new FormatError(source.name, "there is no folder Annotations in it", "pass the folder that has it");
  if (others.length > 0)
    throw new FormatError(
      source.name,
      `there are several folders Annotations in it: in ${[...marks].join(" and ")}`,
      "pass the folder of one of them",
    );
  return root;
}

/** The first word of each line: the name of an image. */
async function listed(source: FileSource, path: string): Promise<string[]> {
  const lines = new TextDecoder().decode(await source.read(path)).split("\n");
  return lines.flatMap((line) => {
    const [word = ""] = line.trim().split(/\s+/);
    return word === "" ? [] : [safePath(word, placeOf(source, path))];
  });
}

/**
 * Images with boxes as VOC has them. Boxes are as the files have them; those without an area are left out and counted.
 * @throws FormatError when there are no annotations, one is damaged, an image has none, or one's class is not in `classes`
 */
export async function vocDataset(files: Files, options: VocOptions = {}): Promise<BoxedImages> {
  const { split, classes, difficult = true } = options;
  const source = filesOf(files);
  const root = await rootOf(source);
  const annotations = await annotationsIn(source, root);
  const images = (await pathsIn(source, `${root}JPEGImages`)).filter((path) => isImagePath(path));
  const byName = new Map(
    images.map((path) => [path.slice(`${root}JPEGImages/`.length).replace(/\.[^./]*$/, ""), path]),
  );
  const list = split === undefined ? undefined : `${root}ImageSets/Main/${split}.txt`;
  const wanted = list === undefined ? [...annotations.keys()] : await listed(source, list);
  if (wanted.length === 0)
    throw new FormatError(placeOf(source, list ?? `${root}Annotations`), "it is empty", "get the data set again");

  const read = new Map<string, VocAnnotation>();
  // Names of classes are those of all splits, so that a class has one number in all of them.
  for (const name of classes ? wanted : new Set([...wanted, ...annotations.keys()])) {
    const path = annotations.get(name);
    if (path === undefined)
      throw new FormatError(
        placeOf(source, list ?? root),
        `image ${name} has no annotation Annotations/${name}.xml`,
        "add it, or take the image from the list",
      );
    read.set(name, readVoc(new TextDecoder().decode(await source.read(path)), placeOf(source, path)));
  }
  const found = new Set([...read.values()].flatMap(({ objects }) => objects.map((object) => object.name)));
  const classNames = classes ?? [...found].toSorted((a, b) => (a < b ? -1 : 1));
  if (new Set(classNames).size < classNames.length)
    throw new AttributeError("classes", `a name comes twice in ${classNames.join(", ")}`, "name each class once");
  const numbers = new Map(classNames.map((name, index) => [name, index]));

  const annotated = wanted.map((name) => {
    const where = placeOf(source, annotations.get(name) ?? "");
    const { file = "", size, objects = [] } = read.get(name) ?? {};
    const named = file === "" ? undefined : safePath(file, where);
    const path =
      byName.get(name) ??
      (named === undefined ? undefined : images.find((image) => image === `${root}JPEGImages/${named}`));
    if (path === undefined) throw new FormatError(where, `its image is not in JPEGImages`, "add it, or leave it out");
    const boxes = objects
      .filter((object) => difficult || !object.difficult)
      .map((object) => {
        const label = numbers.get(object.name);
        if (label !== undefined) return { box: object.box, label };
        throw new FormatError(
          where,
          `the class "${object.name}" is none of ${classNames.join(", ")}`,
          "add it to classes, or correct the annotation",
        );
      });
    return { path, size, boxes, where };
  });
  return boxedImages<object>(source, annotated, classNames, options, () => ({}));
}
