// Ops that move, make or reduce elements, against loops over coordinates.
import { type DType, type Shape, at, sizeOf } from "@stria/core";
import type { Case } from "./case.ts";
import { type Dice, type Value, coordinatesOf, make, read, readBroadcast, stored } from "./value.ts";

const everyDType = ["float32", "int32", "uint8", "bool"] as const;
const ranks = [0, 1, 2, 3, 4, 5, 6, 8];

export function shapeCases(dice: Dice): Case[] {
  return [...ranks, 3, 4, 5].flatMap((rank) => {
    const dtype = dice.pick(everyDType);
    const x = dice.value(dice.shape(rank, 1, rank > 5 ? 3 : 4), dtype);
    return [...moves(dice, x), ...concats(dice, x), ...makers(dice, rank)];
  });
}

function moves(dice: Dice, x: Value): Case[] {
  const { shape, dtype } = x;
  const axes = shape.map((_, axis) => axis);
  const permutation = dice.shuffle(axes);
  const transposed = make(
    permutation.map((axis) => at(shape, axis)),
    dtype,
    (place) =>
      read(
        x,
        axes.map((axis) => at(place, permutation.indexOf(axis))),
      ),
  );
  const flipped = axes.filter(() => dice.next() < 0.6);
  const padding = shape.map((): [number, number] => [dice.whole(0, 2), dice.whole(0, 2)]);
  const value = dtype === "float32" ? dice.pick([0, -1.5, Infinity, -Infinity, NaN]) : 1;
  const padded = make(
    shape.map((length, axis) => length + at(padding, axis)[0] + at(padding, axis)[1]),
    dtype,
    (place) =>
      read(
        x,
        place.map((k, axis) => k - at(padding, axis)[0]),
        value,
      ),
  );
  const start = shape.map((length) => dice.whole(0, length - 1));
  const stride = shape.map(() => dice.whole(1, 3));
  const size = shape.map((length, axis) =>
    dice.whole(0, Math.floor((length - 1 - at(start, axis)) / at(stride, axis)) + 1),
  );
  const sliced = make(size, dtype, (place) =>
    read(
      x,
      place.map((k, axis) => at(start, axis) + k * at(stride, axis)),
    ),
  );
  const shrunk = dice.value(
    shape.map((length) => (dice.next() < 0.5 ? 1 : length)).slice(dice.whole(0, Math.min(2, shape.length))),
    dtype,
  );
  const flat = [sizeOf(shape)];
  return [
    { op: "transpose", inputs: [x], attrs: { permutation }, expected: [transposed] },
    {
      op: "flip",
      inputs: [x],
      attrs: { axes: flipped },
      expected: [
        make(shape, dtype, (place) =>
          read(
            x,
            place.map((k, axis) => (flipped.includes(axis) ? at(shape, axis) - 1 - k : k)),
          ),
        ),
      ],
    },
    { op: "pad", inputs: [x], attrs: { padding, value }, expected: [padded] },
    { op: "slice", inputs: [x], attrs: { start, size, stride }, expected: [sliced] },
    {
      op: "broadcastTo",
      inputs: [shrunk],
      attrs: { shape },
      expected: [make(shape, dtype, (place) => readBroadcast(shrunk, place))],
    },
    { op: "reshape", inputs: [x], attrs: { shape: flat }, expected: [{ ...x, shape: flat }] },
  ];
}

function concats(dice: Dice, x: Value): Case[] {
  if (x.shape.length === 0) return [];
  const axis = dice.whole(0, x.shape.length - 1);
  const parts = Array.from({ length: dice.whole(1, 4) }, () =>
    dice.value(x.shape.with(axis, dice.whole(0, 3)), x.dtype),
  );
  const total = parts.reduce((sum, part) => sum + at(part.shape, axis), 0);
  const wanted = make(x.shape.with(axis, total), x.dtype, (place) => {
    let k = at(place, axis);
    for (const part of parts) {
      if (k < at(part.shape, axis)) return read(part, place.with(axis, k));
      k -= at(part.shape, axis);
    }
    throw new RangeError("past the end");
  });
  return [{ op: "concat", inputs: parts, attrs: { axis }, expected: [wanted] }];
}

function makers(dice: Dice, rank: number): Case[] {
  const shape = dice.shape(rank, 0, 3);
  const fulls: [DType, number][] = [
    ["float32", dice.pick([0, -2.5, NaN, Infinity, -Infinity])],
    ["int32", -7],
    ["uint8", 200],
    ["bool", 1],
  ];
  const cases = fulls.map(([dtype, value]): Case => ({
    op: "full",
    inputs: [],
    attrs: { shape, value, dtype },
    expected: [make(shape, dtype, () => value)],
  }));
  if (rank === 0) return cases;
  const axis = dice.whole(0, rank - 1);
  for (const dtype of ["float32", "int32"] as const)
    cases.push({
      op: "iota",
      inputs: [],
      attrs: { shape, axis, dtype },
      expected: [make(shape, dtype, (place) => at(place, axis))],
    });
  return cases;
}

const reductions: Readonly<Record<string, (a: number, b: number) => number>> = {
  sum: (a, b) => a + b,
  prod: (a, b) => a * b,
  max: (a, b) => (Number.isNaN(a) || Number.isNaN(b) ? NaN : Math.max(a, b)),
};

export function reductionCases(dice: Dice): Case[] {
  const cases: Case[] = [];
  for (const op of Object.keys(reductions))
    for (const dtype of ["float32", "int32"] as const) {
      for (const rank of ranks) {
        const shape = dice.shape(rank);
        cases.push(
          reduction(
            op,
            dice.value(shape, dtype),
            shape.map((_, axis) => axis).filter(() => dice.next() < 0.5),
            dice.next() < 0.5,
          ),
        );
      }
      if (op !== "prod") {
        cases.push(
          reduction(op, dice.value([700, 3], dtype), [0], false),
          reduction(op, dice.value([3, 700], dtype), [1], true),
        );
        cases.push(
          reduction(op, dice.value([4, 3, 200], dtype), [0, 2], false),
          reduction(op, dice.value([40, 7, 30], dtype), [0, 1, 2], false),
        );
      }
      if (op !== "max")
        cases.push(
          reduction(op, dice.value([2, 0, 3], dtype), [1], false),
          reduction(op, dice.value([0], dtype), [0], true),
        );
    }
  const spoilt = stored({
    shape: [3, 4],
    dtype: "float32",
    data: [1, NaN, 3, 4, -Infinity, -Infinity, -1, -2, Infinity, 1, 2, Infinity],
  });
  cases.push(
    reduction("max", spoilt, [0], false),
    reduction("max", spoilt, [1], false),
    reduction("sum", spoilt, [1], false),
  );
  return [...cases, ...argMaxCases(dice, spoilt)];
}

function reduction(op: string, x: Value, axes: number[], keepDims: boolean): Case {
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  const combine = op === "prod" && x.dtype === "int32" ? Math.imul : reductions[op];
  if (!combine) throw new RangeError(op);
  const result = new Map<string, number>();
  for (const place of coordinatesOf(x.shape)) {
    const key = place.map((k, axis) => (axes.includes(axis) ? 0 : k)).join();
    const before = result.get(key);
    result.set(key, before === undefined ? read(x, place) : combine(before, read(x, place)));
  }
  const whole = make(kept, x.dtype, (place) => result.get(place.join()) ?? (op === "prod" ? 1 : 0));
  const data = x.dtype === "int32" ? whole.data.map((item) => Number(BigInt.asIntN(32, BigInt(item)))) : whole.data;
  const shape: Shape = keepDims ? kept : x.shape.filter((_, axis) => !axes.includes(axis));
  return { op, inputs: [x], attrs: { axes, keepDims }, expected: [{ shape, dtype: x.dtype, data }], tolerance: 1e-5 };
}

function argMaxCases(dice: Dice, spoilt: Value): Case[] {
  const inputs: [Value, number][] = [
    [spoilt, 0],
    [spoilt, 1],
    [dice.value([50], "float32"), 0],
    [dice.value([0, 3], "int32"), 1],
  ];
  for (const rank of [1, 2, 3, 5, 8]) {
    const shape = dice.shape(rank);
    // Few distinct numbers, so that there are equals.
    inputs.push(
      [make(shape, "int32", () => dice.whole(0, 2)), dice.whole(0, rank - 1)],
      [make(shape, "float32", () => dice.whole(0, 2) / 2), dice.whole(0, rank - 1)],
    );
  }
  return inputs.map(([x, axis]): Case => {
    const keepDims = dice.next() < 0.5;
    const kept = x.shape.with(axis, 1);
    const wanted = make(kept, "int32", (place) => {
      const row = Array.from({ length: at(x.shape, axis) }, (_, k) => read(x, place.with(axis, k)));
      const missing = row.findIndex(Number.isNaN);
      return missing >= 0 ? missing : row.indexOf(Math.max(...row));
    });
    return {
      op: "argMax",
      inputs: [x],
      attrs: { axis, keepDims },
      expected: [keepDims ? wanted : { ...wanted, shape: x.shape.toSpliced(axis, 1) }],
    };
  });
}
