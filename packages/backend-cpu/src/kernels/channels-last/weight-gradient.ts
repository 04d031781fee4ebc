// The weight gradient of a convolution over channels-last values: for each element of the kernel a product A'B whose inner dimension is the pixel. A
// block of pixels is packed; then all tiles pass over it while it is in the caches, and their sums wait in memory from one block to the next.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, kernelScratch, namedArguments, namedLocals } from "../kernel.ts";
import type { Kernel } from "../kernel.ts";
import {
  emitPackers,
  findTile,
  packSide,
  pushStart,
  pushWidth,
  touchedBytes,
  type Panels,
  type Side,
} from "./product-side.ts";
import { emitRunProduct, tileBytes } from "./run-product.ts";
import { emitTileScatter } from "./scatter-tile.ts";

export interface WeightGradientCode {
  readonly a: Panels;
  readonly b: Panels;
  readonly fused: boolean;
}

/** Argument words. One unit is a range of groups, of panels of A and of B, and of elements of the kernel. */
export const weightGradientArguments = [
  "a",
  "b",
  "sums",
  "dw",
  /** Tables, with offsets among them. */
  "plan",
  "units",
  "blocks",
  "blocksEnd",
  "blockBytes",
  "rowOffsets",
  "columnOffsets",
  "tapOffsets",
  "batch",
  "imagesPerBlock",
  "taps",
  /** Valid columns of a group; panels of A and B; how many of them are wide. */
  "columns",
  "panelsA",
  "panelsB",
  "wideA",
  "wideB",
  /** Bytes: from image to image, group to group and pixel to pixel of the operands; the same for the packed pixels, and from panel to panel. */
  "imageA",
  "imageB",
  "groupA",
  "groupB",
  "groupDw",
  "pixelA",
  "pixelB",
  "stepA",
  "stepB",
  "panelStrideA",
  "panelStrideB",
  /** Floats in a piece of a bordered line. */
  "pieceA",
  "pieceB",
  /** Where packed B starts in scratch memory. */
  "scratchB",
] as const;

/** Words of a unit: first and end of groups, panels of A, panels of B, elements of the kernel. */
const unitWords = 8;

/** Words of a block before those of its elements of the kernel (offset of the runs and their bytes for one image): the same for the lines of A and of B. */
export const blockHeaderWords = 4;

const localNames = [
  "unit",
  "entry",
  "firstGroup",
  "endGroup",
  "firstA",
  "endA",
  "firstB",
  "endB",
  "firstTap",
  "endTap",
  "first",
  "image",
  "images",
  "block",
  "group",
  "panelA",
  "panelB",
  "tap",
  "tileA",
  "tileB",
  "sum",
  "runs",
  "endOfRuns",
  "wide",
  "rest",
  "sourceA",
  "sourceB",
  "lines",
  "endOfLines",
] as const;

type Arguments = Record<(typeof weightGradientArguments)[number], Local>;
type Locals = Record<(typeof localNames)[number], Local>;

export function weightGradientKernel(code: WeightGradientCode): Kernel {
  const part = ({ wide, narrow, packed }: Panels): string => `${wide} ${narrow} ${packed}`;
  return {
    key: `weightGradient ${part(code.a)} ${part(code.b)} ${code.fused}`,
    emit: (module, name) => emitWeightGradient(module, name, code),
  };
}

function emitWeightGradient(module: ModuleBuilder, name: string, { a, b, fused }: WeightGradientCode): void {
  const [packA, packB] = [emitPackers(module, a), emitPackers(module, b)];
  const widths = ({ wide, narrow }: Panels): number[] => (narrow > 0 ? [wide, narrow] : [wide]);
  const products = widths(a).map((rows) =>
    widths(b).map((width) => emitRunProduct(module, { rows, vectors: width / 4, fused })),
  );
  const scatter = emitTileScatter(module);
  const slot = tileBytes({ rows: a.wide, vectors: b.wide / 4 });
  module.function(name, kernelParameters, [], (f) => {
    const x = namedArguments(f, weightGradientArguments);
    const v = namedLocals(f, "i32", localNames);
    const sides = sidesOf(f, x, v, { a, b }, { packA, packB });

    /** Sets `sum` to the sums of the current tiles, from element `tap` of the kernel on. */
    const findSums = (pushTap: () => void): void => {
      f.get(v.group).get(x.panelsA).op("i32.mul").get(v.panelA).op("i32.add");
      f.get(x.panelsB).op("i32.mul").get(v.panelB).op("i32.add").get(x.taps).op("i32.mul");
      pushTap();
      f.op("i32.add").i32(slot).op("i32.mul").get(x.sums).op("i32.add").set(v.sum);
    };
    const multiply = (product: FunctionBuilder): void => {
      f.get(v.tileA).get(v.tileB).get(v.runs).get(v.endOfRuns).get(x.stepA).get(x.stepB).get(v.sum).get(v.first);
      f.call(product);
    };
    const chooseB = (list: readonly FunctionBuilder[]): void => {
      const [wide, narrow] = list;
      if (wide && narrow) {
        f.get(v.panelB).get(x.wideB).op("i32.lt_u");
        f.if(
          () => multiply(wide),
          () => multiply(narrow),
        );
      } else if (wide) multiply(wide);
    };
    const tiles = (): void => {
      findSums(() => f.get(v.firstTap));
      f.get(v.firstTap).for(
        v.tap,
        () => f.get(v.endTap),
        1,
        () => {
          f.get(v.block).plus(v.tap, 8).set(v.entry);
          const offset = blockHeaderWords * 4;
          f.get(x.plan).get(v.entry).memory("i32.load", offset).op("i32.add").tee(v.runs);
          const count = offset + 4;
          f.get(v.entry).memory("i32.load", count).get(v.images).op("i32.mul", "i32.add").set(v.endOfRuns);
          const [wide, narrow] = products;
          if (wide && narrow) {
            f.get(v.panelA).get(x.wideA).op("i32.lt_u");
            f.if(
              () => chooseB(wide),
              () => chooseB(narrow),
            );
          } else if (wide) chooseB(wide);
          f.get(v.sum).i32(slot).op("i32.add").set(v.sum);
        },
      );
    };
    const overPanels = (body: () => void): void => {
      f.get(v.firstA).for(
        v.panelA,
        () => f.get(v.endA),
        1,
        () => {
          findTile(f, sides.a);
          f.get(v.firstB).for(
            v.panelB,
            () => f.get(v.endB),
            1,
            () => {
              findTile(f, sides.b);
              body();
            },
          );
        },
      );
    };
    const overGroups = (body: () => void): void =>
      void f.get(v.firstGroup).for(v.group, () => f.get(v.endGroup), 1, body);
    const overBlocks = (body: () => void): void => {
      f.i32(0).set(v.image);
      f.block(() =>
        f.loop(() => {
          f.get(v.image).get(x.batch).op("i32.ge_u").branchIf(1);
          f.get(x.batch).get(v.image).op("i32.sub").tee(v.images).get(x.imagesPerBlock);
          f.get(v.images).get(x.imagesPerBlock).op("i32.lt_u", "select").set(v.images);
          f.get(x.blocks).set(v.block);
          f.loop(() => {
            body();
            f.get(v.block).get(x.blockBytes).op("i32.add").tee(v.block).get(x.blocksEnd).op("i32.lt_u").branchIf(0);
          });
          f.get(v.image).get(v.images).op("i32.add").set(v.image).branch(0);
        }),
      );
    };
    const finish = (): void => {
      findSums(() => f.get(v.firstTap));
      f.get(v.sum).i32(slot).get(x.dw).get(v.group).get(x.groupDw).op("i32.mul", "i32.add").get(x.rowOffsets);
      pushStart(f, v.panelA, sides.a);
      f.i32(4).op("i32.mul", "i32.add");
      pushWidth(f, sides.a);
      f.get(x.columnOffsets);
      pushStart(f, v.panelB, sides.b);
      f.tee(v.rest).i32(4).op("i32.mul", "i32.add").get(x.columns).get(v.rest).op("i32.sub");
      pushWidth(f, sides.b);
      f.get(x.tapOffsets).plus(v.firstTap, 4).get(x.tapOffsets).plus(v.endTap, 4).call(scatter);
    };

    f.get(kernelBegin).for(
      v.unit,
      () => f.get(kernelEnd),
      1,
      () => {
        const bytes = unitWords * 4;
        f.get(x.units).plus(v.unit, bytes).set(v.entry);
        const bounds = [v.firstGroup, v.endGroup, v.firstA, v.endA, v.firstB, v.endB, v.firstTap, v.endTap];
        bounds.forEach((bound, word) => {
          const offset = word * 4;
          f.get(v.entry).memory("i32.load", offset).set(bound);
        });
        f.i32(1).set(v.first);
        overBlocks(() => {
          overGroups(() => {
            packSide(f, x, v, sides.a);
            packSide(f, x, v, sides.b);
            overPanels(tiles);
          });
          f.i32(0).set(v.first);
        });
        overGroups(() => overPanels(finish));
      },
    );
  });
}

function sidesOf(
  f: FunctionBuilder,
  x: Arguments,
  v: Locals,
  { a, b }: { readonly a: Panels; readonly b: Panels },
  { packA, packB }: { readonly packA: readonly FunctionBuilder[]; readonly packB: readonly FunctionBuilder[] },
): { readonly a: Side; readonly b: Side } {
  return {
    a: {
      panels: a,
      pack: packA,
      words: { source: x.a, image: x.imageA, group: x.groupA, pixel: x.pixelA },
      step: x.stepA,
      stride: x.panelStrideA,
      piece: x.pieceA,
      wideCount: x.wideA,
      first: v.firstA,
      end: v.endA,
      panel: v.panelA,
      tile: v.tileA,
      base: v.sourceA,
      header: 0,
      pushScratch: () => f.get(kernelScratch).i32(touchedBytes).op("i32.add"),
    },
    b: {
      panels: b,
      pack: packB,
      words: { source: x.b, image: x.imageB, group: x.groupB, pixel: x.pixelB },
      step: x.stepB,
      stride: x.panelStrideB,
      piece: x.pieceB,
      wideCount: x.wideB,
      first: v.firstB,
      end: v.endB,
      panel: v.panelB,
      tile: v.tileB,
      base: v.sourceB,
      header: 8,
      pushScratch: () => f.get(kernelScratch).get(x.scratchB).op("i32.add"),
    },
  };
}
