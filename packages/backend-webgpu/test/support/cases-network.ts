// Matrix products, softmax, cross-entropy and batch normalisation, against loops.
import { at } from "@stria/core";
import type { Case } from "./case.ts";
import { type Dice, type Value, coordinatesOf, make, read, readBroadcast } from "./value.ts";

function swapped(shape: readonly number[], swap: boolean): number[] {
  return swap ? [...shape.slice(0, -2), at(shape, shape.length - 1), at(shape, shape.length - 2)] : [...shape];
}

export function matmulCase(
  dice: Dice,
  batch: number[],
  a: number[],
  b: number[],
  [rows, inner, columns]: readonly [number, number, number],
  transposeA: boolean,
  transposeB: boolean,
): Case {
  const left = dice.value(swapped([...a, rows, inner], transposeA), "float32");
  const right = dice.value(swapped([...b, inner, columns], transposeB), "float32");
  const wanted = make([...batch, rows, columns], "float32", (place) => {
    const [row = 0, column = 0] = place.slice(-2);
    let sum = 0;
    for (let k = 0; k < inner; k++)
      sum +=
        readBroadcast(left, [...place.slice(0, -2), ...(transposeA ? [k, row] : [row, k])]) *
        readBroadcast(right, [...place.slice(0, -2), ...(transposeB ? [column, k] : [k, column])]);
    return sum;
  });
  return {
    op: "matmul",
    inputs: [left, right],
    attrs: { transposeA, transposeB },
    expected: [wanted],
    tolerance: 2e-5,
  };
}

export function matmulCases(dice: Dice): Case[] {
  const batches: [number[], number[], number[]][] = [
    [[], [], []],
    [[3], [3], [3]],
    [[2, 3], [3], [2, 1]],
    [
      [2, 3, 2],
      [2, 1, 2],
      [3, 1],
    ],
    [
      [2, 1, 2, 1, 2, 2],
      [2, 1, 1, 1, 2, 2],
      [2, 1, 2, 1],
    ],
    [[0], [0], [1]],
  ];
  return batches.flatMap(([batch, a, b]) =>
    [0, 1, 2, 3].map((bits) =>
      matmulCase(
        dice,
        batch,
        a,
        b,
        [dice.whole(1, 9), bits === 3 ? 0 : dice.whole(1, 40), dice.whole(1, 9)],
        bits % 2 === 1,
        bits >= 2,
      ),
    ),
  );
}

/** [N, C, ...] with softmax over `axis`. */
function softmaxRow(
  x: Value,
  axis: number,
  place: readonly number[],
): { exponentials: number[]; total: number; shift: number; own: number } {
  const row = Array.from({ length: at(x.shape, axis) }, (_, k) => read(x, place.with(axis, k)));
  const shift = Math.max(...row);
  const exponentials = row.map((item) => Math.exp(item - shift));
  return {
    exponentials,
    total: exponentials.reduce((sum, item) => sum + item, 0),
    shift,
    own: at(row, at(place, axis)),
  };
}

export function softmaxCases(dice: Dice): Case[] {
  const cases: Case[] = [];
  for (const shape of [[4, 10], [3, 5, 2], [2, 3, 2, 2], [7], [2, 2, 3, 2, 2], [0, 3]]) {
    const axis = dice.whole(0, shape.length - 1);
    if (at(shape, axis) === 0) continue;
    const x = make(shape, "float32", () => Math.fround(dice.next() * 2000 - 1000 * dice.whole(0, 1)));
    cases.push(
      {
        op: "softmax",
        inputs: [x],
        attrs: { axis },
        expected: [
          make(shape, "float32", (place) => {
            const { exponentials, total } = softmaxRow(x, axis, place);
            return at(exponentials, at(place, axis)) / total;
          }),
        ],
      },
      {
        op: "logSoftmax",
        inputs: [x],
        attrs: { axis },
        expected: [
          make(shape, "float32", (place) => {
            const { total, shift, own } = softmaxRow(x, axis, place);
            return own - shift - Math.log(total);
          }),
        ],
      },
    );
  }
  for (const shape of [
    [4, 10],
    [3, 5, 2],
    [2, 3, 2, 2],
    [0, 3],
  ]) {
    const x = dice.value(shape, "float32");
    const rows = [at(shape, 0), ...shape.slice(2)];
    const labels = make(rows, "int32", (_, index) =>
      index === 1 ? -1 : index === 2 ? at(shape, 1) : dice.whole(0, at(shape, 1) - 1),
    );
    const dy = dice.value(rows, "float32");
    const known = (label: number): boolean => label >= 0 && label < at(shape, 1);
    const loss = make(rows, "float32", ([image = 0, ...rest]) => {
      const label = read(labels, [image, ...rest]);
      if (!known(label)) return NaN;
      const { total, shift, own } = softmaxRow(x, 1, [image, label, ...rest]);
      return Math.log(total) + shift - own;
    });
    const gradient = make(shape, "float32", ([image = 0, k = 0, ...rest]) => {
      const label = read(labels, [image, ...rest]);
      if (!known(label)) return NaN;
      const { exponentials, total } = softmaxRow(x, 1, [image, k, ...rest]);
      return read(dy, [image, ...rest]) * (at(exponentials, k) / total - Number(k === label));
    });
    cases.push(
      { op: "softmaxCrossEntropy", inputs: [x, labels], attrs: {}, expected: [loss] },
      { op: "softmaxCrossEntropyGradient", inputs: [dy, x, labels], attrs: {}, expected: [gradient] },
    );
  }
  return cases;
}

export function batchNormCases(dice: Dice): Case[] {
  const epsilon = 1e-3;
  return [
    [4, 3],
    [3, 2, 5],
    [2, 3, 4, 5],
    [2, 2, 2, 3, 2],
    [8, 2, 12, 12],
  ].flatMap((shape) => {
    // Far from 0: a variance computed as the difference of squares would lose everything.
    const x = make(shape, "float32", ([, channel = 0]) => Math.fround(dice.next() + 100 * channel));
    const channels = at(shape, 1);
    const [weight, bias, dy] = [
      dice.value([channels], "float32"),
      dice.value([channels], "float32"),
      dice.value(shape, "float32"),
    ];
    const places = coordinatesOf(shape);
    const average = (value: (place: number[]) => number): number[] =>
      Array.from({ length: channels }, (_, channel) => {
        const own = places.filter((place) => place[1] === channel);
        return own.reduce((sum, place) => sum + value(place), 0) / own.length;
      });
    const mean = average((place) => read(x, place));
    const variance = average((place) => (read(x, place) - at(mean, at(place, 1))) ** 2);
    const normal = (place: number[]): number =>
      (read(x, place) - at(mean, at(place, 1))) / Math.sqrt(at(variance, at(place, 1)) + epsilon);
    const y = make(
      shape,
      "float32",
      (place) => normal(place) * at(weight.data, at(place, 1)) + at(bias.data, at(place, 1)),
    );
    const perChannel = (data: readonly number[]): Value => ({ shape: [channels], dtype: "float32", data });
    const count = places.length / channels;
    const [dBias, dWeight] = [average((place) => read(dy, place)), average((place) => read(dy, place) * normal(place))];
    const dx = make(shape, "float32", (place) => {
      const channel = at(place, 1);
      return (
        (at(weight.data, channel) / Math.sqrt(at(variance, channel) + epsilon)) *
        (read(dy, place) - at(dBias, channel) - normal(place) * at(dWeight, channel))
      );
    });
    const total = (list: readonly number[]): Value => perChannel(list.map((item) => item * count));
    return [
      {
        op: "batchNormTraining",
        inputs: [x, weight, bias],
        attrs: { epsilon },
        expected: [y, perChannel(mean), perChannel(variance)],
        tolerance: 2e-4,
      },
      {
        op: "batchNormGradient",
        inputs: [dy, x, weight, perChannel(mean), perChannel(variance)],
        attrs: { epsilon },
        expected: [dx, total(dWeight), total(dBias)],
        tolerance: 5e-4,
      },
    ] satisfies Case[];
  });
}
