// Walking over pixels and over the windows that slide above them, where pixels lie one behind the other and a unit of work is one of them.
import { at, sizeOf, stridesOf } from "@stria/core";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { kernelBegin, kernelEnd } from "../kernel.ts";

/** Windows over the spatial axes. */
export interface WindowGeometry {
  readonly channels: number;
  /** Spatial sizes of what the windows lie on, and how many windows there are. */
  readonly input: readonly number[];
  readonly places: readonly number[];
  readonly kernel: readonly number[];
  readonly stride: readonly number[];
  readonly dilation: readonly number[];
  /** Padding before each axis. */
  readonly before: readonly number[];
}

/** Emits the units of a kernel: pixel by pixel of images of `sizes`, `changed` wherever a coordinate has moved, `body` with the number of the image. */
export function overPixels(
  f: FunctionBuilder,
  sizes: readonly number[],
  changed: (axis: number, coordinate: Local) => void,
  body: (unit: Local, image: Local) => void,
): void {
  const [unit, image] = [f.local("i32"), f.local("i32")];
  const coordinates = sizes.map(() => f.local("i32"));
  f.get(kernelBegin).set(image);
  for (const [axis, coordinate] of [...coordinates.entries()].toReversed()) {
    const size = at(sizes, axis);
    f.get(image).i32(size).op("i32.rem_u").set(coordinate).get(image).i32(size).op("i32.div_u").set(image);
  }
  for (const [axis, coordinate] of coordinates.entries()) changed(axis, coordinate);
  const carry = (axis: number): void => {
    const coordinate = coordinates[axis];
    if (coordinate === undefined) return void f.get(image).i32(1).op("i32.add").set(image);
    f.get(coordinate).i32(1).op("i32.add").tee(coordinate).i32(at(sizes, axis)).op("i32.eq");
    f.if(() => {
      f.i32(0).set(coordinate);
      carry(axis - 1);
    });
    changed(axis, coordinate);
  };
  f.get(kernelBegin).for(
    unit,
    () => f.get(kernelEnd),
    1,
    () => {
      body(unit, image);
      carry(sizes.length - 1);
    },
  );
}

/** Sets `target` to the smaller of what `push` pushes, signed, and a constant. */
function setLeast(f: FunctionBuilder, target: Local, most: number): void {
  f.tee(target).i32(most).get(target).i32(most).op("i32.lt_s", "select").set(target);
}

/** Sets `target` to ceil(<on the stack> / divisor), or 0 where that is negative. */
function setQuotient(f: FunctionBuilder, target: Local, divisor: number): void {
  f.set(target);
  f.get(target).i32(0).get(target).i32(0).op("i32.gt_s", "select");
  if (divisor > 1)
    f.i32(divisor - 1)
      .op("i32.add")
      .i32(divisor)
      .op("i32.div_u");
  f.set(target);
}

/** One element of a window that lies inside as a whole: its distance from the first, in bytes and in pixels. */
interface Tap {
  readonly bytes: number;
  readonly pixels: number;
}

/** The elements of one window. */
export class WindowTaps {
  readonly #f: FunctionBuilder;
  readonly #g: WindowGeometry;
  readonly #pitch: readonly number[];
  /** For each axis: coordinate of the first element, maybe outside; first and one past the last element that lies inside; whether all do. */
  readonly #axes: readonly {
    readonly first: Local;
    readonly low: Local;
    readonly high: Local;
    readonly whole: Local;
  }[];
  /** Axes along which every window lies inside. */
  readonly #inside: readonly boolean[];

  constructor(f: FunctionBuilder, g: WindowGeometry) {
    this.#f = f;
    this.#g = g;
    this.#pitch = stridesOf(g.input);
    this.#axes = g.input.map(() => ({
      first: f.local("i32"),
      low: f.local("i32"),
      high: f.local("i32"),
      whole: f.local("i32"),
    }));
    this.#inside = g.input.map((size, axis) => {
      const extent = (at(g.kernel, axis) - 1) * at(g.dilation, axis) + 1;
      return at(g.before, axis) === 0 && (at(g.places, axis) - 1) * at(g.stride, axis) + extent <= size;
    });
  }

  get alwaysWhole(): boolean {
    return this.#inside.every(Boolean);
  }

  /** The rule for `overPixels` over the windows' places. */
  moved(axis: number, coordinate: Local): void {
    const { first, low, high, whole } = at(this.#axes, axis);
    const [kernel, dilation] = [at(this.#g.kernel, axis), at(this.#g.dilation, axis)];
    const f = this.#f;
    f.get(coordinate)
      .i32(at(this.#g.stride, axis))
      .op("i32.mul")
      .i32(at(this.#g.before, axis))
      .op("i32.sub")
      .set(first);
    if (at(this.#inside, axis)) return void f.i32(kernel).set(high);
    f.i32(0).get(first).op("i32.sub");
    setQuotient(f, low, dilation);
    f.i32(at(this.#g.input, axis)).get(first).op("i32.sub");
    setQuotient(f, high, dilation);
    f.get(high);
    setLeast(f, high, kernel);
    f.get(low).op("i32.eqz").get(high).i32(kernel).op("i32.eq", "i32.and").set(whole);
  }

  /** Pushes whether the whole window lies inside. */
  pushWhole(): void {
    this.#f.i32(1);
    this.#axes.forEach(({ whole }, axis) => {
      if (!at(this.#inside, axis)) this.#f.get(whole).op("i32.and");
    });
  }

  /** Pushes the number of the pixel of the first element, maybe outside. */
  pushFirst(): void {
    this.#f.i32(0);
    this.#axes.forEach(({ first }, axis) => this.#f.plus(first, at(this.#pitch, axis)));
  }

  /** Pushes the number of the pixel of the first element that lies inside. */
  pushFirstInside(): void {
    this.#f.i32(0);
    this.#axes.forEach(({ first, low }, axis) => {
      const pitch = at(this.#pitch, axis);
      this.#f.plus(first, pitch).plus(low, pitch * at(this.#g.dilation, axis));
    });
  }

  /** Pushes the coordinate along an axis of element `tap`, or where it lies outside of the nearest that lies inside. */
  pushNearest(axis: number, tap: number, spare: Local): void {
    const f = this.#f;
    const { first, low, high } = at(this.#axes, axis);
    f.get(first).i32(tap);
    if (!at(this.#inside, axis)) {
      f.set(spare).get(spare).get(low).get(spare).get(low).op("i32.gt_s", "select").set(spare);
      f.get(high).i32(1).op("i32.sub").get(spare).get(spare).get(high).op("i32.ge_s", "select");
    }
    f.i32(at(this.#g.dilation, axis)).op("i32.mul", "i32.add");
  }

  /** All elements of a window that lies inside. */
  list(): Tap[] {
    const { kernel, dilation, channels } = this.#g;
    const pixels = kernel.reduce<number[]>(
      (list, size, axis) =>
        list.flatMap((before) =>
          Array.from({ length: size }, (_, k) => before + k * at(dilation, axis) * at(this.#pitch, axis)),
        ),
      [0],
    );
    return pixels.map((pixel) => ({ pixels: pixel, bytes: pixel * channels * 4 }));
  }

  /** Loops over the elements that lie inside; `body` gets the number of each one's pixel. */
  over(body: (pixel: Local) => void): void {
    const f = this.#f;
    const pixel = f.local("i32");
    const taps = this.#axes.map(() => f.local("i32"));
    const nest = (axis: number): void => {
      if (axis === taps.length) {
        f.i32(0);
        this.#axes.forEach(({ first }, k) => {
          f.get(first).plus(at(taps, k), at(this.#g.dilation, k));
          f.i32(at(this.#pitch, k)).op("i32.mul", "i32.add");
        });
        f.set(pixel);
        return body(pixel);
      }
      const { low, high } = at(this.#axes, axis);
      f.get(low).for(
        at(taps, axis),
        () => f.get(high),
        1,
        () => nest(axis + 1),
      );
    };
    nest(0);
  }
}

/** The windows that one pixel of the input is an element of. */
export class PixelWindows {
  readonly #f: FunctionBuilder;
  readonly #g: WindowGeometry;
  readonly #axes: readonly { readonly reach: Local; readonly low: Local; readonly high: Local }[];

  constructor(f: FunctionBuilder, g: WindowGeometry) {
    this.#f = f;
    this.#g = g;
    this.#axes = g.input.map(() => ({ reach: f.local("i32"), low: f.local("i32"), high: f.local("i32") }));
  }

  /** The rule for `overPixels` over the input's pixels. */
  moved(axis: number, coordinate: Local): void {
    const f = this.#f;
    const { reach, low, high } = at(this.#axes, axis);
    const { kernel, stride, dilation, before, places } = this.#g;
    const step = at(stride, axis);
    const extent = (at(kernel, axis) - 1) * at(dilation, axis);
    f.get(coordinate).i32(at(before, axis)).op("i32.add").tee(reach).i32(extent).op("i32.sub");
    setQuotient(f, low, step);
    f.get(reach);
    if (step > 1) f.i32(step).op("i32.div_u");
    f.i32(1).op("i32.add");
    setLeast(f, high, at(places, axis));
  }

  /** Loops over the windows; `body` gets the number of each one's place. */
  over(body: (place: Local) => void): void {
    const f = this.#f;
    const { places, kernel, stride, dilation } = this.#g;
    const pitch = stridesOf(places);
    const place = f.local("i32");
    const windows = this.#axes.map(() => f.local("i32"));
    const nest = (axis: number): void => {
      const axisOf = this.#axes[axis];
      if (!axisOf) {
        f.i32(0);
        windows.forEach((window, k) => f.plus(window, at(pitch, k)));
        f.set(place);
        return body(place);
      }
      const { reach, low, high } = axisOf;
      const window = at(windows, axis);
      const inside = (): void => {
        const gap = at(dilation, axis);
        if (gap === 1) return nest(axis + 1);
        // A pixel between two elements of the window belongs to neither.
        f.get(reach).get(window).i32(at(stride, axis)).op("i32.mul", "i32.sub").i32(gap).op("i32.rem_u", "i32.eqz");
        f.if(() => nest(axis + 1));
      };
      f.get(low);
      if ((at(kernel, axis) - 1) * at(dilation, axis) >= at(stride, axis)) {
        f.for(window, () => f.get(high), 1, inside);
        return;
      }
      f.tee(window).get(high).op("i32.lt_u").if(inside);
    };
    nest(0);
  }
}

/** A text that is equal for equal windows. */
export function windowKey(g: WindowGeometry): string {
  return [g.channels, g.input, g.places, g.kernel, g.stride, g.dilation, g.before].map(String).join("|");
}

/** Kernels with more elements than this are not unrolled. */
const mostUnrolled = 16;

export function isUnrolled({ kernel }: WindowGeometry): boolean {
  return sizeOf(kernel) <= mostUnrolled;
}
