// Max pooling over planes, of values alone: the largest of the rows of a window, column by column, then the largest of neighbouring columns of these.
import { at, sizeOf, stridesOf } from "@stria/core";
import { loadVector, storeVector } from "../loops/access.ts";
import { VectorMath, type Push } from "../loops/vector.ts";
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { byFours } from "./by-fours.ts";
import { kernelBegin, kernelEnd, kernelParameters, kernelScratch, namedArguments, namedLocals } from "./kernel.ts";
import { emitStreams, streamsOf } from "./max-pool-streams.ts";
import { overPlaces, scratchSizes, taps, type WindowSpec } from "./max-pool-windows.ts";

/** Rows that are read at once. */
const rowsAtOnce = 4;

/** Argument words: input, values. One unit is the plane of one channel of one image. */
export function emitMaxPoolValues(module: ModuleBuilder, name: string, spec: WindowSpec): void {
  const { input, output, before } = spec;
  const last = input.length - 1;
  const groups = inGroups(taps(spec.kernel.slice(0, -1)), rowsAtOnce);
  module.function(name, kernelParameters, [], (f) => {
    const x = namedArguments(f, ["input", "values"]);
    const v = namedLocals(f, "i32", ["plane", "source", "target", "row", "place", "nothing"]);
    const pointers = Array.from({ length: rowsAtOnce }, () => f.local("i32"));
    const outer = output.slice(0, -1);
    const places = outer.map(() => f.local("i32"));
    f.get(x.values)
      .plus(kernelBegin, sizeOf(output) * 4)
      .set(v.target);
    const { padded, whole } = scratchSizes(spec);
    f.get(kernelScratch)
      .i32(padded * 4)
      .op("i32.add")
      .set(v.nothing);
    fill(f, whole);
    f.get(kernelBegin).for(
      v.plane,
      () => f.get(kernelEnd),
      1,
      () => {
        f.get(x.input)
          .plus(v.plane, sizeOf(input) * 4)
          .set(v.source);
        overPlaces(f, outer, places, 0, () => {
          const pushTap = (tap: readonly number[], number: number): Local => {
            const row = at(pointers, number);
            pushRow(f, spec, { ...v, places }, tap);
            f.set(row);
            return row;
          };
          const exactly = (): void => {
            groups.forEach((group, index) => {
              f.get(kernelScratch)
                .i32(at(before, last) * 4)
                .op("i32.add")
                .set(v.row);
              emitDown(f, at(input, last), v.row, group.map(pushTap), index > 0);
            });
            f.get(kernelScratch).set(v.row);
            f.get(v.target).set(v.place);
            emitAcross(f, spec, v.row, v.place);
          };
          const streams = groups.length === 1 ? streamsOf(spec) : undefined;
          if (streams) {
            f.get(v.target).set(v.place);
            emitStreams(new VectorMath(f), streams, (groups[0] ?? []).map(pushTap), v.place);
            f.if(exactly);
          } else exactly();
          f.get(v.target)
            .i32(at(output, last) * 4)
            .op("i32.add")
            .set(v.target);
        });
      },
    );
  });
}

function inGroups<T>(list: readonly T[], most: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / most) }, (_, index) =>
    list.slice(index * most, (index + 1) * most),
  );
}

/** Fills scratch memory with what is larger than nothing. */
function fill(f: FunctionBuilder, elements: number): void {
  const place = f.local("i32");
  f.get(kernelScratch).for(
    place,
    () =>
      f
        .get(kernelScratch)
        .i32(elements * 4)
        .op("i32.add"),
    4,
    () => f.get(place).f32(-Infinity).memory("f32.store"),
  );
}

/** Pushes the address of a row of a window; where that is padding, of the row of nothing. */
function pushRow(
  f: FunctionBuilder,
  { input, output, stride, dilation, before }: WindowSpec,
  { source, nothing, places }: { source: Local; nothing: Local; places: readonly Local[] },
  tap: readonly number[],
): void {
  const pitch = stridesOf(input);
  const checks: (() => void)[] = [];
  f.get(source);
  places.forEach((place, axis) => {
    const [size, step] = [at(input, axis), at(stride, axis)];
    const start = at(tap, axis) * at(dilation, axis) - at(before, axis);
    const coordinate = f.local("i32");
    f.i32(start).plus(place, step).set(coordinate);
    f.plus(coordinate, at(pitch, axis) * 4);
    if (start < 0 || start + (at(output, axis) - 1) * step >= size)
      checks.push(() => f.get(coordinate).i32(size).op("i32.lt_u"));
  });
  if (checks.length === 0) return;
  f.get(nothing);
  checks.forEach((check, index) => {
    check();
    if (index > 0) f.op("i32.and");
  });
  f.op("select");
}

/** Pushes the largest of what is loaded, NaN where any is. */
function pushLargest(math: VectorMath, loads: readonly Push[]): void {
  const [first, ...others] = loads;
  first?.();
  const best = math.f.local("v128");
  for (const load of others) {
    math.f.set(best);
    math.max(math.read(best), load)();
  }
}

/** Vectors in one turn of a loop. */
const unroll = 4;

/** The largest of some rows, column by column, and of what is at the target if it continues. All are moved on. */
function emitDown(f: FunctionBuilder, width: number, target: Local, rows: readonly Local[], continues: boolean): void {
  const math = new VectorMath(f);
  const pointers = [target, ...rows].map((pointer) => [pointer, 4] as const);
  byFours(f, width, pointers, unroll, (lanes, place) => {
    const load =
      (row: Local): Push =>
      () =>
        void f.get(row).memory("v128.load", place * 4);
    const largest = (): void => pushLargest(math, [...(continues ? [target] : []), ...rows].map(load));
    storeVector(f, "float32", target, 1, lanes, largest, place * 4);
  });
}

/** The largest of neighbouring columns of a padded row. Both are moved on. */
function emitAcross(
  f: FunctionBuilder,
  { output, kernel, stride, dilation }: WindowSpec,
  row: Local,
  target: Local,
): void {
  const math = new VectorMath(f);
  const last = output.length - 1;
  const [step, gap] = [at(stride, last), at(dilation, last)];
  const pointers = [
    [row, step * 4],
    [target, 4],
  ] as const;
  byFours(f, at(output, last), pointers, unroll, (lanes, place) => {
    const load =
      (tap: number): Push =>
      () => {
        const bytes = (place * step + tap * gap) * 4;
        if (step !== 2) return loadVector(f, "float32", row, step, lanes, bytes);
        f.get(row)
          .memory("v128.load", bytes)
          .get(row)
          .memory("v128.load", bytes + 16)
          .shuffle(0, 2, 4, 6);
      };
    const columns = Array.from({ length: at(kernel, last) }, (_, tap) => load(tap));
    storeVector(f, "float32", target, 1, lanes, () => pushLargest(math, columns), place * 4);
  });
}
