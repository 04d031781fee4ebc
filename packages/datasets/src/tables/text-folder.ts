// Texts and their classes: in folders named by classes, or a file for each class.
import { AttributeError, FormatError } from "@stria/core";
import { classLabel, type Dataset } from "@stria/data";
import { type Files, filesOf, pathsIn, placeOf } from "../files/file-source.ts";
import { itemAt } from "../item-at.ts";

/** A text and its class. */
export interface LabelledText {
  readonly text: string;
  /** The class, an index of `classNames`. */
  readonly label: number;
  /** The path of the file, with the number of the line where each line is a text: "pos.txt:7". */
  readonly name: string;
}

export interface TextFolderOptions {
  /** The folder to read, below the one given. */
  readonly within?: string;
  /** What one text is: a whole file, or each line that is not empty. Default: "file". */
  readonly unit?: "file" | "line";
  /** A name of the Encoding Standard: "utf-8" (default), "windows-1252". */
  readonly encoding?: string;
  /** The class of a file by its path; undefined leaves it out. Default: the first folder of its path, or its name without the extension where it is in none. */
  readonly classOf?: (path: string) => string | undefined;
  /** The classes in their order; ascending by default. */
  readonly classes?: readonly string[];
}

/** Labelled texts, in memory. */
export interface LabelledTexts extends Dataset<LabelledText> {
  readonly classNames: readonly string[];
  get(index: number): LabelledText;
  label(index: number): number;
}

function usualClass(path: string): string {
  const [folder = "", ...rest] = path.split("/");
  return rest.length > 0 ? folder : folder.replace(/\.[^.]*$/, "");
}

/** Reads all texts. @throws FormatError when there are none, or bytes are not of the encoding; AttributeError for an encoding that does not exist */
export async function textFolder(files: Files, options: TextFolderOptions = {}): Promise<LabelledTexts> {
  const { within = "", unit = "file", encoding = "utf-8", classOf = usualClass } = options;
  const source = filesOf(files);
  let decoder: TextDecoder;
  try {
    decoder = new TextDecoder(encoding, { fatal: true });
  } catch (cause) {
    throw new AttributeError("encoding", `there is none called "${encoding}"`, 'use "utf-8" or another', { cause });
  }
  const start = within === "" ? 0 : within.replace(/\/+$/, "").length + 1;
  const found: { readonly text: string; readonly kind: string; readonly name: string }[] = [];
  for (const path of await pathsIn(source, within)) {
    const kind = classOf(path.slice(start));
    if (kind === undefined) continue;
    const where = placeOf(source, path);
    let text: string;
    try {
      text = decoder.decode(await source.read(path));
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      throw new FormatError(where, `it is no text in ${encoding}`, "pass its encoding, or leave it out by classOf", {
        cause,
      });
    }
    if (unit === "file") found.push({ text, kind, name: path });
    else
      for (const [index, line] of text.split(/\r?\n/).entries())
        if (line.trim() !== "") found.push({ text: line, kind, name: `${path}:${index + 1}` });
  }
  if (found.length === 0)
    throw new FormatError(placeOf(source, within), "there are no texts in it", "pass the right folder");
  const classNames =
    options.classes ?? [...new Set(found.map(({ kind }) => kind))].toSorted((a, b) => (a < b ? -1 : 1));
  const numbers = new Map(classNames.map((name, index) => [name, index]));
  const items = found.map(({ text, kind, name }) => {
    const label = numbers.get(kind);
    if (label !== undefined) return { text, label, name };
    throw new FormatError(placeOf(source, name), `its class "${kind}" is none of ${classNames.join(", ")}`, "add it");
  });
  return {
    length: items.length,
    fields: { label: classLabel(classNames.length) },
    classNames,
    nameOf: (index) => items[index]?.name,
    get: (index) => itemAt("textFolder", items, index),
    label: (index) => itemAt("textFolder", items, index).label,
  };
}
