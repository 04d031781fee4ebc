// Mean and variance of each channel, by blocks of pixels: a block gives the sums of its numbers and of their squares in float64. They are summed up about
// the mean of the block's first pixels, so that no digits are lost in float32: of n pixels, these are no farther from the mean of all than sqrt(n) deviations.
import { at } from "@stria/core";
import { emitBlocks } from "../../loops/reduce-parts.ts";
import { eachRun } from "../../loops/runs.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import {
  kernelBegin,
  kernelEnd,
  kernelParameters,
  kernelScratch,
  namedArguments,
  namedLocals,
  type Kernel,
} from "../kernel.ts";
import { emitTouch } from "./touch.ts";

/** Vectors of channels side by side: a cache line. */
const lineVectors = 4;
/** Pixels whose mean the others are taken from. */
const firstPixels = 8;
/** Terms that are added up in float32 before the sum goes on in float64. */
const mostTerms = 64;

/** Bytes of what the parts come to: [parts, 2, channels] in float64. */
export function momentsBytes(parts: number, channels: number): number {
  return parts * channels * 16;
}

/** Sums of four channels in float64. */
interface Total {
  readonly low: Local;
  readonly high: Local;
}

/** Argument words: the pixels, what the parts come to, the table of the parts' runs, bytes from pixel to pixel. One unit is one part; at least four channels. `isDense`: little lies between the pixels. */
export function momentsKernel(channels: number, isDense: boolean): Kernel {
  const isTouched = isDense && channels > lineVectors * 4;
  return {
    key: `moments ${channels}${isTouched ? " touched" : ""}`,
    emit(module, name) {
      // Pixels that are gone over in several goes are fetched by one walk over all of them, which processors foresee.
      const touch = isTouched ? emitTouch(module) : undefined;
      module.function(name, kernelParameters, [], (f) => emitMoments(f, channels, touch));
    },
  };
}

function emitMoments(f: FunctionBuilder, channels: number, touch: FunctionBuilder | undefined): void {
  const x = namedArguments(f, ["pixels", "sums", "table", "pitch"]);
  const v = namedLocals(f, "i32", ["part", "count", "row", "end", "tile", "pairs", "address", "target"]);
  const vectors = Math.min(lineVectors, channels >> 2);
  const made = (): Local[] => Array.from({ length: vectors }, () => f.local("v128"));
  const totals = (): Total[] => made().map((low) => ({ low, high: f.local("v128") }));
  const [sums, squares, centres, first, second] = [made(), made(), made(), totals(), totals()];
  const [moved, number] = [f.local("v128"), f.local("v128")];
  const zero = (local: Local): void => void f.v128([0, 0, 0, 0]).set(local);

  /** Adds one pixel. */
  const add = (places: readonly number[]): void => {
    places.forEach((place, vector) => {
      const [sum, square] = [at(sums, vector), at(squares, vector)];
      f.get(v.address)
        .memory("v128.load", place * 4)
        .get(at(centres, vector))
        .op("f32x4.sub")
        .tee(moved)
        .get(sum);
      f.op("f32x4.add").set(sum).get(moved).get(moved).op("f32x4.mul").get(square).op("f32x4.add").set(square);
    });
    f.get(v.address).get(x.pitch).op("i32.add").set(v.address);
  };

  /** Sets the centres to the mean of the part's first pixels. */
  const centre = (places: readonly number[], start: Local): void => {
    f.get(x.table).get(x.table).plus(v.part, 4).memory("i32.load").op("i32.add").set(v.target);
    f.get(x.pixels).get(v.target).memory("i32.load").get(x.pitch).op("i32.mul", "i32.add").plus(start, 4);
    f.set(v.address);
    f.i32(firstPixels).get(v.target).memory("i32.load", 4).tee(v.tile).i32(firstPixels).get(v.tile);
    f.op("i32.lt_u", "select").set(v.tile);
    for (const local of centres) zero(local);
    f.i32(0).for(
      v.row,
      () => f.get(v.tile),
      1,
      () => {
        places.forEach((place, vector) => {
          const local = at(centres, vector);
          f.get(local)
            .get(v.address)
            .memory("v128.load", place * 4)
            .op("f32x4.add")
            .set(local);
        });
        f.get(v.address).get(x.pitch).op("i32.add").set(v.address);
      },
    );
    f.get(v.tile).op("i32x4.splat", "f32x4.convert_i32x4_s").set(moved);
    for (const local of centres) f.get(local).get(moved).op("f32x4.div").set(local);
    // From what is infinite or no number nothing can be taken: 0 instead.
    for (const local of centres) {
      f.get(local).get(local).op("f32x4.sub").tee(moved).get(moved).op("f32x4.eq");
      f.get(local).op("v128.and").set(local);
    }
  };

  const fold = (places: readonly number[]): void =>
    places.forEach((_, vector) => {
      for (const [sum, { low, high }] of [
        [at(sums, vector), at(first, vector)],
        [at(squares, vector), at(second, vector)],
      ] as const) {
        f.get(low).get(sum).op("f64x2.promote_low_f32x4", "f64x2.add").set(low);
        f.get(high).get(sum).get(sum).shuffle(2, 3, 2, 3).op("f64x2.promote_low_f32x4", "f64x2.add").set(high);
        zero(sum);
      }
    });

  /** Adds the pixels of one run, some at a time. */
  const addRun = (places: readonly number[], start: Local): void => {
    f.get(x.pixels).get(v.row).get(x.pitch).op("i32.mul", "i32.add").plus(start, 4).set(v.address);
    f.block(() =>
      f.loop(() => {
        f.get(v.row).get(v.end).op("i32.ge_u").branchIf(1);
        f.get(v.row).i32(mostTerms).op("i32.add").tee(v.tile).get(v.end).get(v.tile).get(v.end);
        f.op("i32.lt_u", "select").tee(v.tile).get(v.tile).get(v.row).op("i32.sub").i32(1).op("i32.and", "i32.sub");
        f.set(v.pairs);
        f.get(v.row).for(
          v.row,
          () => f.get(v.pairs),
          2,
          () => [1, 2].forEach(() => add(places)),
        );
        f.get(v.row)
          .get(v.tile)
          .op("i32.lt_u")
          .if(() => add(places));
        f.get(v.tile).set(v.row);
        fold(places);
        f.branch(0);
      }),
    );
  };

  /** Stores the sums about 0: sum + n centre, and squares + centre (2 sum + n centre). */
  const store = (places: readonly number[]): void =>
    places.forEach((place, vector) => {
      (["low", "high"] as const).forEach((half, index) => {
        const [sum, square] = [at(first, vector)[half], at(second, vector)[half]];
        const offset = place * 8 + index * 16;
        f.get(at(centres, vector));
        if (index === 1) f.get(at(centres, vector)).shuffle(2, 3, 2, 3);
        f.op("f64x2.promote_low_f32x4").set(moved);
        f.get(v.target).get(sum).get(number).get(moved).op("f64x2.mul", "f64x2.add").memory("v128.store", offset);
        f.get(v.target).get(square).get(moved).get(sum).get(sum).op("f64x2.add");
        f.get(number).get(moved).op("f64x2.mul", "f64x2.add", "f64x2.mul", "f64x2.add");
        f.memory("v128.store", offset + channels * 8);
      });
    });

  f.get(kernelBegin).for(
    v.part,
    () => f.get(kernelEnd),
    1,
    () => {
      const run = { start: v.row, end: v.end };
      f.i32(0).set(v.count);
      eachRun(f, x.table, v.part, run, () => {
        f.get(v.count).get(v.end).op("i32.add").get(v.row).op("i32.sub").set(v.count);
        if (!touch) return;
        for (const row of [v.row, v.end]) f.get(x.pixels).get(row).get(x.pitch).op("i32.mul", "i32.add");
        f.get(kernelScratch).call(touch);
      });
      f.get(v.count).op("i32x4.splat", "f64x2.convert_low_i32x4_u").set(number);
      emitBlocks(f, channels, vectors, ({ vectors: list }, start) => {
        // A vector that was moved back may begin before the others.
        const back = Math.min(0, ...list);
        const places = list.map((place) => place - back);
        if (back < 0) f.get(start).i32(back).op("i32.add").set(start);
        centre(places, start);
        for (const local of [...sums, ...squares, ...[...first, ...second].flatMap(({ low, high }) => [low, high])])
          zero(local);
        eachRun(f, x.table, v.part, run, () => addRun(places, start));
        f.get(x.sums)
          .plus(v.part, channels * 16)
          .plus(start, 8)
          .set(v.target);
        store(places);
      });
    },
  );
}

/** Argument words: what the parts come to, the mean, the variance, the number of parts and that of all pixels. One unit is four channels. */
export function joinMomentsKernel(channels: number): Kernel {
  return {
    key: `joinMoments ${channels}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => emitJoin(f, channels));
    },
  };
}

function emitJoin(f: FunctionBuilder, channels: number): void {
  const x = namedArguments(f, ["sums", "mean", "variance", "parts", "pixels"]);
  const v = namedLocals(f, "i32", ["unit", "start", "part", "address"]);
  const halves = Array.from({ length: 2 }, () => namedLocals(f, "v128", ["sum", "squares"]));
  const number = f.local("v128");
  const last = channels - 4;
  f.get(x.pixels).op("i32x4.splat", "f64x2.convert_low_i32x4_u").set(number);
  f.get(kernelBegin).for(
    v.unit,
    () => f.get(kernelEnd),
    1,
    () => {
      // The last four are moved back to lie inside.
      f.get(v.unit).i32(4).op("i32.mul").tee(v.start).i32(last).get(v.start).i32(last);
      f.op("i32.lt_u", "select").set(v.start);
      f.get(x.sums).plus(v.start, 8).set(v.address);
      for (const local of halves.flatMap(({ sum, squares }) => [sum, squares])) f.v128([0, 0, 0, 0]).set(local);
      f.i32(0).for(
        v.part,
        () => f.get(x.parts),
        1,
        () => {
          halves.forEach(({ sum, squares }, half) => {
            f.get(sum)
              .get(v.address)
              .memory("v128.load", half * 16)
              .op("f64x2.add")
              .set(sum);
            f.get(squares)
              .get(v.address)
              .memory("v128.load", half * 16 + channels * 8)
              .op("f64x2.add")
              .set(squares);
          });
          f.get(v.address)
            .i32(channels * 16)
            .op("i32.add")
            .set(v.address);
        },
      );
      for (const { sum, squares } of halves) {
        f.get(sum).get(number).op("f64x2.div").set(sum);
        f.get(squares).get(number).op("f64x2.div").get(sum).get(sum).op("f64x2.mul", "f64x2.sub");
        f.v128([0, 0, 0, 0]).op("f64x2.pmax").set(squares);
      }
      for (const [target, name] of [
        [x.mean, "sum"],
        [x.variance, "squares"],
      ] as const) {
        f.get(target).plus(v.start, 4);
        for (const half of halves) f.get(half[name]).op("f32x4.demote_f64x2_zero");
        f.shuffle(0, 1, 4, 5).memory("v128.store");
      }
    },
  );
}
