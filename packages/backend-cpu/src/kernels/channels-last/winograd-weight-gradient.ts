// The gradient of a 3 x 3 weight by Winograd's F(3x3, 4x4), channels-last: tiles of x times tiles of dy, summed over tiles before they are transformed
// back. A unit makes the taps of some channels by some outputs, from all tiles in order, so that sums do not depend on how the work is divided.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import {
  kernelArguments,
  kernelBegin,
  kernelEnd,
  kernelParameters,
  kernelScratch,
  namedLocals,
  type Kernel,
} from "../kernel.ts";
import { tileColumns } from "../tile.ts";
import { pushLesser, wordReader, type WinogradWord } from "./winograd-arguments.ts";
import { emitDepthProduct } from "./winograd-depth-product.ts";
import { f3x4 } from "./winograd-matrices.ts";
import { emitTailGather, emitTileLists } from "./winograd-pixels.ts";
import {
  type GradientScratch,
  planes,
  roomsOf,
  scratchOf,
  type WeightGradientOptions,
} from "./winograd-gradient-scratch.ts";
import { emitTilesToPlanes } from "./winograd-planes.ts";
import { planeStride, together } from "./winograd-scratch.ts";
import { emitTaps } from "./winograd-taps.ts";

/** Tiles after which sums go into the result: fewer terms in a row, smaller rounding. It decides the order of sums, and so is fixed. */
const sectionTiles = 1024;

/** Sixteen channels, which are transformed together, and lie so. */
const groupBytes = 64;

/** One unit is a block of channels by a block of outputs. */
export function winogradWeightGradientKernel(options: WeightGradientOptions): Kernel {
  return {
    key: `winograd weight gradient ${JSON.stringify(options)}`,
    emit: (module, name) => emitWinogradWeightGradient(module, name, options),
  };
}

function emitWinogradWeightGradient(module: ModuleBuilder, name: string, options: WeightGradientOptions): void {
  const parts = partsOf(module, options);
  module.function(name, kernelParameters, [], (f) => emitUnits(f, parts));
}

/** What turns images into planes. */
interface Source {
  readonly lists: FunctionBuilder;
  readonly transform: FunctionBuilder;
  /** Pixels of a tile. */
  readonly size: number;
  /** Where its planes are, and bytes from one tile to the next there. */
  readonly planes: number;
  readonly tileBytes: number;
}

interface Parts {
  readonly options: WeightGradientOptions;
  readonly scratch: GradientScratch;
  readonly x: Source;
  readonly dy: Source;
  readonly gather: FunctionBuilder;
  readonly product: FunctionBuilder;
  readonly taps: FunctionBuilder;
}

function partsOf(module: ModuleBuilder, options: WeightGradientOptions): Parts {
  const { tile, channels, outputs } = options;
  const rooms = roomsOf(options);
  const scratch = scratchOf(options);
  const pitches = { channels: channels * 4, outputs: outputs * 4 };
  const source = (images: "x" | "y", name: "channels" | "outputs"): Source => {
    const matrix = images === "x" ? f3x4.input : f3x4.kernel;
    const size = images === "x" ? f3x4.products : f3x4.taps;
    const layout = { room: rooms[name], tileBytes: pitches[name] };
    return {
      lists: emitTileLists(module, { images, size, step: f3x4.taps }),
      transform: emitTilesToPlanes(module, matrix, tile.fused, layout),
      size: size * size,
      planes: scratch[name],
      tileBytes: layout.tileBytes,
    };
  };
  return {
    options,
    scratch,
    x: source("x", "channels"),
    dy: source("y", "outputs"),
    gather: emitTailGather(module),
    product: emitDepthProduct(module, tile, pitches),
    taps: emitTaps(module, f3x4, tile.fused, planeStride(rooms.sums), pitches.outputs),
  };
}

const unitState = [
  "unit",
  "block",
  /** First channel and output of the unit, and how many. */
  "channel",
  "channels",
  "output",
  "outputs",
  /** First tile of a section and one past its last; the same of a block of tiles; tiles in it. */
  "section",
  "sectionEnd",
  "first",
  "count",
  "tile",
  "some",
  "whole",
  "rest",
  "plane",
  /** The block of channels whose tiles are transformed. */
  "known",
] as const;

type UnitState = Record<(typeof unitState)[number], Local>;

function emitUnits(f: FunctionBuilder, parts: Parts): void {
  const { options, scratch, taps } = parts;
  const word = wordReader(f, kernelArguments);
  const s = namedLocals(f, "i32", unitState);
  /** Sets what part of a whole a block is. */
  const part = (first: Local, count: Local, perBlock: WinogradWord, all: WinogradWord): void => {
    word(perBlock).op("i32.mul").set(first);
    pushLesser(
      f,
      () => word(perBlock),
      () => word(all).get(first).op("i32.sub"),
    );
    f.set(count);
  };
  const limit = (first: Local, most: number, end: () => void): void =>
    pushLesser(
      f,
      () => f.i32(most),
      () => {
        end();
        f.get(first).op("i32.sub");
      },
    );
  f.i32(-1).set(s.known);
  f.get(kernelBegin).for(
    s.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(s.unit);
      word("outputBlocks").op("i32.div_u").tee(s.block);
      part(s.channel, s.channels, "channelsPerBlock", "channels");
      f.get(s.unit);
      word("outputBlocks").op("i32.rem_u");
      part(s.output, s.outputs, "outputsPerBlock", "outputs");
      f.i32(0).for(
        s.section,
        () => word("tiles"),
        sectionTiles,
        () => {
          limit(s.section, sectionTiles, () => word("tiles"));
          f.get(s.section).op("i32.add").set(s.sectionEnd);
          f.get(s.section).for(
            s.first,
            () => f.get(s.sectionEnd),
            options.tilesPerBlock,
            () => {
              limit(s.first, options.tilesPerBlock, () => f.get(s.sectionEnd));
              f.set(s.count);
              // Where one block holds all tiles, its planes serve all blocks of outputs.
              f.get(s.known).get(s.block).op("i32.ne");
              word("tiles").i32(options.tilesPerBlock).op("i32.gt_u", "i32.or");
              f.if(() => emitPlanes(f, parts, parts.x, s, [s.channel, s.channels]));
              f.get(s.block).set(s.known);
              emitPlanes(f, parts, parts.dy, s, [s.output, s.outputs]);
              emitProducts(f, parts, s);
            },
          );
          f.get(kernelScratch).i32(scratch.sums).op("i32.add");
          word("gradient").get(s.output);
          word("channels").op("i32.mul").get(s.channel).op("i32.add").i32(36).op("i32.mul", "i32.add");
          f.get(s.channels).get(s.outputs);
          word("channels").i32(36).op("i32.mul").get(s.section).get(kernelScratch).call(taps);
        },
      );
    },
  );
}

/** Emits the transform of a block's tiles, of some channels from `first` on. */
function emitPlanes(
  f: FunctionBuilder,
  { scratch, gather }: Parts,
  { lists, transform, size, planes: target, tileBytes }: Source,
  s: UnitState,
  [first, channels]: readonly [Local, Local],
): void {
  const word = wordReader(f, kernelArguments);
  const inScratch = (offset: number): FunctionBuilder => f.get(kernelScratch).i32(offset).op("i32.add");
  f.get(channels).i32(2).op("i32.shr_u").i32(16).op("i32.mul").set(s.whole);
  f.get(channels).i32(3).op("i32.and").set(s.rest);
  f.i32(0).for(
    s.tile,
    () => f.get(s.count),
    together,
    () => {
      pushLesser(
        f,
        () => f.i32(together),
        () => f.get(s.count).get(s.tile).op("i32.sub"),
      );
      f.set(s.some);
      f.get(kernelArguments);
      inScratch(scratch.pixels).get(s.first).get(s.tile).op("i32.add").get(s.some).get(first).i32(4).op("i32.mul");
      word("zeros").call(lists);
      const some = (from: () => void, to: () => void): void => {
        inScratch(scratch.pixels).get(s.some);
        from();
        to();
        inScratch(target).get(s.tile);
        f.i32(tileBytes).op("i32.mul", "i32.add");
        from();
        f.op("i32.add").i32(groupBytes).get(kernelScratch).call(transform);
      };
      some(
        () => f.i32(0),
        () => f.get(s.whole),
      );
      f.get(s.rest).if(() => {
        inScratch(scratch.pixels).get(s.some).i32(size).op("i32.mul").get(s.whole).get(s.rest);
        inScratch(scratch.patch).call(gather);
        some(
          () => f.get(s.whole),
          () => f.get(s.whole).i32(16).op("i32.add"),
        );
      });
    },
  );
}

/** Emits the products of all planes. */
function emitProducts(f: FunctionBuilder, { options, scratch, product }: Parts, s: UnitState): void {
  const rooms = roomsOf(options);
  const inPlane = (offset: number, room: number): FunctionBuilder =>
    f.get(kernelScratch).i32(offset).op("i32.add").get(s.plane).i32(planeStride(room)).op("i32.mul", "i32.add");
  const columns = tileColumns(options.tile);
  f.i32(0).for(
    s.plane,
    () => f.i32(planes),
    1,
    () => {
      inPlane(scratch.channels, rooms.channels);
      inPlane(scratch.outputs, rooms.outputs);
      inPlane(scratch.sums, rooms.sums);
      f.get(s.count).get(s.first).get(s.section).op("i32.eq").get(s.channels).get(s.outputs);
      f.i32(columns - 1)
        .op("i32.add")
        .i32(columns)
        .op("i32.div_u")
        .call(product);
    },
  );
}
