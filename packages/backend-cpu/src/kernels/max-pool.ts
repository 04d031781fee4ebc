// Max pooling, with the winners' places.
import { at, sizeOf, stridesOf } from "@stria/core";
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { loadVector } from "../loops/access.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

export interface WindowSpec {
  /** Spatial sizes of the input and the output. */
  readonly input: readonly number[];
  readonly output: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before each axis. */
  readonly before: readonly number[];
}

/** Kernels with more elements than this are not unrolled. */
const mostUnrolled = 49;

function insideEverywhere({ input, output, kernel, stride, dilation, before }: WindowSpec): boolean {
  return input.every(
    (size, axis) =>
      at(before, axis) === 0 &&
      (at(output, axis) - 1) * at(stride, axis) + (at(kernel, axis) - 1) * at(dilation, axis) < size,
  );
}

/** Argument words: input, values, indices. One unit is the plane of one channel of one image. */
export function maxPoolKernel(spec: WindowSpec): Kernel {
  const vector = insideEverywhere(spec) && (spec.output.at(-1) ?? 0) >= 4 && sizeOf(spec.kernel) <= mostUnrolled;
  return {
    key: `maxPool ${JSON.stringify(spec)}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => (vector ? emitInside(f, spec) : emitPadded(f, spec)));
    },
  };
}

/** Nested loops over the places of the output, the last axis in the hands of `body`. */
function overPlaces(
  f: FunctionBuilder,
  sizes: readonly number[],
  places: readonly Local[],
  axis: number,
  body: () => void,
): void {
  if (axis === sizes.length) return body();
  f.i32(0).for(
    at(places, axis),
    () => f.i32(at(sizes, axis)),
    1,
    () => overPlaces(f, sizes, places, axis + 1, body),
  );
}

/** All elements of the kernel: their coordinates, row-major. */
function taps(kernel: readonly number[]): number[][] {
  return kernel.reduce<number[][]>(
    (list, size) => list.flatMap((tap) => Array.from({ length: size }, (_, k) => [...tap, k])),
    [[]],
  );
}

/** No window leaves the input: four neighbouring windows at a time. */
function emitInside(f: FunctionBuilder, { input, output, kernel, stride, dilation }: WindowSpec): void {
  const { input: x, values, indices } = namedArguments(f, ["input", "values", "indices"]);
  const v = namedLocals(f, "i32", ["plane", "row", "column", "start", "address", "place", "target"]);
  const { best, winner, value, take } = namedLocals(f, "v128", ["best", "winner", "value", "take"]);
  const last = input.length - 1;
  const pitch = stridesOf(input);
  const width = at(output, last);
  const step = at(stride, last);
  const outer = output.slice(0, -1);
  const places = outer.map(() => f.local("i32"));
  const loadTap = (offset: number): void => {
    if (step !== 2) return loadVector(f, "float32", v.address, step, 4, offset * 4);
    f.get(v.address)
      .memory("v128.load", offset * 4)
      .get(v.address)
      .memory("v128.load", offset * 4 + 16)
      .shuffle(0, 2, 4, 6);
  };
  f.get(kernelBegin).for(
    v.plane,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(v.plane).i32(sizeOf(outer)).op("i32.mul").set(v.row);
      overPlaces(f, outer, places, 0, () => {
        f.i32(0).for(
          v.column,
          () => f.i32(width),
          4,
          () => {
            // The last four are moved back to lie inside.
            f.get(v.column)
              .i32(width - 4)
              .get(v.column)
              .i32(width - 4)
              .op("i32.lt_u", "select")
              .set(v.start);
            f.get(v.start).i32(step).op("i32.mul");
            places.forEach((place, axis) => f.plus(place, at(stride, axis) * at(pitch, axis)));
            f.set(v.place);
            f.get(x)
              .get(v.plane)
              .i32(sizeOf(input))
              .op("i32.mul")
              .get(v.place)
              .op("i32.add")
              .i32(4)
              .op("i32.mul", "i32.add")
              .set(v.address);
            taps(kernel).forEach((tap, index) => {
              const offset = tap.reduce((sum, k, axis) => sum + k * at(dilation, axis) * at(pitch, axis), 0);
              if (index === 0) {
                loadTap(offset);
                f.set(best).v128([0, 0, 0, 0]).set(winner);
                return;
              }
              loadTap(offset);
              f.set(value);
              // Larger, or the first NaN: a best that is NaN is beaten by nothing.
              f.get(best).get(best).op("f32x4.eq").get(value).get(best).op("f32x4.le", "v128.andnot").set(take);
              f.get(value).get(best).get(take).op("v128.bitselect").set(best);
              f.v128([offset, offset, offset, offset]).get(winner).get(take).op("v128.bitselect").set(winner);
            });
            f.get(v.row).i32(width).op("i32.mul").get(v.start).op("i32.add").i32(4).op("i32.mul").set(v.target);
            f.get(values).get(v.target).op("i32.add").get(best).memory("v128.store");
            f.get(indices)
              .get(v.target)
              .op("i32.add")
              .get(winner)
              .get(v.place)
              .op("i32x4.splat", "i32x4.add")
              .v128([0, step, 2 * step, 3 * step])
              .op("i32x4.add")
              .memory("v128.store");
          },
        );
        f.get(v.row).i32(1).op("i32.add").set(v.row);
      });
    },
  );
}

/** Any window: element by element, leaving out what lies in the padding. */
function emitPadded(f: FunctionBuilder, { input, output, kernel, stride, dilation, before }: WindowSpec): void {
  const { input: x, values, indices } = namedArguments(f, ["input", "values", "indices"]);
  const v = namedLocals(f, "i32", ["plane", "target", "winner", "place"]);
  const { best, value } = namedLocals(f, "f32", ["best", "value"]);
  const places = output.map(() => f.local("i32"));
  const elements = kernel.map(() => f.local("i32"));
  const coordinates = input.map(() => f.local("i32"));
  const pitch = stridesOf(input);
  const overWindow = (axis: number): void => {
    if (axis < input.length) {
      f.i32(0).for(
        at(elements, axis),
        () => f.i32(at(kernel, axis)),
        1,
        () => {
          f.get(at(places, axis)).i32(at(stride, axis)).op("i32.mul").i32(at(before, axis)).op("i32.sub");
          f.plus(at(elements, axis), at(dilation, axis)).tee(at(coordinates, axis));
          f.i32(at(input, axis))
            .op("i32.lt_u")
            .if(() => overWindow(axis + 1));
        },
      );
      return;
    }
    f.i32(0);
    coordinates.forEach((coordinate, k) => f.plus(coordinate, at(pitch, k)));
    f.set(v.place);
    f.get(x)
      .get(v.plane)
      .i32(sizeOf(input))
      .op("i32.mul")
      .get(v.place)
      .op("i32.add")
      .i32(4)
      .op("i32.mul", "i32.add")
      .memory("f32.load")
      .set(value);
    f.get(v.winner)
      .i32(0)
      .op("i32.lt_s")
      .get(value)
      .get(best)
      .op("f32.le", "i32.eqz")
      .get(best)
      .get(best)
      .op("f32.eq", "i32.and", "i32.or");
    f.if(() => f.get(value).set(best).get(v.place).set(v.winner));
  };
  f.get(kernelBegin)
    .i32(sizeOf(output) * 4)
    .op("i32.mul")
    .set(v.target);
  f.get(kernelBegin).for(
    v.plane,
    () => f.get(kernelEnd),
    1,
    () => {
      overPlaces(f, output, places, 0, () => {
        f.i32(-1).set(v.winner).f32(0).set(best);
        overWindow(0);
        f.get(values).get(v.target).op("i32.add").get(best).memory("f32.store");
        f.get(indices).get(v.target).op("i32.add").get(v.winner).memory("i32.store");
        f.get(v.target).i32(4).op("i32.add").set(v.target);
      });
    },
  );
}
