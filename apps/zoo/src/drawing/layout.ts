// Where the boxes of a model are drawn: columns by the longest way from the input, branches one below the other, heights and widths to scale.
import { type Box, mapSize } from "../anatomy/anatomy.ts";

/** Pixels for the sizes of maps. */
export interface Scale {
  /** Of a row. */
  readonly row: number;
  /** Of a channel. */
  readonly channel: number;
  /** Of a number of a vector, whose bar stands upright. */
  readonly unit: number;
}

/** A box as it is drawn: a cuboid whose front begins at (x, y); its depth goes up and to the right by `depth`. */
export interface Placed {
  readonly box: Box;
  readonly column: number;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  /** A meeting of branches is a circle, unless it puts them side by side. */
  readonly isCircle: boolean;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Edge {
  readonly from: number;
  readonly to: number;
  /** Through the columns between, where the edge has a lane of its own; undefined where it is drawn as an arc above. */
  readonly lane: readonly Point[] | undefined;
}

export interface Layout {
  readonly placed: readonly Placed[];
  readonly edges: readonly Edge[];
  /** Left end of each column, and the right end of the last. */
  readonly columns: readonly number[];
  readonly scale: Scale;
}

const gap = 12;
/** Between equal maps in a row, which are drawn as slices. */
const sliceGap = 5;
const stackGap = 12;
const circle = 13;
const laneHeight = 4;

export interface LayoutOptions {
  /** Pixels of the largest map's height. */
  readonly tallest: number;
  /** Pixels of the most channels. */
  readonly widest: number;
  /** Least pixels of a column for the label of a box, by the box. */
  readonly labelWidth?: (box: Box) => number;
  /** Pixels below each box for its label. */
  readonly labelHeight?: number;
}

/** The scale at which the largest map is as large as the options say. */
function scaleOf(boxes: readonly Box[], { tallest, widest }: LayoutOptions): Scale {
  const sizes = boxes.map(mapSize);
  const most = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 1);
  const maps = sizes.filter(({ isVector }) => !isVector);
  return {
    row: tallest / most(maps.map(({ height, width }) => Math.max(height, width))),
    channel: widest / most(maps.map(({ channels }) => channels)),
    unit: Math.min(
      1,
      (tallest * 0.75) / most(sizes.filter(({ isVector }) => isVector).map(({ channels }) => channels)),
    ),
  };
}

function dimensions(box: Box, scale: Scale): Pick<Placed, "width" | "height" | "depth" | "isCircle"> {
  if (box.kind === "join" && box.label !== "⧺") return { width: circle, height: circle, depth: 0, isCircle: true };
  const { channels, height, width, isVector } = mapSize(box);
  if (isVector) return { width: 4, height: Math.max(4, channels * scale.unit), depth: 0, isCircle: false };
  return {
    width: Math.max(2.5, channels * scale.channel),
    height: Math.max(3, height * scale.row),
    depth: width === 1 ? 0 : Math.max(1.5, width * scale.row * 0.25),
    isCircle: false,
  };
}

/** The column of each box: one more than that of the last of its inputs. */
function columnsOf(boxes: readonly Box[]): number[] {
  const columns: number[] = [];
  for (const { inputs } of boxes) columns.push(Math.max(-1, ...inputs.map((input) => columns[input] ?? 0)) + 1);
  return columns;
}

/** What stands in a column: a box, or the lane of an edge that passes. */
interface Item {
  readonly box: number | undefined;
  readonly edge: number | undefined;
  readonly height: number;
  readonly above: number;
  /** Items in the column before that lead here. */
  readonly before: readonly Item[];
  y: number;
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

export function layout(boxes: readonly Box[], options: LayoutOptions): Layout {
  const scale = scaleOf(boxes, options);
  const { labelHeight = 0, labelWidth = () => 0 } = options;
  const columnOf = columnsOf(boxes);
  const last = Math.max(...columnOf);
  const sizes = boxes.map((box) => dimensions(box, scale));
  const members = Array.from({ length: last + 1 }, (_, column) =>
    boxes.filter(({ id }) => columnOf[id] === column).map(({ id }) => id),
  );
  const links = boxes.flatMap(({ id, inputs }) => inputs.map((from) => ({ from, to: id })));
  // What leaves a place where there are branches passes in a lane; what leaves the trunk, in an arc above.
  const isBranch = (id: number): boolean => (members[columnOf[id] ?? 0]?.length ?? 1) > 1;
  const hasLane = links.map(({ from, to }) => (columnOf[to] ?? 0) - (columnOf[from] ?? 0) === 1 || isBranch(from));

  const items: Item[][] = [];
  const itemOfBox = new Map<number, Item>();
  const laneItems = new Map<number, Item[]>();
  for (let column = 0; column <= last; column++) {
    const here: Item[] = (members[column] ?? []).map((id) => {
      const before = links.flatMap(({ from, to }, index) => {
        if (to !== id || hasLane[index] !== true) return [];
        return laneItems.get(index)?.at(-1) ?? itemOfBox.get(from) ?? [];
      });
      const size = sizes[id];
      const item: Item = {
        box: id,
        edge: undefined,
        height: (size?.height ?? 0) + labelHeight,
        above: (size?.depth ?? 0) * 0.7,
        before,
        y: 0,
      };
      itemOfBox.set(id, item);
      return item;
    });
    for (const [index, { from, to }] of links.entries()) {
      if (hasLane[index] !== true || (columnOf[from] ?? 0) >= column || (columnOf[to] ?? 0) <= column) continue;
      const before = laneItems.get(index)?.at(-1) ?? itemOfBox.get(from);
      const item: Item = {
        box: undefined,
        edge: index,
        height: laneHeight,
        above: 0,
        before: before ? [before] : [],
        y: 0,
      };
      laneItems.set(index, [...(laneItems.get(index) ?? []), item]);
      here.push(item);
    }
    stack(here);
    items.push(here);
  }
  const columns = columnEnds(members, items, boxes, sizes, labelWidth);
  const placed = boxes.map((box): Placed => {
    const size = sizes[box.id] ?? dimensions(box, scale);
    const column = columnOf[box.id] ?? 0;
    const y = itemOfBox.get(box.id)?.y ?? 0;
    const room = (columns[column + 1] ?? 0) - (columns[column] ?? 0);
    const wanted = Math.min(labelWidth(box), room);
    return { box, column, x: (columns[column] ?? 0) + Math.max(0, (wanted - size.width - size.depth) / 2), y, ...size };
  });
  const edges = links.map(({ from, to }, index): Edge => {
    if (hasLane[index] !== true) return { from, to, lane: undefined };
    const passes = laneItems.get(index) ?? [];
    const first = (columnOf[from] ?? 0) + 1;
    const lane = passes.flatMap(({ y }, step) => {
      const [left, right] = [columns[first + step] ?? 0, columns[first + step + 1] ?? 0];
      return [
        { x: left, y: y + laneHeight / 2 },
        { x: right - gap, y: y + laneHeight / 2 },
      ];
    });
    return { from, to, lane };
  });
  return { placed, edges, columns, scale };
}

/** Puts a column's items one below the other: in the order of where they come from, around the axis; the first of two stays on it. */
function stack(items: Item[]): void {
  const middle = (item: Item): number => item.y + item.height / 2;
  const wish = new Map(items.map((item) => [item, item.before.length === 0 ? 0 : mean(item.before.map(middle))]));
  items.sort((a, b) => (wish.get(a) ?? 0) - (wish.get(b) ?? 0));
  const total = items.reduce((sum, { height, above }, index) => sum + height + (index > 0 ? stackGap + above : 0), 0);
  const [first] = items;
  const isTrunk = items.length <= 2 && first?.box !== undefined;
  let y = isTrunk ? -first.height / 2 : -total / 2;
  for (const [index, item] of items.entries()) {
    y += index > 0 ? stackGap + item.above : 0;
    item.y = y;
    y += item.height;
  }
}

function columnEnds(
  members: readonly (readonly number[])[],
  items: readonly (readonly Item[])[],
  boxes: readonly Box[],
  sizes: readonly Pick<Placed, "width" | "depth" | "height">[],
  labelWidth: (box: Box) => number,
): number[] {
  const ends = [0];
  for (const [column, ids] of members.entries()) {
    const widths = ids.map((id) => {
      const { width = 0, depth = 0 } = sizes[id] ?? {};
      const box = boxes[id];
      return Math.max(width + depth * 0.7, box === undefined ? 0 : labelWidth(box));
    });
    const wide = Math.max(...widths, 0) + gap + (items[column]?.length === 1 ? 0 : 4);
    ends.push((ends.at(-1) ?? 0) + (isSlice(column, members, boxes, sizes, labelWidth) ?? wide));
  }
  return ends;
}

/** The width of a column whose map is as large as the next one's: then they stand close together. */
function isSlice(
  column: number,
  members: readonly (readonly number[])[],
  boxes: readonly Box[],
  sizes: readonly Pick<Placed, "width" | "depth" | "height">[],
  labelWidth: (box: Box) => number,
): number | undefined {
  const [here = [], next = []] = [members[column], members[column + 1]];
  const [id, follower] = [here[0], next[0]];
  if (here.length !== 1 || next.length !== 1 || id === undefined || follower === undefined) return undefined;
  const [box, after, size, other] = [boxes[id], boxes[follower], sizes[id], sizes[follower]];
  if (box === undefined || after === undefined || size === undefined || other === undefined) return undefined;
  const alike = [box, after].every(({ kind }) => kind !== "join" && kind !== "input");
  if (!alike || size.depth === 0 || size.depth !== other.depth || size.height !== other.height) return undefined;
  return Math.max(size.width + sliceGap, labelWidth(box));
}
