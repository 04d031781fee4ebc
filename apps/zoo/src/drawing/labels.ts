// What is written at the boxes, and which boxes share a label.
import { type Box, mapSize } from "../anatomy/anatomy.ts";

/** Boxes in a row that do the same and give maps of one size. */
export interface Run {
  readonly boxes: readonly Box[];
  readonly lines: readonly string[];
}

export const fontSize = 9.5;
const letterWidth = 5.9;

export function textWidth(text: string): number {
  return text.length * letterWidth;
}

/** 64 × 56²: short, as there is little room. */
export function shortSize(box: Box): string {
  const { channels, frames, height, width, isVector } = mapSize(box);
  if (isVector) return String(channels);
  const plane = width === 1 ? String(height) : height === width ? `${height}²` : `${height}×${width}`;
  return [channels, ...(frames > 1 ? [frames] : []), plane].join("×");
}

/** Runs of the boxes, each box in one. */
export function runsOf(boxes: readonly Box[]): Run[] {
  const consumers = new Map<number, number>();
  for (const { inputs } of boxes) for (const input of inputs) consumers.set(input, (consumers.get(input) ?? 0) + 1);
  const runs: Box[][] = [];
  for (const box of boxes) {
    const run = runs.at(-1);
    const before = run?.at(-1);
    const goesOn =
      run !== undefined &&
      before !== undefined &&
      box.inputs.length === 1 &&
      box.inputs[0] === before.id &&
      consumers.get(before.id) === 1 &&
      box.label === before.label &&
      box.kind !== "join" &&
      String(box.shape) === String(before.shape) &&
      box.repeat === before.repeat;
    if (goesOn) run.push(box);
    else runs.push([box]);
  }
  return runs.map((run) => ({ boxes: run, lines: linesOf(run) }));
}

function linesOf([box, ...rest]: readonly Box[]): string[] {
  if (box === undefined || (box.kind === "join" && box.label !== "⧺")) return [];
  const times = rest.length > 0 ? ` (${rest.length + 1})` : "";
  if (box.kind === "input") return [shortSize(box), "input"];
  return [shortSize(box), box.label === "⧺" ? "concat" : box.label + times];
}

/** Boxes whose paths begin alike: the parts of a model. */
export interface Part {
  readonly name: string;
  readonly boxes: readonly Box[];
}

const mostParts = 22;

function partsAt(boxes: readonly Box[], nameOf: (box: Box) => string): Part[] {
  const parts: { name: string; boxes: Box[] }[] = [];
  for (const box of boxes) {
    const name = nameOf(box);
    if (name === "") continue;
    const last = parts.at(-1);
    if (last?.name === name) last.boxes.push(box);
    else parts.push({ name, boxes: [box] });
  }
  return parts;
}

const prefix = (path: string, depth: number): string => path.split(".").slice(0, depth).join(".");

/** The parts of a model, at the depth of paths at which they are neither one nor too many; a large one may be told by its own parts. */
export function partsOf(boxes: readonly Box[]): Part[] {
  const outer = partsAt(boxes, ({ path }) => prefix(path, 1));
  const large = new Set(outer.filter((part) => part.boxes.length > boxes.length * 0.6).map(({ name }) => name));
  const inner = partsAt(boxes, ({ path }) => prefix(path, large.has(prefix(path, 1)) ? 2 : 1));
  // Numbered layers one by one are no parts.
  const found = inner.length <= mostParts && boxes.length >= 1.6 * inner.length ? inner : outer;
  return found.length <= mostParts ? found : [];
}
