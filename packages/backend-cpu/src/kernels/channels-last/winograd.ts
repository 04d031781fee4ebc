// Winograd convolution, channels-last: one call does blocks of tiles whole. The transformed tiles and the products stay in the thread's scratch memory;
// only the image, the weights and the result are touched outside.
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
import { pushLesser, wordReader } from "./winograd-arguments.ts";
import { emitOutputTransform } from "./winograd-output.ts";
import { emitTailGather, emitTailScatter, emitTileLists } from "./winograd-pixels.ts";
import { emitTilesToPlanes } from "./winograd-planes.ts";
import { emitPlaneProduct } from "./winograd-product.ts";
import {
  outputGroup,
  planeStride,
  scratchOf,
  tileBytes,
  together,
  type WinogradKernelOptions,
  type WinogradScratch,
} from "./winograd-scratch.ts";
import { emitWeightPanel } from "./winograd-weight.ts";

/** One unit is a block of tiles times a group of panels. */
export function winogradKernel(options: WinogradKernelOptions): Kernel {
  const { matrices, ...others } = options;
  return {
    key: `winograd ${matrices.outputs} ${JSON.stringify(others)}`,
    emit: (module, name) => emitWinograd(module, name, options),
  };
}

function emitWinograd(module: ModuleBuilder, name: string, options: WinogradKernelOptions): void {
  const parts = partsOf(module, options);
  module.function(name, kernelParameters, [], (f) => emitUnits(f, parts));
}

/** The functions of a kernel. */
interface Parts {
  readonly options: WinogradKernelOptions;
  readonly scratch: WinogradScratch;
  readonly readLists: FunctionBuilder;
  readonly writtenLists: FunctionBuilder;
  readonly residualLists: FunctionBuilder;
  readonly gather: FunctionBuilder;
  readonly scatter: FunctionBuilder;
  readonly input: FunctionBuilder;
  readonly product: FunctionBuilder;
  /** Transforms a panel of the weights, where that is not done beforehand. */
  readonly weightPanel: FunctionBuilder | undefined;
  readonly output: FunctionBuilder;
}

function partsOf(module: ModuleBuilder, options: WinogradKernelOptions): Parts {
  const { matrices, tile } = options;
  const scratch = scratchOf(options);
  const written = { size: matrices.outputs, step: matrices.outputs };
  return {
    options,
    scratch,
    readLists: emitTileLists(module, { images: "x", size: matrices.products, step: matrices.outputs }),
    writtenLists: emitTileLists(module, { images: "y", ...written }),
    residualLists: emitTileLists(module, { images: "residual", ...written }),
    gather: emitTailGather(module),
    scatter: emitTailScatter(module),
    input: emitTilesToPlanes(module, matrices.input, tile.fused, { room: options.inputRoom, tileBytes }),
    product: emitPlaneProduct(module, tile),
    weightPanel:
      options.weights === "transformed"
        ? undefined
        : emitWeightPanel(module, matrices, tile, options.weights === "turned"),
    output: emitOutputTransform(module, options, scratch),
  };
}

const unitState = [
  "unit",
  "block",
  /** The block whose tiles are transformed. */
  "known",
  "first",
  "count",
  /** Bytes from one group of channels, and of outputs, to the next. */
  "pitch",
  "outputPitch",
  "chunks",
  "panel",
  "panels",
  /** Bytes of a unit's channels before its first in a pixel, and of those that fill vectors; channels that are left. */
  "offset",
  "whole",
  "rest",
  "tile",
  "some",
  "plane",
  /** A panel within the unit. */
  "inner",
] as const;

type UnitState = Record<(typeof unitState)[number], Local>;

/** Emits the loop over units. */
function emitUnits(f: FunctionBuilder, parts: Parts): void {
  const { tile } = parts.options;
  const word = wordReader(f, kernelArguments);
  const s = namedLocals(f, "i32", unitState);
  f.i32(-1).set(s.known);
  word("channels").i32(3).op("i32.add").i32(2).op("i32.shr_u").set(s.chunks);
  f.get(kernelBegin).for(
    s.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(s.unit);
      word("groups").op("i32.div_u").set(s.block);
      f.get(s.block);
      word("tilesPerBlock").op("i32.mul").set(s.first);
      pushLesser(
        f,
        () => word("tilesPerBlock"),
        () => word("tiles").get(s.first).op("i32.sub"),
      );
      f.set(s.count);
      word("tilesPerBlock").i32(tileBytes).op("i32.mul").set(s.pitch);
      word("tilesPerBlock")
        .i32(outputGroup(tile) * 16)
        .op("i32.mul")
        .set(s.outputPitch);
      f.get(s.block)
        .get(s.known)
        .op("i32.ne")
        .if(() => {
          emitInput(f, parts, s);
          f.get(s.block).set(s.known);
        });
      f.get(s.unit);
      word("groups").op("i32.rem_u");
      word("panelsPerGroup").op("i32.mul").set(s.panel);
      pushLesser(
        f,
        () => word("panelsPerGroup"),
        () => word("panels").get(s.panel).op("i32.sub"),
      );
      f.set(s.panels);
      emitProducts(f, parts, s);
      f.get(s.panel)
        .i32(tileColumns(tile) * 4)
        .op("i32.mul")
        .set(s.offset);
      pushLesser(
        f,
        () => f.get(s.panels).i32(tileColumns(tile)).op("i32.mul"),
        () => word("outputs").get(s.panel).i32(tileColumns(tile)).op("i32.mul", "i32.sub"),
      );
      f.set(s.rest);
      emitOutput(f, parts, s);
    },
  );
}

/** Emits a loop over the unit's tiles, some at a time. */
function eachTiles(f: FunctionBuilder, s: UnitState, body: () => void): void {
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
      body();
    },
  );
}

/** Emits the transform of a block's tiles into planes. */
function emitInput(f: FunctionBuilder, { options, scratch, readLists, gather, input }: Parts, s: UnitState): void {
  const word = wordReader(f, kernelArguments);
  const inScratch = (offset: number): FunctionBuilder => f.get(kernelScratch).i32(offset).op("i32.add");
  const read = options.matrices.products ** 2;
  word("channels").i32(2).op("i32.shr_u").i32(16).op("i32.mul").set(s.whole);
  word("channels").i32(3).op("i32.and").set(s.rest);
  eachTiles(f, s, () => {
    f.get(kernelArguments);
    inScratch(scratch.pixels).get(s.first).get(s.tile).op("i32.add").get(s.some).i32(0);
    word("zeros").call(readLists);
    const transform = (from: () => void, to: () => void): void => {
      inScratch(scratch.pixels).get(s.some);
      from();
      to();
      inScratch(scratch.planes).get(s.tile).i32(tileBytes).op("i32.mul", "i32.add");
      pushInGroup(f, from, tileBytes, s.pitch);
      f.op("i32.add").get(s.pitch).get(kernelScratch).call(input);
    };
    transform(
      () => f.i32(0),
      () => f.get(s.whole),
    );
    f.get(s.rest).if(() => {
      inScratch(scratch.pixels).get(s.some).i32(read).op("i32.mul").get(s.whole).get(s.rest);
      inScratch(scratch.patch).call(gather);
      transform(
        () => f.get(s.whole),
        () => f.get(s.whole).i32(16).op("i32.add"),
      );
    });
  });
}

/** Emits the products of all planes. */
function emitProducts(f: FunctionBuilder, parts: Parts, s: UnitState): void {
  const { options, scratch, product, weightPanel } = parts;
  const word = wordReader(f, kernelArguments);
  const columns = tileColumns(options.tile);
  const inPlane = (offset: number, stride: number): FunctionBuilder =>
    f.get(kernelScratch).i32(offset).op("i32.add").get(s.plane).i32(stride).op("i32.mul", "i32.add");
  /** Adds where a panel begins in a plane. */
  const addPanel = (panel: Local): FunctionBuilder =>
    f
      .get(panel)
      .get(s.chunks)
      .i32(columns * 16)
      .op("i32.mul", "i32.mul", "i32.add");
  if (weightPanel)
    f.i32(0).for(
      s.inner,
      () => f.get(s.panels),
      1,
      () => {
        word("weight").get(kernelScratch).i32(scratch.bytes).op("i32.add");
        addPanel(s.inner);
        word("zeros").get(s.panel).get(s.inner).op("i32.add").i32(columns).op("i32.mul");
        f.i32(0).get(s.chunks).i32(4).op("i32.mul");
        for (const name of ["outputs", "channels", "columnBytes", "weightRowBytes", "planeBytes"] as const) word(name);
        f.get(kernelScratch).call(weightPanel);
      },
    );
  f.i32(0).for(
    s.plane,
    () => f.i32(options.matrices.products ** 2),
    1,
    () => {
      inPlane(scratch.planes, planeStride(options.inputRoom));
      if (weightPanel) f.get(kernelScratch).i32(scratch.bytes).op("i32.add");
      else {
        word("transformed");
        addPanel(s.panel);
      }
      f.get(s.plane);
      word("planeBytes").op("i32.mul", "i32.add");
      inPlane(scratch.products, planeStride(options.outputRoom));
      f.get(s.pitch).get(s.chunks).get(s.count).get(s.panels).get(s.outputPitch).call(product);
    },
  );
}

/** Emits the transform of a unit's products into the result; `rest` holds its number of channels. */
function emitOutput(f: FunctionBuilder, parts: Parts, s: UnitState): void {
  const { options, scratch, writtenLists, residualLists, gather, scatter, output } = parts;
  const { epilogue, matrices } = options;
  const group = outputGroup(options.tile) * 16;
  const word = wordReader(f, kernelArguments);
  const inScratch = (offset: number): FunctionBuilder => f.get(kernelScratch).i32(offset).op("i32.add");
  const lists = (offset: number, emitted: FunctionBuilder): void => {
    f.get(kernelArguments);
    inScratch(offset).get(s.first).get(s.tile).op("i32.add").get(s.some).get(s.offset);
    inScratch(scratch.nowhere).call(emitted);
  };
  const tail = (list: number, patch: number, move: FunctionBuilder): void => {
    inScratch(list)
      .get(s.some)
      .i32(matrices.outputs ** 2)
      .op("i32.mul")
      .get(s.whole)
      .get(s.rest);
    inScratch(patch).call(move);
  };
  const transform = (from: () => void, to: () => void): void => {
    inScratch(scratch.targets).get(s.some);
    from();
    to();
    inScratch(scratch.products).get(s.tile).i32(group).op("i32.mul", "i32.add");
    pushInGroup(f, from, group, s.outputPitch);
    f.op("i32.add").get(s.outputPitch).get(kernelScratch).call(output);
  };
  if (epilogue.bias)
    f.i32(0).for(
      s.tile,
      () => f.get(s.rest),
      1,
      () => {
        inScratch(scratch.bias).plus(s.tile, 4);
        word("bias").get(s.offset).op("i32.add").plus(s.tile, 4).memory("f32.load").memory("f32.store");
      },
    );
  f.get(s.rest).i32(2).op("i32.shr_u").i32(16).op("i32.mul").set(s.whole);
  f.get(s.rest).i32(3).op("i32.and").set(s.rest);
  eachTiles(f, s, () => {
    lists(scratch.targets, writtenLists);
    if (epilogue.residual) lists(scratch.residuals, residualLists);
    transform(
      () => f.i32(0),
      () => f.get(s.whole),
    );
    f.get(s.rest).if(() => {
      tail(scratch.targets, scratch.patch, gather);
      if (epilogue.residual) tail(scratch.residuals, scratch.residualPatch, gather);
      transform(
        () => f.get(s.whole),
        () => f.get(s.whole).i32(16).op("i32.add"),
      );
      lists(scratch.targets, writtenLists);
      tail(scratch.targets, scratch.patch, scatter);
    });
  });
}

/** Pushes where a channel lies among groups of so many bytes, from its byte offset in a pixel. */
function pushInGroup(f: FunctionBuilder, offset: () => void, bytes: number, pitch: Local): void {
  offset();
  f.i32(bytes).op("i32.div_u").get(pitch).op("i32.mul");
  offset();
  f.i32(bytes).op("i32.rem_u", "i32.add");
}
