// Max pooling, with the winners' places.
import { emitMaxPoolValues } from "./max-pool-values.ts";
import { isSeparable, overPlaces, taps, vectorSizes, type WindowSpec } from "./max-pool-windows.ts";
import type { ModuleBuilder } from "../wasm/assembler.ts";
import { at, sizeOf, stridesOf } from "@stria/core";
import type { FunctionBuilder } from "../wasm/function.ts";
import { loadVector } from "../loops/access.ts";
import { floatBits } from "../loops/vector.ts";
import {
  kernelArguments,
  kernelBegin,
  kernelEnd,
  kernelParameters,
  namedArguments,
  namedLocals,
  type Kernel,
} from "./kernel.ts";

/**
 * Argument words: input (padded where `vectorSizes` says so), values, indices where they are wanted. One unit is the plane of one channel of one
 * image.
 */
export function maxPoolKernel(spec: WindowSpec, withIndices: boolean): Kernel {
  return {
    key: `maxPool ${withIndices ? "indices" : ""} ${JSON.stringify(spec)}`,
    emit: (module, name) => emitMaxPool(module, name, spec, withIndices),
  };
}

function emitMaxPool(module: ModuleBuilder, name: string, spec: WindowSpec, withIndices: boolean): void {
  if (!withIndices && isSeparable(spec)) return emitMaxPoolValues(module, name, spec);
  const sizes = withIndices ? vectorSizes(spec) : undefined;
  module.function(name, kernelParameters, [], (f) =>
    sizes ? emitFour(f, spec, sizes) : emitSingle(f, spec, withIndices),
  );
}

/** Pushes the address of the indices. */
function pushIndices(f: FunctionBuilder): FunctionBuilder {
  return f.get(kernelArguments).memory("i32.load", 8);
}

/** Four neighbouring windows at a time; none leaves the padded plane. */
function emitFour(f: FunctionBuilder, spec: WindowSpec, sizes: readonly number[]): void {
  const { input, output, kernel, stride, dilation, before } = spec;
  const x = namedArguments(f, ["input", "values"]);
  const v = namedLocals(f, "i32", ["plane", "row", "column", "start", "address", "place", "inside", "target"]);
  const { best, winner, value, take } = namedLocals(f, "v128", ["best", "winner", "value", "take"]);
  const last = input.length - 1;
  const [pitch, readPitch] = [stridesOf(input), stridesOf(sizes)];
  const width = at(output, last);
  const step = at(stride, last);
  const outer = output.slice(0, -1);
  const places = outer.map(() => f.local("i32"));
  const isPadded = sizes.some((size, axis) => size !== at(input, axis));
  const offsetOf = (tap: readonly number[], strides: readonly number[]): number =>
    tap.reduce((sum, k, axis) => sum + k * at(dilation, axis) * at(strides, axis), 0);

  const loadTap = (offset: number): void => {
    const bytes = offset * 4;
    if (step !== 2) return loadVector(f, "float32", v.address, step, 4, bytes);
    const secondHalf = bytes + 16;
    f.get(v.address).memory("v128.load", bytes).get(v.address).memory("v128.load", secondHalf).shuffle(0, 2, 4, 6);
  };

  /** Sets `place` to where the first window starts in the unpadded plane, maybe outside, and `inside` to how much further its first element is. */
  const findPlace = (): void => {
    f.i32(0).set(v.place).i32(0).set(v.inside);
    places.forEach((place, axis) => {
      const [jump, left, length] = [at(stride, axis) * at(pitch, axis), at(before, axis), at(pitch, axis)];
      f.get(v.place).plus(place, jump).set(v.place);
      if (left === 0) return;
      const skipped = left * length;
      f.get(v.place).i32(skipped).op("i32.sub").set(v.place);
      // max(0, before - place * stride) steps along this axis.
      const negative = -at(stride, axis);
      f.i32(left).plus(place, negative).tee(v.target).i32(0).get(v.target).i32(0).op("i32.gt_s", "select");
      f.i32(length).op("i32.mul").get(v.inside).op("i32.add").set(v.inside);
    });
  };

  /** The target of four values, from the row and the column of the first. */
  const setTarget = (): void =>
    void f.get(v.row).i32(width).op("i32.mul").get(v.start).op("i32.add").i32(4).op("i32.mul").set(v.target);

  /** Four windows, from column `start`. */
  const windows = (): void => {
    f.get(x.input).plus(v.plane, sizeOf(sizes) * 4);
    places.forEach((place, axis) => f.plus(place, at(stride, axis) * at(readPitch, axis) * 4));
    f.plus(v.start, step * 4).set(v.address);
    const [negative, left] = [-step, at(before, last)];
    // Behind padding, the first element that is none wins unless another one is larger; else the first element of all.
    f.get(v.start).i32(negative).op("i32.mul", "i32x4.splat");
    f.v128([left, left - step, left - 2 * step, left - 3 * step]).op("i32x4.add");
    f.v128([0, 0, 0, 0]).op("i32x4.max_s").get(v.inside).op("i32x4.splat", "i32x4.add").set(winner);
    const lowest = floatBits(-Infinity);
    f.v128([lowest, lowest, lowest, lowest]).set(best);
    for (const [index, tap] of taps(kernel).entries()) {
      const offset = offsetOf(tap, pitch);
      loadTap(offsetOf(tap, readPitch));
      if (index === 0 && !isPadded) {
        f.set(best);
        continue;
      }
      f.set(value);
      // Larger, or the first NaN: a best that is NaN is beaten by nothing.
      f.get(best).get(best).op("f32x4.eq").get(value).get(best).op("f32x4.le", "v128.andnot").set(take);
      f.get(value).get(best).get(take).op("v128.bitselect").set(best);
      f.v128([offset, offset, offset, offset]).get(winner).get(take).op("v128.bitselect").set(winner);
    }
    setTarget();
    f.get(x.values).get(v.target).op("i32.add").get(best).memory("v128.store");
    pushIndices(f).get(v.target).op("i32.add").get(winner);
    f.get(v.place).plus(v.start, step).op("i32x4.splat", "i32x4.add");
    f.v128([-left, step - left, 2 * step - left, 3 * step - left])
      .op("i32x4.add")
      .memory("v128.store");
  };

  const lastStart = width - 4;
  const rowsOfPlane = sizeOf(outer);
  f.get(kernelBegin).for(
    v.plane,
    () => f.get(kernelEnd),
    1,
    () => {
      f.get(v.plane).i32(rowsOfPlane).op("i32.mul").set(v.row);
      overPlaces(f, outer, places, 0, () => {
        findPlace();
        f.i32(0).for(
          v.column,
          () => f.i32(width),
          4,
          () => {
            // The last four are moved back to lie inside.
            f.get(v.column).i32(lastStart).get(v.column).i32(lastStart).op("i32.lt_u", "select").set(v.start);
            windows();
          },
        );
        f.get(v.row).i32(1).op("i32.add").set(v.row);
      });
    },
  );
}

/** Window by window and element by element, leaving out what lies in the padding. */
function emitSingle(
  f: FunctionBuilder,
  { input, output, kernel, stride, dilation, before }: WindowSpec,
  withIndices: boolean,
): void {
  const { input: x, values } = namedArguments(f, ["input", "values"]);
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
        if (withIndices) pushIndices(f).get(v.target).op("i32.add").get(v.winner).memory("i32.store");
        f.get(v.target).i32(4).op("i32.add").set(v.target);
      });
    },
  );
}
