// Equal blocks that follow each other, or many equal boxes side by side, are drawn once, with their number, as papers do.
import type { Anatomy, Box } from "./anatomy.ts";

/** Boxes from `first` to before `end` that are below one path. */
interface Block {
  /** The path without its last number: blocks of one name may be equal. */
  readonly name: string;
  readonly first: number;
  readonly end: number;
}

/** The path's first `depth` parts with the number at its end taken off; undefined where there is none. */
function numbered(path: string, depth: number): { name: string; path: string } | undefined {
  const parts = path.split(".");
  if (parts.length < depth) return undefined;
  const own = parts.slice(0, depth).join(".");
  const name = own.replace(/\d+$/, "");
  return name === own ? undefined : { name, path: own };
}

function blocksAt(boxes: readonly Box[], depth: number): Block[] {
  const blocks: (Block & { path: string; end: number })[] = [];
  for (const [index, { path }] of boxes.entries()) {
    const found = numbered(path, depth);
    const last = blocks.at(-1);
    if (found === undefined) continue;
    if (last !== undefined && last.path === found.path && last.end === index) last.end = index + 1;
    else blocks.push({ ...found, first: index, end: index + 1 });
  }
  return blocks;
}

/** What makes two blocks look the same. Branches side by side may grow from block to block, as in a dense block. */
function looksOf(boxes: readonly Box[], { first, end }: Block): string {
  return JSON.stringify(
    boxes
      .slice(first, end)
      .map(({ kind, label, shape, inputs }) => [
        kind,
        label,
        label === "⧺" ? shape.slice(1) : shape,
        inputs.filter((input) => input >= first).map((input) => input - first),
      ]),
  );
}

function runsOf(boxes: readonly Box[], blocks: readonly Block[]): Block[][] {
  const runs: Block[][] = [];
  for (const block of blocks) {
    const before = runs.at(-1)?.at(-1);
    const goesOn =
      before?.name === block.name && before.end === block.first && looksOf(boxes, before) === looksOf(boxes, block);
    if (goesOn) runs.at(-1)?.push(block);
    else runs.push([block]);
  }
  return runs.filter(
    (run) => run.length > 1 && (sizeOf(run) > 1 || (run.length >= leastAbreast && isAbreast(boxes, run))),
  );
}

const sizeOf = ([block]: readonly Block[]): number => (block === undefined ? 0 : block.end - block.first);

/** So many equal boxes side by side are drawn as one: the maps of a sparse table, each with a convolution of its own. */
const leastAbreast = 5;

/** Whether none of the blocks is made of another. */
function isAbreast(boxes: readonly Box[], run: readonly Block[]): boolean {
  const [head, last] = [run[0]?.first ?? 0, run.at(-1)?.end ?? 0];
  return boxes.slice(head, last).every(({ inputs }) => inputs.every((input) => input < head));
}

/** The anatomy with each run of equal blocks as its last one, whose boxes have the number of them in `repeat`. */
export function fold(anatomy: Anatomy): Anatomy {
  let { boxes } = anatomy;
  const deepest = Math.max(...boxes.map(({ path }) => path.split(".").length));
  for (let depth = 1; depth <= deepest; depth++) {
    for (const run of runsOf(boxes, blocksAt(boxes, depth)).toReversed()) boxes = withOne(boxes, run);
  }
  return { ...anatomy, boxes };
}

function withOne(boxes: readonly Box[], run: readonly Block[]): Box[] {
  const [head, kept] = [run[0], run.at(-1)];
  if (head === undefined || kept === undefined) return [...boxes];
  const size = kept.end - kept.first;
  const removed = kept.first - head.first;
  // Where a box of the old list is in the new one.
  const place = (index: number): number => {
    if (index < head.first) return index;
    return index >= kept.end ? index - removed : head.first + ((index - head.first) % size);
  };
  return boxes.flatMap((box, index) => {
    if (index >= head.first && index < kept.first) return [];
    const isKept = index >= kept.first && index < kept.end;
    const twins = isKept ? run.map(({ first }) => boxes[first + index - kept.first]?.inputs ?? []) : [box.inputs];
    const inputs = [...new Set(twins.flat().map(place))].filter((input) => input < place(index));
    return [{ ...box, id: place(index), inputs, ...(isKept && { repeat: run.length * box.repeat }) }];
  });
}
