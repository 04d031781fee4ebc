// The largest elements of windows, row of windows by row. Each column of a window is done once: the windows beside it that overlap share it.
import { at, sizeOf, stridesOf } from "@stria/core";
import { floatBits, VectorMath } from "../../loops/vector.ts";
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { kernelParameters, namedArguments, namedLocals } from "../kernel.ts";
import { channelBlock, loadChannels, overBlocks, storeChannels } from "./channels.ts";
import { overPixels, WindowTaps, type WindowGeometry } from "./places.ts";

/** Vectors of columns and results that are kept at once. */
const mostKept = 12;

/** Columns that a window has in common with the next. */
function sharedColumns({ kernel, stride, dilation }: WindowGeometry): number {
  if (dilation.at(-1) !== 1) return 0;
  const shared = Math.max(0, (kernel.at(-1) ?? 1) - (stride.at(-1) ?? 1));
  return shared > 4 ? 0 : shared;
}

/** Argument words: input, values. One unit is one row of windows, all channels. */
export function emitMaxPoolRows(module: ModuleBuilder, name: string, g: WindowGeometry): void {
  module.function(name, kernelParameters, [], (f) => emit(f, g));
}

function emit(f: FunctionBuilder, g: WindowGeometry): void {
  const v = new VectorMath(f);
  const { input, values } = namedArguments(f, ["input", "values"]);
  const { offset, place, column, ahead, target, image, source } = namedLocals(f, "i32", [
    "offset",
    "place",
    "column",
    "ahead",
    "target",
    "image",
    "source",
  ]);
  const last = g.input.length - 1;
  const [width, kernel, step, gap] = [at(g.places, last), at(g.kernel, last), at(g.stride, last), at(g.dilation, last)];
  const pixelBytes = g.channels * 4;
  const imageBytes = sizeOf(g.input) * pixelBytes;
  const shared = sharedColumns(g);
  const block = channelBlock(g.channels, Math.min(4, Math.floor(mostKept / (shared + 2))));
  const vectors = (): Local[] => block.vectors.map(() => f.local("v128"));
  const [best, made] = [vectors(), vectors()];
  // The largest magnitudes, as integers: those of NaN are beyond infinity's.
  const peaks = vectors();
  const kept = Array.from({ length: shared }, vectors);
  const mask = f.local("v128");
  const taps = new WindowTaps(f, g);
  const rows = Array.from({ length: sizeOf(g.kernel.slice(0, -1)) }, () => f.local("i32"));
  const each = (list: readonly Local[], body: (local: Local, vector: number) => void): void => list.forEach(body);
  const lowest = floatBits(-Infinity);

  /** Addresses of the rows that the windows reach. One in the padding is replaced by another of the same windows: the largest stays what it is. */
  const findRows = (): void => {
    const pitch = stridesOf(g.input);
    const tap = f.local("i32");
    const strides = stridesOf(g.kernel.slice(0, -1));
    rows.forEach((row, index) => {
      f.get(input).plus(image, imageBytes);
      strides.forEach((stride, axis) => {
        const number = Math.floor(index / stride) % at(g.kernel, axis);
        taps.pushNearest(axis, number, tap);
        f.i32(at(pitch, axis) * pixelBytes).op("i32.mul", "i32.add");
      });
      f.get(offset).op("i32.add").set(row);
    });
  };

  /** The largest elements of column `number` of the window at `column`, or -Infinity in the padding. */
  const makeColumn = (number: number, inside: boolean): void => {
    const visit = (): void => {
      rows.forEach((row, index) => {
        f.get(row).get(ahead).op("i32.add").set(source);
        each(made, (largest, vector) => {
          const value = v.keep(() => loadChannels(f, block, vector, source, inside ? number * gap * pixelBytes : 0));
          const peak = at(peaks, vector);
          v.op("i32x4.max_s", v.read(peak), v.op("v128.and", value, v.read(mask)))();
          f.set(peak);
          if (index === 0) value();
          else v.op("f32x4.pmax", v.read(largest), value)();
          f.set(largest);
        });
      });
    };
    if (inside) {
      f.get(column).i32(pixelBytes).op("i32.mul").set(ahead);
      return visit();
    }
    each(made, (vector) => f.v128([lowest, lowest, lowest, lowest]).set(vector));
    f.get(column)
      .i32(number * gap)
      .op("i32.add")
      .tee(ahead)
      .i32(at(g.input, last))
      .op("i32.lt_u")
      .if(() => {
        f.get(ahead).i32(pixelBytes).op("i32.mul").set(ahead);
        visit();
      });
  };

  /** The next window, of which the first columns are kept from the one before. */
  const window = (inside: boolean): void => {
    let begun = false;
    const include = (list: readonly Local[]): void => {
      each(best, (largest, vector) => {
        if (begun) v.op("f32x4.pmax", v.read(largest), v.read(at(list, vector)))();
        else f.get(at(list, vector));
        f.set(largest);
      });
      begun = true;
    };
    kept.forEach(include);
    for (let number = shared; number < kernel; number++) {
      makeColumn(number, inside);
      include(made);
      kept.forEach((list, index) =>
        each(list, (local, vector) => f.get(at(kept[index + 1] ?? made, vector)).set(local)),
      );
    }
    each(best, (largest, vector) => storeChannels(f, block, vector, target, v.read(largest)));
    f.get(target).i32(pixelBytes).op("i32.add").set(target);
    f.get(column).i32(step).op("i32.add").set(column);
  };

  /** Windows from the first on that touch the padding before; then those that do not; then the others. */
  const firstInside = Math.min(width, Math.ceil(at(g.before, last) / step));
  const lastInside = Math.floor((at(g.input, last) - 1 - (kernel - 1) * gap + at(g.before, last)) / step);
  const afterInside = Math.max(firstInside, Math.min(width, lastInside + 1));

  const row = (): void => {
    each(peaks, (peak) => f.v128([0, 0, 0, 0]).set(peak));
    v.integer(0x7fffffff)();
    f.set(mask);
    f.i32(-at(g.before, last)).set(column);
    kept.forEach((list, number) => {
      makeColumn(number, false);
      each(list, (local, vector) => f.get(at(made, vector)).set(local));
    });
    const ranges = [
      [0, firstInside, false],
      [firstInside, afterInside, true],
      [afterInside, width, false],
    ] as const;
    for (const [from, to, inside] of ranges) {
      if (from === to) continue;
      f.i32(from).for(
        place,
        () => f.i32(to),
        1,
        () => window(inside),
      );
    }
  };

  /** The same with the rule for NaN: it beats all but itself. */
  const exactRow = (): void => {
    f.i32(0).for(
      place,
      () => f.i32(width),
      1,
      () => {
        taps.moved(last, place);
        each(best, (largest) => f.v128([lowest, lowest, lowest, lowest]).set(largest));
        f.get(input).plus(image, imageBytes).get(offset).op("i32.add").set(column);
        taps.over((pixel) => {
          f.get(column).plus(pixel, pixelBytes).set(source);
          each(best, (largest, vector) => {
            v.max(v.read(largest), () => loadChannels(f, block, vector, source))();
            f.set(largest);
          });
        });
        each(best, (largest, vector) => storeChannels(f, block, vector, target, v.read(largest)));
        f.get(target).i32(pixelBytes).op("i32.add").set(target);
      },
    );
  };

  overPixels(
    f,
    g.places.slice(0, -1),
    (axis, coordinate) => taps.moved(axis, coordinate),
    (unit, images) => {
      f.get(images).set(image);
      const setTarget = (): void =>
        void f
          .get(values)
          .plus(unit, width * pixelBytes)
          .get(offset)
          .op("i32.add")
          .set(target);
      overBlocks(f, block, offset, () => {
        setTarget();
        findRows();
        row();
        const highest = v.keep(
          peaks.slice(1).reduce((push, peak) => v.op("i32x4.max_s", push, v.read(peak)), v.read(at(peaks, 0))),
        );
        v.op("i32x4.gt_s", highest, v.integer(floatBits(Infinity)))();
        f.op("v128.any_true");
        f.if(() => {
          setTarget();
          exactRow();
        });
      });
    },
  );
}
