// The inner loop of every matrix product and convolution: one tile of C in registers, operands in packed panels.
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import type { ModuleBuilder } from "../wasm/assembler.ts";
import { tileColumns, type Tile } from "./tile.ts";

/** What is done to a finished element of C before it is stored. */
export interface Epilogue {
  /** Bias per row (a channel of a convolution) or per column (a feature of a dense layer). */
  readonly bias: "none" | "row" | "column";
  readonly relu: boolean;
}

export interface MicroKernelOptions {
  readonly tile: Tile;
  /** Rows of this variant: the tile's, or what is left in the last panel. Panels keep the tile's width. */
  readonly rows: number;
  readonly epilogue: Epilogue;
  /** Whether B is read from a packed panel, or where it lies: worth it where few rows would share the packing. */
  readonly source: "packed" | "direct";
}

/** Parameters of a micro-kernel; the last two where B is read directly. */
const microParameters = [
  "panelA",
  "panelB",
  "depth",
  "c",
  "rowStride",
  "first",
  "last",
  "bias",
  "base",
  "across",
] as const;

/** sum += a * b */
function multiplyAdd(f: FunctionBuilder, fused: boolean, a: Local, b: Local, sum: Local): void {
  if (fused) f.get(a).get(b).get(sum).op("f32x4.relaxed_madd").set(sum);
  else f.get(sum).get(a).get(b).op("f32x4.mul", "f32x4.add").set(sum);
}

/**
 * Adds to the tile at `c`, whose rows are `rowStride` bytes apart, the product over `depth` steps. `first` starts from zero, `last` applies the
 * epilogue; `bias` is the address of the tile's first bias. Read directly, `panelB` is the table of offsets along K, and columns lie four by four at
 * `base` plus the entries of the table `across`.
 */
export function emitMicroKernel(module: ModuleBuilder, options: MicroKernelOptions): FunctionBuilder {
  const { tile, rows, epilogue } = options;
  const { vectors, unroll } = tile;
  const direct = options.source === "direct";
  const bytesPerStep = direct ? 4 : tileColumns(tile) * 4;
  return module.function("", Array<"i32">(microParameters.length - (direct ? 0 : 2)).fill("i32"), [], (f) => {
    const [panelA, panelB, depth, c, rowStride, first, last, bias, base, across] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local("v128")));
    const b = Array.from({ length: vectors }, () => f.local("v128"));
    const a = f.local("v128");
    const four = f.local("v128");
    const end = f.local("i32");
    const offset = f.local("i32");
    const columns = b.map(() => f.local("i32"));
    if (direct)
      columns.forEach((column, j) =>
        f
          .get(base)
          .get(across)
          .memory("i32.load", j * 16)
          .op("i32.add")
          .set(column),
      );

    const loadB = (step: number): void => {
      if (direct)
        f.get(panelB)
          .memory("i32.load", step * 4)
          .set(offset);
      b.forEach((vector, j) => {
        if (direct)
          f.get(columns[j] ?? 0)
            .get(offset)
            .op("i32.add")
            .memory("v128.load")
            .set(vector);
        else
          f.get(panelB)
            .memory("v128.load", (step * vectors + j) * 16)
            .set(vector);
      });
    };
    const steps = (count: number): void => {
      for (let step = 0; step < count; step++) {
        loadB(step);
        sums.forEach((row, i) => {
          const place = (step * tile.rows + i) * 4;
          if (tile.broadcast === "load") f.get(panelA).memory("v128.load32_splat", place).set(a);
          else {
            const lane = i & 3;
            if (lane === 0) f.get(panelA).memory("v128.load", place).set(four);
            f.get(four).get(four).shuffle(lane, lane, lane, lane).set(a);
          }
          row.forEach((sum, j) => multiplyAdd(f, tile.fused, a, b[j] ?? a, sum));
        });
      }
      f.get(panelA)
        .i32(count * tile.rows * 4)
        .op("i32.add")
        .set(panelA);
      f.get(panelB)
        .i32(count * bytesPerStep)
        .op("i32.add")
        .set(panelB);
    };
    const loopUntilEnd = (count: number): void => {
      f.get(panelB)
        .get(end)
        .op("i32.lt_u")
        .if(() =>
          f.loop(() => {
            steps(count);
            f.get(panelB).get(end).op("i32.lt_u").branchIf(0);
          }),
        );
    };
    f.get(panelB)
      .get(depth)
      .i32(unroll)
      .op("i32.div_u")
      .i32(unroll * bytesPerStep)
      .op("i32.mul", "i32.add")
      .set(end);
    loopUntilEnd(unroll);
    if (unroll > 1) {
      f.get(end).get(depth).i32(unroll).op("i32.rem_u").i32(bytesPerStep).op("i32.mul", "i32.add").set(end);
      loopUntilEnd(1);
    }

    const row = f.local("i32");
    const eachRow = (action: (sums: readonly Local[]) => void): void => {
      f.get(c).set(row);
      sums.forEach((list, i) => {
        if (i > 0) f.get(row).get(rowStride).op("i32.add").set(row);
        action(list);
      });
    };
    f.get(first)
      .op("i32.eqz")
      .if(() =>
        eachRow((list) =>
          list.forEach((sum, j) =>
            f
              .get(sum)
              .get(row)
              .memory("v128.load", j * 16)
              .op("f32x4.add")
              .set(sum),
          ),
        ),
      );
    if (epilogue.bias !== "none" || epilogue.relu)
      f.get(last).if(() => {
        if (epilogue.relu) f.v128([0, 0, 0, 0]).set(four);
        sums.forEach((list, i) => {
          if (epilogue.bias === "row")
            f.get(bias)
              .memory("v128.load32_splat", i * 4)
              .set(a);
          list.forEach((sum, j) => {
            if (epilogue.bias === "row") f.get(sum).get(a).op("f32x4.add").set(sum);
            if (epilogue.bias === "column")
              f.get(sum)
                .get(bias)
                .memory("v128.load", j * 16)
                .op("f32x4.add")
                .set(sum);
            if (epilogue.relu) f.get(sum).get(four).op("f32x4.pmax").set(sum);
          });
        });
      });
    eachRow((list) =>
      list.forEach((sum, j) =>
        f
          .get(row)
          .get(sum)
          .memory("v128.store", j * 16),
      ),
    );
  });
}
