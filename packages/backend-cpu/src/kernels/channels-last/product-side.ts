// One operand of the weight gradient's product: where its panels are, and how a block of its pixels gets there.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { kernelScratch } from "../kernel.ts";
import { emitBorderedCopy, emitPanelPacker, emitTouchLines } from "./pack-pixels.ts";
import { emitTouch } from "./touch.ts";

/** Bytes at the start of scratch memory that are for touched memory. */
export const touchedBytes = 64;

/** How the channels of an operand are cut into panels: the first few are `wide`, the others `narrow`. */
export interface Panels {
  /** Channels of a panel; of B whole vectors. `narrow` is 0 where all are wide. */
  readonly wide: number;
  readonly narrow: number;
  /** Copied panel by panel; or line by line between zeros, where panels are views into a pixel; or read where they lie. */
  readonly packed: "panels" | "bordered" | "direct";
}

/** One operand, as the loops see it. */
export interface Side {
  readonly panels: Panels;
  readonly pack: readonly FunctionBuilder[];
  readonly words: { readonly source: Local; readonly image: Local; readonly group: Local; readonly pixel: Local };
  readonly step: Local;
  readonly stride: Local;
  readonly piece: Local;
  readonly wideCount: Local;
  readonly first: Local;
  readonly end: Local;
  readonly panel: Local;
  readonly tile: Local;
  /** The first channel of the group in the first image of the block. */
  readonly base: Local;
  readonly header: number;
  readonly pushScratch: () => void;
}

/** What packing reads of the kernel's arguments. */
interface BlockArguments {
  readonly plan: Local;
}

/** The block, its first image and how many there are, the group; and places for what packing works out. */
type PackLocals = Readonly<
  Record<"block" | "image" | "images" | "firstGroup" | "group" | "lines" | "endOfLines" | "wide" | "rest", Local>
>;

export function emitPackers(module: ModuleBuilder, { wide, narrow, packed }: Panels): FunctionBuilder[] {
  if (packed === "direct") return [emitTouchLines(module, emitTouch(module))];
  if (packed === "bordered") return [emitBorderedCopy(module)];
  const pitch = wide * 4;
  return [wide, narrow].flatMap((width) => (width > 0 ? [emitPanelPacker(module, width, pitch)] : []));
}

/** Pushes the first channel of a panel. */
export function pushStart(f: FunctionBuilder, panel: Local, { panels: { wide, narrow }, wideCount }: Side): void {
  f.get(panel).i32(wide).op("i32.mul");
  if (narrow === 0) return;
  const less = wide - narrow;
  f.get(panel).get(wideCount).op("i32.sub").i32(0).get(panel).get(wideCount).op("i32.gt_u", "select");
  f.i32(less).op("i32.mul", "i32.sub");
}

/** Pushes the channels of the current panel. */
export function pushWidth(f: FunctionBuilder, { panels: { wide, narrow }, panel, wideCount }: Side): void {
  f.i32(wide);
  if (narrow > 0) f.i32(narrow).get(panel).get(wideCount).op("i32.lt_u", "select");
}

/** Sets the address of the current panel. */
export function findTile(f: FunctionBuilder, side: Side): void {
  if (side.panels.packed === "direct") f.get(side.base);
  else side.pushScratch();
  if (side.panels.packed === "panels")
    f.get(side.panel).get(side.first).op("i32.sub").get(side.stride).op("i32.mul", "i32.add");
  else {
    pushStart(f, side.panel, side);
    f.i32(4).op("i32.mul", "i32.add");
  }
  f.set(side.tile);
}

/** Sets where the group's channels start in the first image of the block, and packs the panels of the unit. */
export function packSide(f: FunctionBuilder, x: BlockArguments, v: PackLocals, side: Side): void {
  const { source, image, group, pixel } = side.words;
  f.get(source).get(v.image).get(image).op("i32.mul", "i32.add").get(v.group).get(group).op("i32.mul", "i32.add");
  f.set(side.base);
  const [wide, narrow] = side.pack;
  if (!wide) return;
  const bytes = side.header + 4;
  f.get(x.plan).get(v.block).memory("i32.load", side.header).op("i32.add").tee(v.lines);
  f.get(v.block).memory("i32.load", bytes).get(v.images).op("i32.mul", "i32.add").set(v.endOfLines);
  if (side.panels.packed === "direct") {
    f.get(v.group).get(v.firstGroup).op("i32.eq");
    f.if(() => f.get(side.base).get(v.lines).get(v.endOfLines).get(pixel).get(kernelScratch).call(wide));
    return;
  }
  if (side.panels.packed === "bordered") {
    f.get(side.base).get(v.lines).get(v.endOfLines);
    side.pushScratch();
    f.get(side.piece).get(pixel).call(wide);
    return;
  }
  pushStart(f, side.first, side);
  f.i32(4).op("i32.mul").get(side.base).op("i32.add").set(side.base);
  f.get(side.end).get(side.first).op("i32.sub").set(v.rest);
  if (narrow) {
    // How many of the unit's panels are wide: min(end, wideCount) - first, or none.
    f.get(side.wideCount).get(side.first).op("i32.sub").i32(0);
    f.get(side.wideCount).get(side.first).op("i32.gt_u", "select").tee(v.wide).get(v.rest);
    f.get(v.wide).get(v.rest).op("i32.lt_u", "select").set(v.wide);
  } else f.get(v.rest).set(v.wide);
  f.get(side.base).get(v.lines).get(v.endOfLines);
  side.pushScratch();
  f.get(v.wide).get(side.stride).get(pixel).call(wide);
  if (!narrow) return;
  const widthBytes = side.panels.wide * 4;
  f.get(side.base).plus(v.wide, widthBytes).get(v.lines).get(v.endOfLines);
  side.pushScratch();
  f.get(v.wide).get(side.stride).op("i32.mul", "i32.add").get(v.rest).get(v.wide).op("i32.sub");
  f.get(side.stride).get(pixel).call(narrow);
}
