// Convolution, its gradients and pooling over 1, 2 and 3 axes, against loops that follow the definitions tap by tap.
import { type Shape, at, sizeOf } from "@stria/core";
import type { Case } from "./case.ts";
import { type Dice, type Value, coordinatesOf, make, read } from "./value.ts";

interface Window {
  readonly kernel: number[];
  readonly stride: number[];
  readonly dilation: number[];
  readonly padding: [number, number][];
}

function drawWindow(dice: Dice, axes: number, largest: number): Window {
  const kernel = dice.shape(axes, 1, largest);
  return {
    kernel,
    stride: dice.shape(axes, 1, 3),
    dilation: dice.shape(axes, 1, 2),
    padding: kernel.map(() => [dice.whole(0, 2), dice.whole(0, 2)]),
  };
}

function extent({ kernel, dilation }: Window, axis: number): number {
  return at(dilation, axis) * (at(kernel, axis) - 1) + 1;
}

/** Spatial sizes that the window fits on. */
function drawPlane(dice: Dice, window: Window): number[] {
  return window.kernel.map((_, axis) => {
    const [before, after] = at(window.padding, axis);
    return Math.max(1, extent(window, axis) - before - after) + dice.whole(0, 5);
  });
}

function countPlaces(window: Window, plane: readonly number[]): number[] {
  return plane.map((length, axis) => {
    const [before, after] = at(window.padding, axis);
    return Math.floor((length + before + after - extent(window, axis)) / at(window.stride, axis)) + 1;
  });
}

/** Where tap `tap` of the window at `place` looks. */
function look({ stride, dilation, padding }: Window, place: readonly number[], tap: readonly number[]): number[] {
  return place.map((k, axis) => k * at(stride, axis) - at(padding, axis)[0] + at(tap, axis) * at(dilation, axis));
}

/** Every (image, output channel, place, channel within the group, tap) of a convolution, and where its tap looks. */
function* products(
  x: Shape,
  w: Shape,
  places: Shape,
  window: Window,
  groups: number,
): Generator<{ y: number[]; x: number[]; w: number[] }> {
  const outPerGroup = at(w, 0) / groups;
  const taps = coordinatesOf(window.kernel);
  for (const [image = 0, out = 0, ...place] of coordinatesOf([at(x, 0), at(w, 0), ...places]))
    for (let channel = 0; channel < at(w, 1); channel++)
      for (const tap of taps) {
        const group = Math.floor(out / outPerGroup);
        yield {
          y: [image, out, ...place],
          x: [image, group * at(w, 1) + channel, ...look(window, place, tap)],
          w: [out, channel, ...tap],
        };
      }
}

function accumulate(shape: Shape, terms: Iterable<readonly [number[], number]>): Value {
  const sums = new Map<string, number>();
  for (const [place, term] of terms) sums.set(place.join(), (sums.get(place.join()) ?? 0) + term);
  return make(shape, "float32", (place) => sums.get(place.join()) ?? 0);
}

/** One convolution, its transpose and its weight gradient, for the same drawn shapes. */
export function convolutions(
  dice: Dice,
  batch: number,
  channels: number,
  outputs: number,
  groups: number,
  window: Window,
): Case[] {
  const plane = drawPlane(dice, window);
  const places = countPlaces(window, plane);
  const x = dice.value([batch, channels, ...plane], "float32");
  const w = dice.value([outputs, channels / groups, ...window.kernel], "float32");
  const dy = dice.value([batch, outputs, ...places], "float32");
  const { kernel, ...attrs } = { ...window, groups };
  const all = [...products(x.shape, w.shape, places, window, groups)];
  const y = accumulate(
    dy.shape,
    all.map((term) => [term.y, read(x, term.x) * read(w, term.w)]),
  );
  const dw = accumulate(
    w.shape,
    all.map((term) => [term.w, read(x, term.x) * read(dy, term.y)]),
  );
  const leftOver = plane.map(
    (length, axis) =>
      length -
      ((at(places, axis) - 1) * at(window.stride, axis) -
        at(window.padding, axis)[0] -
        at(window.padding, axis)[1] +
        extent(window, axis)),
  );
  const dx = accumulate(
    x.shape,
    all.map((term) => [term.x, read(w, term.w) * read(dy, term.y)]),
  );
  const tolerance = 4e-5;
  return [
    { op: "conv", inputs: [x, w], attrs, expected: [y], tolerance },
    { op: "convTranspose", inputs: [dy, w], attrs: { ...attrs, outputPadding: leftOver }, expected: [dx], tolerance },
    { op: "convWeightGradient", inputs: [x, dy], attrs: { ...attrs, kernel }, expected: [dw], tolerance },
  ];
}

export function convolutionCases(dice: Dice, count: number): Case[] {
  const cases: Case[] = [];
  for (let k = 0; k < count; k++) {
    const axes = (k % 3) + 1;
    const groups = dice.pick([1, 1, 2, 3]);
    const perGroup = dice.whole(1, axes === 3 ? 2 : 4);
    cases.push(
      ...convolutions(
        dice,
        dice.whole(1, 3),
        groups * perGroup,
        groups * dice.whole(1, axes === 3 ? 3 : 6),
        groups,
        drawWindow(dice, axes, axes === 3 ? 2 : 4),
      ),
    );
  }
  const depthwise: Window = {
    kernel: [3, 3],
    stride: [1, 1],
    dilation: [1, 1],
    padding: [
      [1, 1],
      [1, 1],
    ],
  };
  cases.push(...convolutions(dice, 2, 5, 5, 5, depthwise), ...convolutions(dice, 2, 4, 8, 4, depthwise));
  cases.push(...convolutions(dice, 0, 2, 3, 1, depthwise), ...convolutions(dice, 2, 0, 3, 1, depthwise));
  cases.push(
    ...convolutions(dice, 4, 3, 9, 1, {
      kernel: [5, 5],
      stride: [1, 1],
      dilation: [1, 1],
      padding: [
        [2, 2],
        [2, 2],
      ],
    }),
  );
  return cases;
}

/** As `drawWindow`, with no window that sees padding only. */
function drawPooling(dice: Dice, axes: number): [Window, number[]] {
  for (;;) {
    const window = drawWindow(dice, axes, 3);
    const plane = drawPlane(dice, window);
    const places = countPlaces(window, plane);
    const sees = plane.every((length, axis) =>
      Array.from({ length: at(places, axis) }, (_, place) => place).every((place) =>
        Array.from(
          { length: at(window.kernel, axis) },
          (_, tap) => place * at(window.stride, axis) - at(window.padding, axis)[0] + tap * at(window.dilation, axis),
        ).some((k) => k >= 0 && k < length),
      ),
    );
    if (sees) return [window, plane];
  }
}

function poolings(dice: Dice, x: Value, window: Window): Case[] {
  const plane = x.shape.slice(2);
  const places = countPlaces(window, plane);
  const shape = [...x.shape.slice(0, 2), ...places];
  const taps = coordinatesOf(window.kernel);
  const flat = (place: readonly number[]): number => place.reduce((index, k, axis) => index * at(plane, axis) + k, 0);
  const inside = (place: readonly number[]): boolean => place.every((k, axis) => k >= 0 && k < at(plane, axis));
  const seen = (place: readonly number[]): number[][] => taps.map((tap) => look(window, place, tap)).filter(inside);
  const winner = ([image = 0, channel = 0, ...place]: readonly number[]): number[] => {
    let best: number[] | undefined;
    for (const candidate of seen(place)) {
      const [next, record] = [read(x, [image, channel, ...candidate]), best && read(x, [image, channel, ...best])];
      if (record === undefined || (!Number.isNaN(record) && (next > record || Number.isNaN(next)))) best = candidate;
    }
    if (!best) throw new RangeError("a window sees nothing");
    return [image, channel, ...best];
  };
  const values = make(shape, "float32", (place) => read(x, winner(place)));
  const indices = make(shape, "int32", (place) => flat(winner(place).slice(2)));
  const dy = dice.value(shape, "float32");
  const size = sizeOf(window.kernel);
  const averaged = make(
    shape,
    "float32",
    ([image = 0, channel = 0, ...place]) =>
      seen(place).reduce((sum, source) => sum + read(x, [image, channel, ...source]), 0) / size,
  );
  const spread = accumulate(
    x.shape,
    coordinatesOf(shape).flatMap((place) =>
      seen(place.slice(2)).map((source): [number[], number] => [
        [...place.slice(0, 2), ...source],
        read(dy, place) / size,
      ]),
    ),
  );
  const attrs = { ...window };
  const tolerance = 1e-5;
  const cases: Case[] = [
    { op: "maxPool", inputs: [x], attrs, expected: [values, indices] },
    { op: "maxPoolGather", inputs: [x, indices], attrs, expected: [values] },
    {
      op: "maxPoolGradient",
      inputs: [dy, indices],
      attrs: { ...attrs, inputSize: plane },
      expected: [
        accumulate(
          x.shape,
          coordinatesOf(shape).map((place) => [winner(place), read(dy, place)]),
        ),
      ],
      tolerance,
    },
  ];
  if (x.data.some(Number.isNaN)) return cases;
  return [
    ...cases,
    { op: "avgPool", inputs: [x], attrs, expected: [averaged], tolerance },
    { op: "avgPoolGradient", inputs: [dy], attrs: { ...attrs, inputSize: plane }, expected: [spread], tolerance },
  ];
}

export function poolingCases(dice: Dice, count: number): Case[] {
  return Array.from({ length: count }, (_, k) => {
    const [window, plane] = drawPooling(dice, (k % 3) + 1);
    const shape = [dice.whole(1, 2), dice.whole(1, 3), ...plane];
    // Few distinct numbers, so that there are equals; now and then a NaN; or all at -infinity.
    const draw =
      [
        (): number => dice.whole(-2, 2) / 2,
        (): number => (dice.next() < 0.1 ? NaN : dice.next()),
        (): number => -Infinity,
      ][k % 5 < 3 ? 0 : (k % 5) - 2] ?? dice.next;
    const x = make(shape, "float32", () => Math.fround(draw()));
    return k % 5 === 4 ? poolings(dice, x, window).slice(0, 1) : poolings(dice, x, window);
  }).flat();
}
