// Boxes of a file: XML of Pascal VOC, JSON of COCO, or a list of [left, top, right, bottom, label].
import type { GivenBoxes } from "../messages.ts";

interface Found {
  readonly box: readonly number[];
  /** A class by its name or its number. */
  readonly label: string | number;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;
const isNumbers = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((one) => typeof one === "number" && Number.isFinite(one));

/** Pixels are counted from 1 there, and the last one is of the box. */
function vocBoxes(text: string, name: string): Found[] {
  const page = new DOMParser().parseFromString(text, "application/xml");
  if (page.querySelector("parsererror")) throw new SyntaxError(`${name} is no XML that can be read.`);
  return [...page.querySelectorAll("object")].map((object) => {
    const side = (which: string): number => Number(object.querySelector(`bndbox > ${which}`)?.textContent);
    const box = [side("xmin") - 1, side("ymin") - 1, side("xmax"), side("ymax")];
    return { box, label: object.querySelector("name")?.textContent.trim() ?? "object" };
  });
}

function jsonBoxes(text: string, name: string): Found[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new SyntaxError(`${name} is no JSON that can be read.`);
  }
  if (isRecord(content) && Array.isArray(content["annotations"])) {
    const kinds = Array.isArray(content["categories"]) ? content["categories"].filter(isRecord) : [];
    const names = new Map(kinds.map((kind) => [kind["id"], String(kind["name"])]));
    return content["annotations"].filter(isRecord).map(({ bbox, category_id: kind }) => {
      const [left = Number.NaN, top = Number.NaN, width = Number.NaN, height = Number.NaN] = isNumbers(bbox)
        ? bbox
        : [];
      return { box: [left, top, left + width, top + height], label: names.get(kind) ?? Number(kind) };
    });
  }
  const list: readonly unknown[] = Array.isArray(content) ? content : [];
  return list.filter(isNumbers).map((numbers) => ({ box: numbers.slice(0, 4), label: numbers[4] ?? 1 }));
}

/** @throws SyntaxError, in words for the user, for a file without boxes. */
export function readBoxes(text: string, name: string): GivenBoxes {
  const found = text.trimStart().startsWith("<") ? vocBoxes(text, name) : jsonBoxes(text, name);
  const isWhole = found.every(({ box }) => box.length === 4 && box.every(Number.isFinite));
  if (found.length === 0 || !isWhole)
    throw new SyntaxError(
      `${name} has no boxes that this page reads: XML of Pascal VOC, JSON of COCO, or a list of [left, top, right, bottom, label].`,
    );
  const classes = [...new Set(found.flatMap(({ label }) => (typeof label === "string" ? [label] : [])))];
  return {
    name,
    values: found.flatMap(({ box }) => box),
    labels: found.map(({ label }) => (typeof label === "string" ? classes.indexOf(label) + 1 : label)),
    classes,
  };
}
