// Annotations as COCO has them (Lin et al. 2014): one JSON file of images, annotations and categories.
import { FormatError } from "@stria/core";
import { checkBox } from "./boxes-of.ts";

/** The outline of an object: polygons (x, y, x, y, ...), or runs of pixels. */
export type CocoSegmentation =
  | readonly (readonly number[])[]
  | { readonly size: readonly [height: number, width: number]; readonly counts: string | readonly number[] };

/** An object on an image. */
export interface CocoAnnotation {
  readonly id: number;
  readonly imageId: number;
  readonly categoryId: number;
  /** Left, top, right, bottom; the file has left, top, width, height. */
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
  /** Whether the box is round many objects that were not told apart. */
  readonly crowd: boolean;
  readonly segmentation: CocoSegmentation | undefined;
}

export interface CocoImage {
  readonly id: number;
  readonly file: string;
  readonly width: number;
  readonly height: number;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
}

/** What the file says. */
export interface CocoFile {
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly CocoCategory[];
}

type Entry = Readonly<Record<string, unknown>>;

function isEntry(value: unknown): value is Entry {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function areNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((element) => typeof element === "number" && Number.isFinite(element));
}

/** Reads a file's text; `name` is what to call it in errors. @throws FormatError when it is no JSON, or an entry lacks what it must have */
export function readCoco(text: string, name: string): CocoFile {
  const wrong = (fault: string, cause?: unknown): FormatError =>
    new FormatError(name, fault, "correct the file, or get it again", { cause });
  let file: unknown;
  try {
    file = JSON.parse(text);
  } catch (cause) {
    throw wrong(`it is no JSON: ${cause instanceof Error ? cause.message : "it cannot be parsed"}`, cause);
  }
  const listOf = <Read>(key: string, read: (entry: Entry, what: string) => Read): Read[] => {
    const list: unknown = isEntry(file) ? file[key] : undefined;
    if (!Array.isArray(list)) throw wrong(`it has no list ${key}`);
    return list.map((entry: unknown, index) => {
      const what = `${key}[${index}]`;
      if (!isEntry(entry)) throw wrong(`${what} is no object`);
      return read(entry, what);
    });
  };
  const numberOf = (entry: Entry, key: string, what: string): number => {
    const value = entry[key];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw wrong(`${what} has no number ${key}`);
  };
  const textOf = (entry: Entry, key: string, what: string): string => {
    const value = entry[key];
    if (typeof value === "string" && value !== "") return value;
    throw wrong(`${what} has no text ${key}`);
  };
  const segmentationOf = (value: unknown, what: string): CocoSegmentation | undefined => {
    if (value === undefined || value === null) return undefined;
    if (Array.isArray(value)) {
      const polygons: unknown[] = value;
      if (polygons.every((polygon) => areNumbers(polygon) && polygon.length % 2 === 0))
        return polygons.filter((polygon) => areNumbers(polygon));
    } else if (isEntry(value)) {
      const { size, counts } = value;
      if (areNumbers(size) && size.length === 2 && (typeof counts === "string" || areNumbers(counts)))
        return { size: [size[0] ?? 0, size[1] ?? 0], counts };
    }
    throw wrong(`${what} has a segmentation that is neither polygons nor runs`);
  };
  return {
    images: listOf("images", (entry, what) => ({
      id: numberOf(entry, "id", what),
      file: textOf(entry, "file_name", what),
      width: numberOf(entry, "width", what),
      height: numberOf(entry, "height", what),
    })),
    annotations: listOf("annotations", (entry, what) => {
      const id = numberOf(entry, "id", what);
      const sides = entry["bbox"];
      if (!areNumbers(sides) || sides.length !== 4) throw wrong(`${what} has no bbox of four numbers`);
      const [left = 0, top = 0, width = 0, height = 0] = sides;
      const box = [left, top, left + width, top + height] as const;
      checkBox(box, name, `${what} (id ${id})`);
      return {
        id,
        imageId: numberOf(entry, "image_id", what),
        categoryId: numberOf(entry, "category_id", what),
        box,
        crowd: entry["iscrowd"] === 1,
        segmentation: segmentationOf(entry["segmentation"], what),
      };
    }),
    categories: listOf("categories", (entry, what) => ({
      id: numberOf(entry, "id", what),
      name: textOf(entry, "name", what),
    })),
  };
}
