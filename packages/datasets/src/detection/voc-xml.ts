// An annotation of the PASCAL VOC challenge (Everingham et al. 2010): an XML file for each image.
import { FormatError } from "@stria/core";
import type { Canvas } from "@stria/augmentation";
import { SaxesParser } from "saxes";
import { checkBox } from "./boxes-of.ts";

/** An object on an image. */
export interface VocObject {
  readonly name: string;
  /** xmin, ymin, xmax, ymax as the file has them. VOC's own count pixels from 1, other tools from 0. */
  readonly box: readonly [left: number, top: number, right: number, bottom: number];
  /** Whether it is hard to see, and left out of VOC's scores. */
  readonly difficult: boolean;
  /** Whether a part of it is outside of the box, and so perhaps of the image. */
  readonly truncated: boolean;
}

/** What a file says of one image. */
export interface VocAnnotation {
  /** The name of the image's file; "" where none is said. */
  readonly file: string;
  /** Undefined where the file says none, or zero. */
  readonly size: Canvas | undefined;
  readonly objects: readonly VocObject[];
}

interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** No annotation is nested deeper. */
const deepest = 32;

function parsed(text: string, name: string): Element {
  const root: Element = { name: "", children: [], text: "" };
  const open = [root];
  const parser = new SaxesParser();
  parser.on("opentag", (tag) => {
    const element: Element = { name: tag.name, children: [], text: "" };
    open.at(-1)?.children.push(element);
    open.push(element);
    if (open.length > deepest) parser.fail(`elements are nested more than ${deepest} deep`);
  });
  parser.on("closetag", () => void open.pop());
  parser.on("text", (part) => {
    const element = open.at(-1);
    if (element) element.text += part;
  });
  parser.on("error", (cause) => {
    throw new FormatError(
      name,
      `it is no XML that can be read: ${cause.message}`,
      "get the file again, or correct it",
      {
        cause,
      },
    );
  });
  parser.write(text).close();
  return root;
}

const childOf = (element: Element | undefined, name: string): Element | undefined =>
  element?.children.find((child) => child.name === name);

const textOf = (element: Element | undefined, name: string): string => childOf(element, name)?.text.trim() ?? "";

/** Reads an annotation; `name` is what to call the file in errors. @throws FormatError when it is damaged, no annotation, or has an object without a name or a box */
export function readVoc(text: string, name: string): VocAnnotation {
  const annotation = childOf(parsed(text, name), "annotation");
  const wrong = (fault: string): FormatError => new FormatError(name, fault, "correct the annotation, or leave it out");
  if (!annotation) throw wrong("it has no element annotation");
  const numberOf = (element: Element | undefined, key: string, what: string): number => {
    const written = textOf(element, key);
    const value = written === "" ? Number.NaN : Number(written);
    if (!Number.isFinite(value)) throw wrong(`${what} has ${key} "${written}"`);
    return value;
  };
  const objects = annotation.children
    .filter((child) => child.name === "object")
    .map((object, index) => {
      const kind = textOf(object, "name");
      if (kind === "") throw wrong(`object ${index} has no name`);
      const what = `object ${index} (${kind})`;
      const bounds = childOf(object, "bndbox");
      if (!bounds) throw wrong(`${what} has no bndbox`);
      const side = (key: string): number => numberOf(bounds, key, what);
      const box = [side("xmin"), side("ymin"), side("xmax"), side("ymax")] as const;
      checkBox(box, name, what);
      return {
        name: kind,
        box,
        difficult: textOf(object, "difficult") === "1",
        truncated: textOf(object, "truncated") === "1",
      };
    });
  const size = childOf(annotation, "size");
  const [height, width] = size ? [numberOf(size, "height", "size"), numberOf(size, "width", "size")] : [0, 0];
  return {
    file: textOf(annotation, "filename"),
    size: height > 0 && width > 0 ? { height, width } : undefined,
    objects,
  };
}
