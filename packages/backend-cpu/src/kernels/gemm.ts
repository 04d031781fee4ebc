// The matrix product that is under every matmul and every convolution: C = A B, with the elements of A and B found through tables of offsets.
// The code does not depend on the shape, so one function serves all and is optimised once.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, kernelScratch, namedArguments, namedLocals, type Kernel } from "./kernel.ts";
import { emitMicroKernel, type Epilogue } from "./micro-kernel.ts";
import { emitPacker, pushContiguous, type PackDirection } from "./pack.ts";
import { tileColumns, type Tile } from "./tile.ts";

/** Argument words of the packing kernel. One unit is a panel of `width` rows. */
export const packArguments = ["source", "destination", "across", "along", "batches", "depth", "panels"] as const;

/** Argument words of the product kernel. One unit is a block of columns, by a block of rows, of one matrix of the batch. */
export const productArguments = [
  "packedA", "b", "c", "bias", "columnOffsets", "depthOffsets", "resultColumns", "batches",
  "rows", "columns", "depth", "depthBlock", "columnPanelsPerUnit", "columnUnits", "rowPanelsPerUnit", "rowUnits", "resultRowStride",
] as const;

/** Words of one entry of the batch table: byte offsets into packed A, B, C and the bias; and into A before packing. */
export const batchWords = 5;

/** Row panels whose packed block stays in the second-level cache while the columns pass by. */
const rowPanelsPerBlock = 16;

/** With so few panels of rows, packing B costs more than reading it where it lies. */
const fewPanels = 3;

/** Bytes at the start of scratch memory for a tile that is not stored straight to C. */
const tileScratch = 1024;

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
        f.get(kernelBegin).for(unit, () => f.get(kernelEnd), 1, () => {
          f.get(unit).get(panels).op("i32.rem_u").set(panel);
          f.get(batches).get(unit).get(panels).op("i32.div_u").i32(batchWords * 4).op("i32.mul", "i32.add").set(batch);
          f.get(source).get(batch).memory("i32.load", 16).op("i32.add");
          f.get(across).get(panel).i32(width * 4).op("i32.mul", "i32.add").get(along).get(depth);
          f.get(destination).get(batch).memory("i32.load", 0).op("i32.add");
          f.get(panel).get(depth).i32(width * 4).op("i32.mul", "i32.mul", "i32.add").call(pack);
        });
      });
    },
  };
}

/** The product itself; B is packed block by block into scratch memory. */
export function productKernel(tile: Tile, directionB: PackDirection, epilogue: Epilogue): Kernel {
  return {
    key: `product ${Object.values(tile).join()} ${directionB} ${epilogue.bias} ${epilogue.relu}`,
    emit(module, name) {
      const variants = (source: "packed" | "direct"): FunctionBuilder[] =>
        Array.from({ length: tile.rows }, (_, index) => emitMicroKernel(module, { tile, rows: index + 1, epilogue, source }));
      const pack = emitPacker(module, tileColumns(tile), directionB);
      const scatter = emitScatter(module, tileColumns(tile), epilogue);
      const parts: Parts = { packed: variants("packed"), direct: variants("direct"), pack, scatter, readable: emitReadable(module, tile) };
      module.function(name, kernelParameters, [], (f) => emitProduct(f, tile, epilogue, parts));
    },
  };
}

/** `target = min(a, b)`, both on the stack through `a` and `b`. */
function setMinimum(f: FunctionBuilder, target: Local, a: () => void, b: () => void): void {
  a();
  b();
  a();
  b();
  f.op("i32.lt_u", "select").set(target);
}

/** The functions that the product kernel calls. Micro-kernels by rows, from one up. */
interface Parts {
  readonly packed: readonly FunctionBuilder[];
  readonly direct: readonly FunctionBuilder[];
  readonly pack: FunctionBuilder;
  readonly scatter: FunctionBuilder;
  readonly readable: FunctionBuilder;
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

function emitProduct(f: FunctionBuilder, tile: Tile, epilogue: Epilogue, { packed, direct, pack, scatter, readable }: Parts): void {
  const columns = tileColumns(tile);
  const x = namedArguments(f, productArguments);
  const v = namedLocals(f, "i32", [
    "unit", "rest", "batch", "columnPanels", "rowPanels", "j0", "j1", "i0", "i1", "step", "length", "first", "last", "j", "i", "blockStart", "blockEnd",
    "panelB", "panelA", "c", "bias", "table", "valid", "rowsLeft", "a", "b", "resultBase", "biasBase", "across", "unpacked",
  ]);

  const callMicro = (index: number, straight: boolean, micro: readonly FunctionBuilder[]): void => {
    f.get(v.panelA).get(v.panelB).get(v.length);
    if (straight) f.get(v.c).get(x.resultRowStride).get(v.first).get(v.last).get(v.bias);
    else f.get(kernelScratch).i32(columns * 4).i32(1).i32(0).get(v.bias);
    f.get(v.b).get(v.across);
    const callee = micro[index];
    if (callee) f.call(callee);
  };
  /** Calls the variant for the rows that are left, the full one first. */
  const dispatch = (rows: number, straight: boolean, micro: readonly FunctionBuilder[]): void => {
    if (rows === 1) return callMicro(0, straight, micro);
    f.get(v.rowsLeft).i32(rows).op("i32.ge_u").if(() => callMicro(rows - 1, straight, micro), () => dispatch(rows - 1, straight, micro));
  };
  const rowPanel = (straight: boolean): void => {
    f.get(x.rows).get(v.i).i32(tile.rows).op("i32.mul", "i32.sub").set(v.rowsLeft);
    f.get(v.a).get(v.i).get(x.depth).op("i32.mul").get(v.step).op("i32.add").i32(tile.rows * 4).op("i32.mul", "i32.add").set(v.panelA);
    f.get(v.resultBase).get(v.i).i32(tile.rows).op("i32.mul").get(x.resultRowStride).op("i32.mul", "i32.add").set(v.c);
    if (straight) f.get(v.c).get(v.table).memory("i32.load").op("i32.add").set(v.c);
    if (epilogue.bias === "row") f.get(v.biasBase).get(v.i).i32(tile.rows * 4).op("i32.mul", "i32.add").set(v.bias);
    f.get(v.unpacked).if(() => dispatch(tile.rows, straight, direct), () => dispatch(tile.rows, straight, packed));
    if (!straight) {
      setMinimum(f, v.rowsLeft, () => f.get(v.rowsLeft), () => f.i32(tile.rows));
      f.get(kernelScratch).get(v.rowsLeft).get(v.valid).get(v.table).get(v.c).get(x.resultRowStride).get(v.first).get(v.last).get(v.bias).call(scatter);
    }
  };
  /** Sets `across` to the column offsets of panel j, and `unpacked` to whether it is read where it lies. */
  const choosePanel = (): void => {
    f.get(x.columnOffsets).get(v.j).i32(columns * 4).op("i32.mul", "i32.add").tee(v.across).call(readable);
    f.get(x.rows).i32(fewPanels * tile.rows).op("i32.le_u", "i32.and").set(v.unpacked);
  };
  const pushInto = (target: Local, push: () => void) => (): void => {
    push();
    f.set(target);
  };
  const panelAddress = (): void => {
    f.get(kernelScratch).i32(tileScratch).op("i32.add").get(v.j).get(v.j0).op("i32.sub").get(v.length).i32(columns * 4).op("i32.mul", "i32.mul", "i32.add");
  };
  const pushDepthOffsets = (): void => {
    f.get(x.depthOffsets).get(v.step).i32(4).op("i32.mul", "i32.add");
  };
  const columnPanel = (): void => {
    choosePanel();
    f.get(v.unpacked).if(pushInto(v.panelB, pushDepthOffsets), pushInto(v.panelB, panelAddress));
    f.get(x.resultColumns).get(v.j).i32(columns * 4).op("i32.mul", "i32.add").set(v.table);
    setMinimum(f, v.valid, () => f.get(x.columns).get(v.j).i32(columns).op("i32.mul", "i32.sub"), () => f.i32(columns));
    if (epilogue.bias === "column") f.get(v.biasBase).get(v.j).i32(columns * 4).op("i32.mul", "i32.add").set(v.bias);
    const rowsOfBlock = (straight: boolean): void => {
      f.get(v.blockStart).for(v.i, () => f.get(v.blockEnd), 1, () => rowPanel(straight));
    };
    f.get(v.valid).i32(columns).op("i32.eq");
    f.get(v.table).memory("i32.load", (columns - 1) * 4).get(v.table).memory("i32.load").op("i32.sub").i32((columns - 1) * 4).op("i32.eq", "i32.and");
    f.if(() => rowsOfBlock(true), () => rowsOfBlock(false));
  };

  f.get(x.columns).i32(columns - 1).op("i32.add").i32(columns).op("i32.div_u").set(v.columnPanels);
  f.get(x.rows).i32(tile.rows - 1).op("i32.add").i32(tile.rows).op("i32.div_u").set(v.rowPanels);
  f.get(kernelBegin).for(v.unit, () => f.get(kernelEnd), 1, () => {
    f.get(v.unit).get(x.columnUnits).op("i32.rem_u").get(x.columnPanelsPerUnit).op("i32.mul").set(v.j0);
    setMinimum(f, v.j1, () => f.get(v.j0).get(x.columnPanelsPerUnit).op("i32.add"), () => f.get(v.columnPanels));
    f.get(v.unit).get(x.columnUnits).op("i32.div_u").tee(v.rest).get(x.rowUnits).op("i32.rem_u").get(x.rowPanelsPerUnit).op("i32.mul").set(v.i0);
    setMinimum(f, v.i1, () => f.get(v.i0).get(x.rowPanelsPerUnit).op("i32.add"), () => f.get(v.rowPanels));
    f.get(x.batches).get(v.rest).get(x.rowUnits).op("i32.div_u").i32(batchWords * 4).op("i32.mul", "i32.add").set(v.batch);
    ([["a", x.packedA], ["b", x.b], ["resultBase", x.c], ["biasBase", x.bias]] as const).forEach(([name, base], word) => {
      f.get(base).get(v.batch).memory("i32.load", word * 4).op("i32.add").set(v[name]);
    });
    f.i32(0).set(v.step);
    f.loop(() => {
      setMinimum(f, v.length, () => f.get(x.depth).get(v.step).op("i32.sub"), () => f.get(x.depthBlock));
      f.get(v.step).op("i32.eqz").set(v.first);
      f.get(v.step).get(v.length).op("i32.add").get(x.depth).op("i32.ge_u").set(v.last);
      f.get(v.j0).for(v.j, () => f.get(v.j1), 1, () => {
        choosePanel();
        f.get(v.unpacked).op("i32.eqz").if(() => {
          f.get(v.b).get(v.across);
          pushDepthOffsets();
          f.get(v.length);
          panelAddress();
          f.call(pack);
        });
      });
      f.get(v.i0).for(v.blockStart, () => f.get(v.i1), rowPanelsPerBlock, () => {
        setMinimum(f, v.blockEnd, () => f.get(v.blockStart).i32(rowPanelsPerBlock).op("i32.add"), () => f.get(v.i1));
        f.get(v.j0).for(v.j, () => f.get(v.j1), 1, columnPanel);
      });
      f.get(v.step).get(v.length).op("i32.add").set(v.step);
      f.get(v.last).op("i32.eqz").branchIf(0);
    });
  });
}

/** Emits `(tile, rows, columns, table, c, rowStride, first, last, bias)`: adds a tile, column by column, to where its elements belong. */
function emitScatter(module: ModuleBuilder, width: number, epilogue: Epilogue): FunctionBuilder {
  const parameters = Array<"i32">(9).fill("i32");
  return module.function("", parameters, [], (f) => {
    const [tile, rows, columns, table, c, rowStride, first, last, bias] = [0, 1, 2, 3, 4, 5, 6, 7, 8];
    const i = f.local("i32");
    const j = f.local("i32");
    const address = f.local("i32");
    const value = f.local("f32");
    f.i32(0).for(i, () => f.get(rows), 1, () => {
      f.i32(0).for(j, () => f.get(columns), 1, () => {
        f.get(c).get(table).get(j).i32(4).op("i32.mul", "i32.add").memory("i32.load").op("i32.add").set(address);
        f.get(tile).get(j).i32(4).op("i32.mul", "i32.add").memory("f32.load").set(value);
        f.get(first).op("i32.eqz").if(() => f.get(value).get(address).memory("f32.load").op("f32.add").set(value));
        if (epilogue.bias !== "none" || epilogue.relu)
          f.get(last).if(() => {
            if (epilogue.bias !== "none") f.get(value).get(bias).get(epilogue.bias === "row" ? i : j).i32(4).op("i32.mul", "i32.add").memory("f32.load").op("f32.add").set(value);
            if (epilogue.relu) f.get(value).f32(0).op("f32.max").set(value);
          });
        f.get(address).get(value).memory("f32.store");
      });
      f.get(tile).i32(width * 4).op("i32.add").set(tile);
      f.get(c).get(rowStride).op("i32.add").set(c);
    });
  });
}
