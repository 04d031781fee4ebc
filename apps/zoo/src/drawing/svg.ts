// A model as a picture: text in SVG, so that the page, the worker and a script without a browser draw the same.
import { type Box, type BoxKind, showSize } from "../anatomy/anatomy.ts";
import { type Part, type Run, fontSize, partsOf, runsOf, shortSize, textWidth } from "./labels.ts";
import { type Edge, type Layout, type Placed, layout } from "./layout.ts";
import { style } from "./style.ts";

export interface DrawOptions {
  /** Pixels of the largest map's height. Default 150. */
  readonly tallest?: number;
  /** Pixels of the most channels. Default 44. */
  readonly widest?: number;
  /** Whether boxes can be chosen, by their `data-box`; the colours are the page's then. Default false: a file of its own. */
  readonly interactive?: boolean;
  /** What the picture shows, for those who do not see it. */
  readonly title: string;
}

/** The class of a box's colours. */
const classes: Readonly<Record<BoxKind, string>> = {
  input: "i",
  conv: "c",
  transposed: "t",
  dense: "d",
  pool: "p",
  resize: "z",
  recurrent: "r",
  embedding: "e",
  join: "j",
  other: "o",
};

/** More runs than these have no labels of their own, only the parts. */
const mostLabels = 26;
/** Pixels; a file that is wider with its labels goes without. */
const widestLabelled = 1250;
const lineHeight = 11;

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
function escapeText(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => escapes[sign] ?? sign);
}

const digits = (value: number): string => String(Math.round(value * 10) / 10);
/** Numbers of a path, with as few signs as can be. */
const path = (parts: readonly (string | number)[]): string =>
  parts
    .map((part) => (typeof part === "string" ? part : digits(part)))
    .reduce((text, part) => {
      const tight = text === "" || /[a-zA-Z]$/.test(text) || /^[-a-zA-Z]/.test(part);
      return text + (tight ? "" : " ") + part;
    }, "");

/** What is said of a box where it is chosen or read out. */
function describeBox(box: Box): string {
  const name = box.path === "" ? "" : `${box.path}: `;
  const then = box.after.length > 0 ? `, then ${box.after.join(", ")}` : "";
  return `${name}${box.words}${then}, ${showSize(box.shape)}`;
}

function cuboid({ x, y, width, height, depth }: Placed): string {
  const slope = depth * 0.7;
  const front = `<path d="${path(["M", x, y, "h", width, "v", height, "h", -width, "z"])}"/>`;
  if (depth === 0) return front;
  const sides = path(["M", x, y, "l", slope, -slope, "h", width, "v", height, "l", -slope, slope, "v", -height, "z"]);
  const edge = path(["m", width, 0, "l", slope, -slope]);
  return `<path class="s" d="${sides}${edge}"/>${front}`;
}

function circleOf({ x, y, width, box }: Placed): string {
  const radius = width / 2;
  const [cx, cy] = [x + radius, y + radius];
  const sign =
    box.label === "+"
      ? path(["M", cx - 3.5, cy, "h", 7, "m", -3.5, -3.5, "v", 7])
      : box.label === "×"
        ? path(["M", cx - 2.5, cy - 2.5, "l", 5, 5, "m", 0, -5, "l", -5, 5])
        : path(["M", cx - 2.5, cy, "h", 5]);
  return `<circle cx="${digits(cx)}" cy="${digits(cy)}" r="${digits(radius)}"/><path d="${sign}"/>`;
}

function drawBox(placed: Placed, interactive: boolean): string {
  const { box, isCircle } = placed;
  const shape = isCircle ? circleOf(placed) : cuboid(placed);
  const kind = isCircle ? "+" : classes[box.kind];
  if (!interactive) return `<g class="${kind === "+" ? "m" : kind}">${shape}</g>`;
  // Thin boxes are hard to hit: an unseen rectangle around each takes the pointer.
  const { x, y, width, height, depth } = placed;
  const target = `<rect class="hit" x="${digits(x - 3)}" y="${digits(y - depth * 0.7 - 3)}" width="${digits(width + depth * 0.7 + 6)}" height="${digits(height + depth * 0.7 + 6)}"/>`;
  return `<g class="box ${kind === "+" ? "m" : kind}" data-box="${box.id}" role="option" id="box-${box.id}" aria-selected="false" aria-label="${escapeText(describeBox(box))}">${target}${shape}</g>`;
}

const middle = ({ y, height }: Placed): number => y + height / 2;

function straight(from: Placed, to: Placed, lane: Edge["lane"]): string {
  const begin = { x: from.x + from.width, y: middle(from) };
  const end = { x: to.x, y: middle(to) };
  let text = path(["M", begin.x, begin.y]);
  let at = begin;
  for (const point of [...(lane ?? []), end]) {
    if (Math.abs(point.y - at.y) < 0.5) text += path(["H", point.x]);
    else {
      const half = (at.x + point.x) / 2;
      text += path(["C", half, at.y, half, point.y, point.x, point.y]);
    }
    at = point;
  }
  return text;
}

/** Above all that is between. */
function arc(from: Placed, to: Placed, between: readonly Placed[]): { text: string; apex: number } {
  const top = (placed: Placed): number => placed.y - placed.depth * 0.7;
  const begin = { x: from.x + (from.width + from.depth * 0.7) / 2, y: top(from) };
  const end = { x: to.x + to.width / 2, y: top(to) };
  const highest = Math.min(begin.y, end.y, ...between.map(top));
  const apex = highest - 9 - Math.min(40, Math.sqrt(end.x - begin.x) * 0.9);
  // A cubic curve comes three quarters of the way to its handles.
  const handle = (from_: number): number =>
    from_ + ((apex - (begin.y + end.y) / 2) / 0.75 + ((begin.y + end.y) / 2 - from_));
  return {
    text: path(["M", begin.x, begin.y, "C", begin.x, handle(begin.y), end.x, handle(end.y), end.x, end.y]),
    apex,
  };
}

interface Drawn {
  readonly text: string;
  readonly top: number;
}

function drawEdges({ placed, edges }: Layout): Drawn {
  let [lines, arcs, top] = ["", "", 0];
  for (const { from, to, lane } of edges) {
    const [begin, end] = [placed[from], placed[to]];
    if (begin === undefined || end === undefined) continue;
    if (lane !== undefined) {
      lines += straight(begin, end, lane);
      continue;
    }
    const between = placed.filter(({ column }) => column > begin.column && column < end.column);
    const curve = arc(begin, end, between);
    arcs += curve.text;
    top = Math.min(top, curve.apex);
  }
  const drawn = (kind: string, d: string): string => (d === "" ? "" : `<path class="${kind}" d="${d}"/>`);
  return { text: drawn("e1", lines) + drawn("e2", arcs), top };
}

function drawLabels(runs: readonly Run[], { placed }: Layout): { text: string; bottom: number } {
  let [text, bottom] = ["", 0];
  for (const { boxes, lines } of runs) {
    const places = boxes.flatMap(({ id }) => placed[id] ?? []);
    const [first, last] = [places[0], places.at(-1)];
    if (first === undefined || last === undefined || lines.length === 0) continue;
    const x = (first.x + last.x + last.width + last.depth * 0.7) / 2;
    const y = Math.max(...places.map((one) => one.y + one.height));
    for (const [index, line] of lines.entries()) {
      const baseline = y + (index + 1) * lineHeight;
      text += `<text x="${digits(x)}" y="${digits(baseline)}"${index > 0 ? ' class="w"' : ""}>${escapeText(line)}</text>`;
      bottom = Math.max(bottom, baseline + 3);
    }
  }
  return { text, bottom };
}

/** Brackets below the parts of the model, with their names, where they fit. */
function drawParts(
  parts: readonly Part[],
  { placed }: Layout,
  y: number,
  withSizes: boolean,
): { text: string; bottom: number } {
  let [lines, text, free] = ["", "", -Infinity];
  for (const { name, boxes } of parts) {
    const places = boxes.flatMap(({ id }) => placed[id] ?? []);
    const left = Math.min(...places.map(({ x }) => x));
    const right = Math.max(...places.map((one) => one.x + one.width));
    lines += path(["M", left, y, "v", 4, "H", right, "v", -4]);
    const last = boxes.at(-1);
    const shown = [name, ...(withSizes && last !== undefined ? [shortSize(last)] : [])];
    const width = Math.max(...shown.map(textWidth));
    const x = (left + right) / 2;
    if (x - width / 2 < free) continue;
    free = x + width / 2 + 4;
    for (const [index, line] of shown.entries())
      text += `<text x="${digits(x)}" y="${digits(y + 15 + index * lineHeight)}"${index > 0 ? ' class="w"' : ""}>${escapeText(line)}</text>`;
  }
  return { text: lines === "" ? "" : `<path class="e1" d="${lines}"/>${text}`, bottom: y + (withSizes ? 30 : 19) };
}

/** Above folded blocks: how many there are. */
function drawRepeats({ placed }: Layout, y: number): string {
  let [lines, text] = ["", ""];
  const done = new Set<Placed>();
  for (const one of placed) {
    const { repeat, path: where } = one.box;
    if (repeat === 1 || done.has(one)) continue;
    const group: Placed[] = [];
    for (const other of placed.slice(one.box.id)) {
      if (other.box.repeat !== repeat || other.box.path.split(".")[0] !== where.split(".")[0]) break;
      group.push(other);
      done.add(other);
    }
    const left = Math.min(...group.map(({ x }) => x)) - 2;
    const right = Math.max(...group.map(({ x, width }) => x + width)) + 2;
    lines += path(["M", left, y + 5, "v", -4, "H", right, "v", 4]);
    text += `<text x="${digits((left + right) / 2)}" y="${digits(y - 3)}" class="b">×${repeat}</text>`;
  }
  return lines === "" ? "" : `<path class="e1" d="${lines}"/>${text}`;
}

export interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** Room for the labels of runs, by box. */
function labelWidths(runs: readonly Run[]): Map<Box, number> {
  const widths = new Map<Box, number>();
  for (const { boxes, lines } of runs) {
    const width = Math.max(0, ...lines.map(textWidth)) + (lines.length > 0 ? 6 : 0);
    for (const box of boxes) widths.set(box, width / boxes.length);
  }
  return widths;
}

/** The picture of a model's boxes. */
export function draw(boxes: readonly Box[], options: DrawOptions): Picture {
  const runs = runsOf(boxes);
  const few = runs.filter(({ lines }) => lines.length > 0).length <= mostLabels;
  const labelled = drawWith(boxes, few ? runs : [], options);
  // The page scrolls; a file that is made to fit would have letters too small to read.
  return few && options.interactive !== true && labelled.width > widestLabelled
    ? drawWith(boxes, [], options)
    : labelled;
}

/** The picture with the labels of some runs; where there are none, the parts have their sizes. */
function drawWith(
  boxes: readonly Box[],
  runs: readonly Run[],
  { tallest = 150, widest = 44, interactive = false, title }: DrawOptions,
): Picture {
  const widths = labelWidths(runs);
  const isLabelled = runs.length > 0;
  const laid = layout(boxes, {
    tallest,
    widest,
    labelWidth: (box) => widths.get(box) ?? 0,
    labelHeight: isLabelled ? 2 * lineHeight : 0,
  });
  const edges = drawEdges(laid);
  const labels = drawLabels(runs, laid);
  const tops = laid.placed.map(({ y, depth }) => y - depth * 0.7);
  const bottoms = laid.placed.map(({ y, height }) => y + height);
  const top = Math.min(edges.top, ...tops) - 4;
  const parts = drawParts(partsOf(boxes), laid, Math.max(labels.bottom, ...bottoms) + 6, !isLabelled);
  const repeats = drawRepeats(laid, top - 6);
  const drawn = laid.placed.map((placed) => drawBox(placed, interactive)).join("");
  const [left, upper] = [-8, top - (repeats === "" ? 2 : 20)];
  const right = (laid.columns.at(-1) ?? 0) + 6;
  const [width, height] = [Math.ceil(right - left), Math.ceil(parts.bottom + 4 - upper)];
  const role = interactive
    ? `class="drawing" role="listbox" tabindex="0" aria-label="${escapeText(title)}"`
    : `role="img" font-family="system-ui,sans-serif" font-size="${fontSize}" text-anchor="middle"`;
  const named = interactive ? "" : `<title>${escapeText(title)}</title><style>${style}</style>`;
  const frame = `viewBox="${left} ${digits(upper)} ${width} ${height}" width="${width}" height="${height}"`;
  const body = edges.text + drawn + labels.text + parts.text + repeats;
  return { svg: `<svg xmlns="http://www.w3.org/2000/svg" ${frame} ${role}>${named}${body}</svg>`, width, height };
}
