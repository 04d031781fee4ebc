// The operands of a weight gradient in bytes, and the tables that its kernel walks through.
import { at, sizeOf } from "@stria/core";
import { borderedLineWords, panelLineWords } from "../../kernels/channels-last/pack-pixels.ts";
import { runWords } from "../../kernels/channels-last/run-product.ts";
import type { Panels } from "../../kernels/channels-last/product-side.ts";
import { blockHeaderWords } from "../../kernels/channels-last/weight-gradient.ts";
import type { ConvolutionGeometry } from "../convolution.ts";
import type { Argument } from "../steps.ts";
import type { Line, Pixel, PixelPlan } from "./pixel-runs.ts";
import type { PixelOperand } from "./pixels.ts";
import type { Tiling } from "./weight-gradient-tiles.ts";
import type { Unit } from "./weight-gradient-units.ts";

/** Bytes from pixel to pixel, at most, and tiles that use a panel, at most, where channels are read where they lie. */
const [mostDirectPitch, mostDirectUses] = [512, 16];

/** Whether packing does not pay: few tiles would use a panel, and pixels are so close that those of a block do not fall on the same cache lines. */
function isDirect(pitch: number, panels: number, taps: number): boolean {
  return pitch <= mostDirectPitch && panels * taps <= mostDirectUses;
}

/** One operand, in bytes where nothing else is said. */
export interface Side {
  readonly address: Argument;
  /** Channels of a group, elements of a merged kernel included. */
  readonly channels: number;
  readonly image: number;
  readonly group: number;
  /** From one pixel of the source to the next that is packed. */
  readonly sourceStep: number;
  readonly pitch: number;
  /** From one packed pixel to the next, and from one that is multiplied to the next. */
  readonly packedPixel: number;
  readonly step: number;
  /** From one packed panel to the next; where lines are bordered, all packed pixels. */
  readonly panelStride: number;
  readonly packed: Panels["packed"];
  /** Floats copied at a time between borders. */
  readonly piece: number;
}

/** Cache lines from panel to panel: an odd number, since panels are filled side by side. */
function spread(bytes: number): number {
  return (Math.ceil(bytes / 64) | 1) * 64;
}

export function inputSide(g: ConvolutionGeometry, tiling: Tiling, plan: PixelPlan, x: PixelOperand): Side {
  const { merged, inputRows, rows, columns } = tiling;
  const perGroup = g.channels / g.groups;
  const pitch = (x.pitch ?? g.channels) * 4;
  const [own, other] = inputRows ? [rows, columns] : [columns, rows];
  const { wide } = own;
  const direct = !merged && isDirect(pitch, other.count, plan.taps);
  const packedPixel = merged ? perGroup * 4 : wide * 4;
  const lines = plan.blocks.flatMap((block) => block.input);
  // Whole lines at a time where pixels lie side by side.
  const kept = lines[0]?.pixels ?? 0;
  const whole = pitch === perGroup * 4 && lines.every((line) => line.pixels === kept);
  return {
    address: { buffer: x.buffer, offset: x.offset * 4 },
    channels: merged ? perGroup * at(g.kernel, g.kernel.length - 1) : perGroup,
    image: sizeOf(g.input) * pitch,
    group: perGroup * 4,
    sourceStep: plan.inputStep * pitch,
    pitch,
    packedPixel,
    step: direct ? at(g.stride, g.stride.length - 1) * pitch : plan.packedStep * packedPixel,
    panelStride: spread(plan.inputPixels * packedPixel),
    packed: merged ? "bordered" : direct ? "direct" : "panels",
    piece: whole ? kept * perGroup : perGroup,
  };
}

export function outputSide(
  g: ConvolutionGeometry,
  { inputRows, rows, columns }: Tiling,
  plan: PixelPlan,
  dy: PixelOperand,
): Side {
  const pitch = (dy.pitch ?? g.outputs) * 4;
  const [own, other] = inputRows ? [columns, rows] : [rows, columns];
  const { wide } = own;
  const direct = isDirect(pitch, other.count, plan.taps);
  return {
    address: { buffer: dy.buffer, offset: dy.offset * 4 },
    channels: g.outputs / g.groups,
    image: sizeOf(g.places) * pitch,
    group: (g.outputs / g.groups) * 4,
    sourceStep: pitch,
    pitch,
    packedPixel: wide * 4,
    step: direct ? pitch : wide * 4,
    panelStride: spread(plan.outputPixels * wide * 4),
    packed: direct ? "direct" : "panels",
    piece: 0,
  };
}

/** All tables of the kernel as one list of words, and the byte offsets of its parts. */
export interface Tables {
  readonly words: readonly number[];
  readonly units: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly rowOffsets: number;
  readonly columnOffsets: number;
  readonly tapOffsets: number;
}

export function tablesOf(
  g: ConvolutionGeometry,
  plan: PixelPlan,
  { merged, inputRows }: Tiling,
  { a, b, x, dy }: { readonly a: Side; readonly b: Side; readonly x: Side; readonly dy: Side },
  units: readonly Unit[],
): Tables {
  const words: number[] = [];
  const add = (list: readonly number[]): number => {
    const offset = words.length * 4;
    for (const word of list) words.push(word);
    return offset;
  };
  const images = Array.from({ length: plan.imagesPerBlock }, (_, image) => image);
  const lineWords = (side: Side, line: Line, image: number): number[] => {
    const first = line.pixel * side.pitch + image * side.image;
    if (side.packed !== "bordered") return [first, line.pixels];
    const perPixel = side.packedPixel / 4;
    const pieces = (line.pixels * perPixel) / Math.max(1, side.piece);
    return [first, line.before * perPixel, pieces, line.behind * perPixel];
  };
  const linesOf = (side: Side, lines: readonly Line[]): [offset: number, bytes: number] => {
    const perLine = side.packed === "bordered" ? borderedLineWords : panelLineWords;
    const offset = add(images.flatMap((image) => lines.flatMap((line) => lineWords(side, line, image))));
    return [offset, lines.length * perLine * 4];
  };
  const headers = plan.blocks.map((block) => {
    const [inputLines, outputLines] = [linesOf(x, block.input), linesOf(dy, block.output)];
    const inputPixels = packed(block.input);
    const outputPixels = packed(block.output);
    const runs = block.runs.flatMap((list) => {
      const offset = add(
        images.flatMap((image) =>
          list.flatMap(({ input, output, pixels }) => {
            const first = runOffset(x, input, image, inputPixels);
            const second = runOffset(dy, output, image, outputPixels);
            return inputRows ? [first, second, pixels] : [second, first, pixels];
          }),
        ),
      );
      return [offset, list.length * runWords * 4];
    });
    return [...(inputRows ? [...inputLines, ...outputLines] : [...outputLines, ...inputLines]), ...runs];
  });
  const blocks = add(headers.flat());
  const taps = sizeOf(g.kernel);
  const perGroup = g.channels / g.groups;
  const along = merged ? at(g.kernel, g.kernel.length - 1) : 1;
  const inputOffset = (channel: number): number => (channel % perGroup) * taps + Math.floor(channel / perGroup);
  const outputOffset = (channel: number): number => channel * perGroup * taps;
  const offsets = (side: Side): number[] =>
    // A vector reads beyond the last.
    Array.from({ length: side.channels + 3 }, (_, channel) => (side === x ? inputOffset : outputOffset)(channel) * 4);
  return {
    blocks,
    blockBytes: (blockHeaderWords + 2 * plan.taps) * 4,
    units: add(units.flat()),
    rowOffsets: add(offsets(a)),
    columnOffsets: add(offsets(b)),
    tapOffsets: add(Array.from({ length: plan.taps }, (_, tap) => tap * along * 4)),
    words,
  };
}

/** Where a run starts, for one of the images of a block. */
function runOffset(side: Side, { inImage, packed: place }: Pixel, image: number, packedPixels: number): number {
  if (side.packed === "direct") return inImage * side.pitch + image * side.image;
  return (place + image * packedPixels) * side.packedPixel;
}

function packed(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.before + line.pixels + line.behind, 0);
}
