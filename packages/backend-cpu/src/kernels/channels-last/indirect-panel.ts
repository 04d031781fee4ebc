// The inner loops of channels-last convolution: tiles of pixels by one panel of output channels. The pixels that a tile reads and writes are found
// through pointers, so nothing is unrolled in memory (Dukhan, 2019, "The Indirect Convolution Algorithm").
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { panelWidth, pointerSlots, type IndirectTile } from "./indirect-tile.ts";

export interface PanelOptions {
  readonly tile: IndirectTile;
  /** Rows of this variant: the tile's, or what is left in the last tile. Pointers keep the tile's distance. */
  readonly rows: number;
  /** Columns of all panels together: they are whole, and in the last there is what is left. */
  readonly columns: number;
  /** Whether `shift` is added to the pointers into the input: a group's channels begin there. */
  readonly shifted: boolean;
}

/**
 * Parameters: pointers of the first tile and behind the last; the packed panel; segments of a tile, and bytes of the panel for each; byte offset of
 * the panel in a row of outputs, and its columns; whether a residual is added; the least and the largest result, as bits; `shift`.
 */
const parameters = 11;
const [pointers, end, panel, segments, runBytes, channel, columns, residual, least, most, shift] = [
  0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10,
];

/** sum += a * b */
function multiplyAdd(f: FunctionBuilder, fused: boolean, a: Local, b: Local, sum: Local): void {
  if (fused) f.get(a).get(b).get(sum).op("f32x4.relaxed_madd").set(sum);
  else f.get(sum).get(a).get(b).op("f32x4.mul", "f32x4.add").set(sum);
}

/**
 * Computes tiles against one panel. A tile's pointers: for each segment one pointer a row, to a run of the input; then one a row to the outputs, and
 * one a row to the residual. The panel starts with the biases.
 */
export function emitPanel(module: ModuleBuilder, options: PanelOptions): FunctionBuilder {
  const { tile, rows, shifted } = options;
  const width = panelWidth(tile);
  const lastColumns = options.columns % width;
  const { vectors, unroll, fused } = tile;
  const stepBytes = width * 4;
  const slotBytes = pointerSlots(tile) * 4;
  return module.function("", Array<"i32">(parameters).fill("i32"), [], (f) => {
    const sums = Array.from({ length: rows }, () => Array.from({ length: vectors }, () => f.local("v128")));
    const b = Array.from({ length: vectors }, () => f.local("v128"));
    const a = f.local("v128");
    const inputs = sums.map(() => f.local("i32"));
    const weights = f.local("i32");
    const runEnd = f.local("i32");
    const rest = f.local("i32");
    const segmentsEnd = f.local("i32");
    const turnsBytes = f.local("i32");
    const address = f.local("i32");
    const add = (local: Local, bytes: number): FunctionBuilder => f.get(local).i32(bytes).op("i32.add").tee(local);

    const steps = (count: number): void => {
      for (let step = 0; step < count; step++) {
        b.forEach((vector, j) => {
          f.get(weights);
          f.memory("v128.load", (step * vectors + j) * 16).set(vector);
        });
        inputs.forEach((input, i) => {
          f.get(input);
          f.memory("v128.load32_splat", step * 4).set(a);
          sums[i]?.forEach((sum, j) => multiplyAdd(f, fused, a, b[j] ?? a, sum));
        });
      }
    };
    const loopUntilEnd = (count: number): void => {
      f.get(weights).get(runEnd).op("i32.lt_u");
      f.if(() =>
        f.loop(() => {
          steps(count);
          for (const input of inputs) add(input, count * 4).op("drop");
          add(weights, count * stepBytes);
          f.get(runEnd).op("i32.lt_u").branchIf(0);
        }),
      );
    };
    const multiplyRun = (): void => {
      if (unroll > 1) {
        f.get(weights).get(turnsBytes).op("i32.add").set(runEnd);
        loopUntilEnd(unroll);
        f.get(runEnd).get(rest).op("i32.add").set(runEnd);
      } else f.get(weights).get(runBytes).op("i32.add").set(runEnd);
      loopUntilEnd(1);
    };
    /** Goes on with the next segment where all rows point to the same: they are outside the input. */
    const passOutside = (): void => {
      const [first = 0, second, ...others] = inputs;
      if (second === undefined) return;
      f.get(first).get(second).op("i32.eq");
      f.if(() => {
        f.i32(1);
        for (const other of others) f.get(first).get(other).op("i32.eq", "i32.and");
        f.if(() => {
          f.get(weights).get(runBytes).op("i32.add").set(weights);
          add(pointers, slotBytes).op("drop").branch(2);
        });
      });
    };
    const multiplySegments = (): void => {
      f.get(pointers).plus(segments, slotBytes).set(segmentsEnd);
      f.block(() =>
        f.loop(() => {
          f.get(pointers).get(segmentsEnd).op("i32.ge_u").branchIf(1);
          inputs.forEach((input, i) => {
            f.get(pointers).memory("i32.load", i * 4);
            if (shifted) f.get(shift).op("i32.add");
            f.set(input);
          });
          passOutside();
          multiplyRun();
          add(pointers, slotBytes).op("drop").branch(0);
        }),
      );
    };
    const startFromBiases = (): void => {
      for (let j = 0; j < vectors; j++) {
        f.get(panel).memory("v128.load", j * 16);
        for (const list of sums) f.tee(list[j] ?? a);
        f.op("drop");
      }
      f.get(panel).i32(stepBytes).op("i32.add").set(weights);
    };
    /** Address of a row of the outputs, or of the residual behind them. */
    const pushRow = (i: number, group: 0 | 1): FunctionBuilder => {
      f.get(pointers).memory("i32.load", group * slotBytes + i * 4);
      return f.get(channel).op("i32.add");
    };
    /** Finishes the sums of some vectors. Reading a whole vector at the end of a row is always allowed, see the arena. */
    const finish = (chosen: readonly number[]): void => {
      f.get(residual).if(() =>
        sums.forEach((list, i) => {
          pushRow(i, 1).set(address);
          for (const j of chosen) {
            f.get(list[j] ?? a).get(address);
            f.memory("v128.load", j * 16)
              .op("f32x4.add")
              .set(list[j] ?? a);
          }
        }),
      );
      // Both keep NaN, which is in their first operand.
      for (const [bound, hold] of [
        [least, "f32x4.pmax"],
        [most, "f32x4.pmin"],
      ] as const) {
        f.get(bound).op("f32.reinterpret_i32", "f32x4.splat").set(a);
        for (const list of sums)
          for (const j of chosen)
            f.get(list[j] ?? a)
              .get(a)
              .op(hold)
              .set(list[j] ?? a);
      }
    };
    const all = b.map((_, j) => j);
    const storeVectors = (chosen: readonly number[]): void =>
      sums.forEach((list, i) => {
        pushRow(i, 0).set(address);
        for (const j of chosen)
          f.get(address)
            .get(list[j] ?? a)
            .memory("v128.store", j * 16);
      });
    /** Stores so many lanes of vector `j`. */
    const storeLanes = (j: number, lanes: number): void =>
      sums.forEach((list, i) => {
        const sum = list[j] ?? a;
        pushRow(i, 0).set(address);
        if (lanes >= 2)
          f.get(address)
            .get(sum)
            .laneMemory("v128.store64_lane", 0, j * 16);
        if (lanes !== 2)
          f.get(address)
            .get(sum)
            .laneMemory("v128.store32_lane", lanes - 1, j * 16 + (lanes - 1) * 4);
      });
    const storeWhole = (): void => {
      finish(all);
      storeVectors(all);
    };
    const storePart = (): void => {
      finish(all.filter((j) => j * 4 < lastColumns));
      storeVectors(all.filter((j) => j * 4 + 4 <= lastColumns));
      if (lastColumns % 4 > 0) storeLanes(Math.floor(lastColumns / 4), lastColumns % 4);
    };
    const store = (): void => {
      if (lastColumns === 0) storeWhole();
      else if (options.columns < width) storePart();
      else f.get(columns).i32(width).op("i32.ge_u").if(storeWhole, storePart);
    };

    if (unroll > 1) {
      const turnBytes = unroll * stepBytes;
      f.get(runBytes).get(runBytes).i32(turnBytes).op("i32.rem_u").tee(rest).op("i32.sub").set(turnsBytes);
    }
    f.loop(() => {
      startFromBiases();
      multiplySegments();
      store();
      add(pointers, 2 * slotBytes);
      f.get(end).op("i32.lt_u").branchIf(0);
    });
  });
}
