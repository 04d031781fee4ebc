// The matrix product that is under every matmul and every convolution: C = A B, with the elements of A and B found through tables of offsets.
// The code does not depend on the shape, so one function serves all and is optimised once.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, type Kernel } from "./kernel.ts";
import { emitMicroKernel, type Epilogue } from "./micro-kernel.ts";
import { emitPacker, pushContiguous, type PackDirection } from "./pack.ts";
import { emitRunPacker } from "./pack-runs.ts";
import { batchWords, emitProduct, tileScratch, type ProductParts } from "./product-loops.ts";
import { emitScatter } from "./scatter.ts";
import { tileColumns, type Tile } from "./tile.ts";

/** Argument words of the packing kernel. One unit is a panel of `width` rows. */
const packArguments = ["source", "destination", "across", "along", "batches", "depth", "panels"] as const;

/** Bytes of scratch memory that a thread needs. */
export function productScratchBytes(tile: Tile, columnPanelsPerUnit: number, depthBlock: number): number {
  return tileScratch + columnPanelsPerUnit * tileColumns(tile) * depthBlock * 4 + 64;
}

/** Packs all panels of A, for every matrix of the batch. */
export function packKernel(width: number, direction: PackDirection): Kernel {
  return {
    key: `pack ${width} ${direction}`,
    emit(module, name) {
      const pack = emitPacker(module, width, direction);
      module.function(name, kernelParameters, [], (f) => {
        const { source, destination, across, along, batches, depth, panels } = namedArguments(f, packArguments);
        const unit = f.local("i32");
        const panel = f.local("i32");
        const batch = f.local("i32");
        f.get(kernelBegin).for(
          unit,
          () => f.get(kernelEnd),
          1,
          () => {
            f.get(unit).get(panels).op("i32.rem_u").set(panel);
            f.get(batches)
              .get(unit)
              .get(panels)
              .op("i32.div_u")
              .i32(batchWords * 4)
              .op("i32.mul", "i32.add")
              .set(batch);
            f.get(source).get(batch).memory("i32.load", 16).op("i32.add");
            f.get(across)
              .plus(panel, width * 4)
              .get(along)
              .get(depth);
            f.get(destination).get(batch).memory("i32.load", 0).op("i32.add");
            f.get(panel)
              .get(depth)
              .i32(width * 4)
              .op("i32.mul", "i32.mul", "i32.add")
              .call(pack);
          },
        );
      });
    },
  };
}

/** With so few panels of rows, packing B costs more than reading it where it lies. */
const fewPanels = 3;

/**
 * The product of so many rows, with code for the tiles that these have; B is packed block by block into scratch memory, or read where it lies if the rows
 * are few.
 */
export function productKernel(tile: Tile, directionB: PackDirection, epilogue: Epilogue, rows: number): Kernel {
  const few = rows <= fewPanels * tile.rows;
  const heights = [tile.rows, rows % tile.rows].filter((height) => height > 0 && height <= rows);
  return {
    key: `product ${Object.values(tile).join()} ${directionB} ${epilogue.bias} ${epilogue.relu} ${heights.join()} ${few}`,
    emit(module, name) {
      const micro = (source: "packed" | "direct"): FunctionBuilder[] =>
        heights.map((height) => emitMicroKernel(module, { tile, rows: height, epilogue, source }));
      const parts: ProductParts = {
        packed: micro("packed"),
        direct: few ? { micro: micro("direct"), readable: emitReadable(module, tile) } : undefined,
        pack: emitPacker(module, tileColumns(tile), directionB),
        packRun: directionB === "across" && !few ? emitRunPacker(module, tileColumns(tile)) : undefined,
        scatter: emitScatter(module, tileColumns(tile), epilogue),
      };
      module.function(name, kernelParameters, [], (f) => emitProduct(f, tile, epilogue, parts));
    },
  };
}

/** Emits `(across): i32`: whether the columns of a panel lie four by four in memory, so that they can be read without packing. */
function emitReadable(module: ModuleBuilder, tile: Tile): FunctionBuilder {
  return module.function("", ["i32"], ["i32"], (f) => {
    f.i32(1);
    for (let j = 0; j < tile.vectors; j++) {
      pushContiguous(f, 0, j * 4, 4);
      f.op("i32.and");
    }
  });
}
