// Receptive fields held against gradients, and followed through reshapes.
import {
  type Tensor,
  applyOne,
  defineOp,
  flip,
  fromHost,
  grad,
  matmul,
  setSeed,
  slice,
  softmax,
  sort,
  sum,
  take,
  tensor,
  useBackend,
  compile,
  fillUniform,
  streamKey,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import * as fc from "fast-check";
import { beforeEach, describe, expect, it, test } from "vitest";
import {
  AvgPool1d,
  Concat,
  Conv1d,
  ConvTranspose1d,
  GroupNorm,
  Module,
  Pad,
  type ReceptiveField,
  adaptiveAvgPool,
  embedding,
  initialisers,
  interpolate,
  lastStep,
  lstm,
  pixelShuffle,
  sequential,
  summary,
  MaxPool1d,
  MaxUnpool,
  receptiveFieldsOf,
  AdaptiveAvgPool,
  Conv2d,
  Upsample,
} from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

function field(model: Module, inputShape: readonly number[]): readonly ReceptiveField[] | null {
  return summary(model, inputShape).rows.at(-1)?.receptiveField ?? null;
}

class Of extends Module {
  readonly f: (x: Tensor) => Tensor;
  constructor(f: (x: Tensor) => Tensor) {
    super();
    this.f = f;
  }
  override forward(x: Tensor): Tensor {
    return this.f(x);
  }
}

const strange = defineOp("strange", { infer: ([x]) => ({ shape: [3, ...(x?.shape ?? [])], dtype: "float32" }) });

describe("receptive fields are where gradients are", () => {
  const positive = { weightInitialiser: initialisers.ones, bias: false } as const;
  const pick = (most: number): fc.Arbitrary<number> => fc.integer({ min: 1, max: most });
  const conv = fc
    .record({ kernel: pick(4), stride: pick(3), dilation: pick(2), before: fc.nat(3), after: fc.nat(3) })
    .map(
      ({ kernel, stride, dilation, before, after }) =>
        () =>
          new Conv1d(1, 1, kernel, { stride, dilation, padding: [[before, after]], ...positive }),
    );
  const pool = pick(3).map((kernel) => () => new AvgPool1d(kernel, { stride: kernel }));
  const pad = fc.nat(2).map((width) => () => new Pad(width));
  const wider = fc.tuple(pick(3), pick(3)).map(
    ([kernel, stride]) =>
      () =>
        new ConvTranspose1d(1, 1, kernel * stride, { stride, ...positive }),
  );
  const branches = fc.tuple(pick(3), pick(3)).map(
    ([a, b]) =>
      () =>
        sequential([
          new Concat([
            new Conv1d(1, 1, 2 * a + 1, { padding: a, ...positive }),
            new Conv1d(1, 1, 2 * b + 1, { padding: b, ...positive }),
          ]),
          new Conv1d(2, 1, 1, positive),
        ]),
  );

  async function seenBy(model: Module, length: number, unit: number): Promise<[number, number]> {
    const gradient = grad((x: Tensor) => {
      const y = model.forward(x);
      return sum(slice(y, [0, 0, unit], [1, y.shape[1] ?? 0, 1]));
    })(fromHost(new Float32Array(length).fill(1), [1, 1, length], "float32"));
    const places = [...(await gradient.data()).entries()].flatMap(([index, value]) => (value === 0 ? [] : [index]));
    return [places[0] ?? NaN, places.at(-1) ?? NaN];
  }

  test("of stacks of convolutions, pools, padding and branches, for a unit in the middle", async () => {
    const stacks = fc.array(fc.oneof(conv, pool, pad, branches), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(stacks, async (makers) => {
        const model = sequential(makers.map((make) => make()));
        const length = 400;
        const [row] = summary(model, [1, length]).rows.slice(-1);
        const [seen] = row?.receptiveField ?? [];
        if (!seen) throw new Error("nothing is followed");
        const unit = Math.floor((row?.outputShape?.[1] ?? 0) / 2);
        const first = seen.start + unit * seen.jump;
        expect(await seenBy(model, length, unit)).toEqual([first, first + seen.field - 1]);
      }),
      { numRuns: 60 },
    );
  });

  test("of transposed convolutions: the field holds what is seen, and no more than a jump besides", async () => {
    await fc.assert(
      fc.asyncProperty(conv, wider, async (first, second) => {
        const model = sequential([first(), second()]);
        const [row] = summary(model, [1, 60]).rows.slice(-1);
        const [seen] = row?.receptiveField ?? [];
        if (!seen) throw new Error("nothing is followed");
        const unit = Math.floor((row?.outputShape?.[1] ?? 0) / 2);
        const [low, high] = await seenBy(model, 60, unit);
        const [source] = summary(sequential([first()]), [1, 60]).rows.slice(-1);
        expect(high - low + 1).toBeLessThanOrEqual(seen.field);
        expect(seen.field - (high - low + 1)).toBeLessThanOrEqual(source?.receptiveField?.[0]?.jump ?? 0);
      }),
      { numRuns: 40 },
    );
  });

  class Unpooled extends Module {
    readonly levels: number;
    readonly pool: MaxPool1d;
    readonly unpool: MaxUnpool;
    readonly conv: Conv1d = new Conv1d(1, 1, 3, { padding: 1, ...positive });
    constructor(levels: number, kernel: number, stride: number) {
      super();
      this.levels = levels;
      this.pool = new MaxPool1d(kernel, { stride });
      this.unpool = new MaxUnpool(kernel, { stride });
    }
    override forward(x: Tensor, level: number = this.levels): Tensor {
      const y = this.conv.forward(x);
      if (level === 0) return y;
      const { values, indices } = this.pool.withIndices(y);
      return this.conv.forward(this.unpool.forward(this.forward(values, level - 1), indices, y.shape.slice(2)));
    }
  }

  /** All that a unit sees of any of many inputs: an input's maxima let through what is where they are. */
  async function seenOfAny(model: Module, shape: readonly number[], unit: readonly number[]): Promise<Set<number>> {
    const places = new Set<number>();
    const weigh = compile(
      grad((x: Tensor) => {
        const y = model.forward(x);
        return sum(slice(y, [0, 0, ...unit], [1, y.shape[1] ?? 0, ...unit.map(() => 1)]));
      }),
    );
    for (let draw = 0; draw < 120; draw++) {
      const input = new Float32Array(shape.reduce((product, length) => product * length, 1));
      fillUniform(streamKey(3, "input", draw), 0, input);
      for (const [index, value] of (await weigh(fromHost(input, [1, ...shape], "float32")).data()).entries())
        if (value !== 0) places.add(index);
    }
    return places;
  }

  test.each([
    ["one level", 1, 2, 2],
    ["two levels", 2, 2, 2],
    ["windows of three", 1, 3, 3],
    ["windows that overlap", 1, 3, 2],
  ])("of unpooling, %s", async (_, levels, kernel, stride) => {
    const length = kernel === 3 && stride === 2 ? 49 : 48;
    const model = new Unpooled(levels, kernel, stride);
    const [seen] = receptiveFieldsOf((x) => ({ y: model.forward(x) }), [1, length]).y ?? [];
    if (!seen) throw new Error("nothing is followed");
    expect(seen.jump).toBe(1);
    const jump = stride ** levels;
    for (const unit of [22, 23, 24]) {
      const places = await seenOfAny(model, [1, length], [unit]);
      const [low, high] = [Math.min(...places), Math.max(...places)];
      // Units share what a pooled one sees, so that a border may be off by less than the distance of two of those.
      expect(Math.abs(low - (seen.start + unit))).toBeLessThan(jump);
      expect(Math.abs(high - (seen.start + unit + seen.field - 1))).toBeLessThan(jump);
    }
  });

  test("of a branch that sees the whole map and is laid out to its size: both axes alike, and all is seen", async () => {
    const whole = sequential([
      new AdaptiveAvgPool(1),
      new Conv2d(1, 1, 1, positive),
      new Upsample({ size: [9, 9], mode: "linear" }),
    ]);
    const model = sequential([
      new Conv2d(1, 1, 3, { padding: 1, ...positive }),
      new Concat([new Conv2d(1, 1, 3, { padding: 1, ...positive }), whole]),
      new Conv2d(2, 1, 3, { padding: 1, ...positive }),
    ]);
    const [rows, columns] = receptiveFieldsOf((x) => ({ y: model.forward(x) }), [1, 9, 9]).y ?? [];
    expect(rows).toEqual(columns);
    expect(rows?.start).toBeLessThanOrEqual(0);
    expect((rows?.start ?? 0) + (rows?.field ?? 0)).toBeGreaterThanOrEqual(9);
    for (const unit of [0, 4, 8]) expect((await seenOfAny(model, [1, 9, 9], [unit, unit])).size).toBe(81);
  });

  it("follows places through reshapes, and gives up where places mix", () => {
    const seen = (f: (x: Tensor) => Tensor): unknown => field(sequential([new Of(f)]), [4, 8, 6]);
    const untouched = { field: 1, jump: 1, start: 0 };
    expect(seen((x) => x.reshape([1, 4, 48]))).toEqual([untouched, untouched]);
    expect(seen((x) => x.reshape([1, 4, 48]).reshape([1, 4, 8, 6]))).toEqual([untouched, untouched]);
    expect(seen((x) => pixelShuffle(x, 2))).toEqual([untouched, untouched]);
    // Blocks of 2 x 3 become channels.
    expect(seen((x) => x.reshape([1, 4, 4, 2, 2, 3]).transpose([0, 1, 3, 5, 2, 4]).reshape([1, 24, 4, 2]))).toEqual([
      { field: 2, jump: 2, start: 0 },
      { field: 3, jump: 3, start: 0 },
    ]);
    expect(seen((x) => x.reshape([1, 4, 12, 4]))).toEqual([
      { field: 8, jump: 1, start: 0 },
      { field: 6, jump: 1, start: 0 },
    ]);
    expect(seen((x) => adaptiveAvgPool(x, [4, 2]))).toEqual([
      { field: 2, jump: 2, start: 0 },
      { field: 3, jump: 3, start: 0 },
    ]);
    expect(seen((x) => x.sub(x.mean([2, 3], { keepDims: true })))).toEqual([
      { field: 8, jump: 1, start: 0 },
      { field: 6, jump: 1, start: 0 },
    ]);
    // A matrix that averages neighbours: rows see two places, a step apart.
    const average = tensor([
      [0.5, 0.5, 0, 0, 0, 0],
      [0, 0, 0.5, 0.5, 0, 0],
      [0, 0, 0, 0, 0.5, 0.5],
    ]);
    expect(seen((x) => matmul(x, average, { transposeB: true }))).toEqual([untouched, { field: 2, jump: 2, start: 0 }]);
  });

  const whole = { field: 8, jump: 1, start: 0 };
  const fieldOf = (f: (x: Tensor) => Tensor): readonly ReceptiveField[] | null =>
    field(sequential([new Of(f)]), [4, 8]);

  it("sees copies beyond the border as what they are copies of", () => {
    for (const mode of ["reflect", "replicate", "circular"] as const)
      expect(fieldOf((x) => new Conv1d(4, 1, 5, { padding: 2, paddingMode: mode }).forward(x))).toEqual([
        { field: 5, jump: 1, start: -2 },
      ]);
  });

  it.each<[string, (x: Tensor) => Tensor]>([
    ["normalisation over places", (x) => new GroupNorm(2, 4).forward(x)],
    ["a softmax along them", (x) => softmax(x, 2)],
    ["sorting", (x) => sort(x, 2).values],
    ["a gate", (x) => x.mul(x.max(2, { keepDims: true }))],
    ["a product of places", (x) => matmul(x, x.transpose([0, 2, 1]))],
    ["an op that nothing is known of", (x) => applyOne(strange, [x], {})],
  ])("sees all after %s", (_, f) => {
    expect(fieldOf(f)?.[0]?.field).toBe(whole.field);
  });

  it("of an upsampled branch and a skip, in either order, is the wider one's", () => {
    const deep = new Conv1d(4, 4, 2, { stride: 2 });
    const up = (x: Tensor): Tensor => interpolate(deep.forward(x), { scaleFactor: 2 });
    const after = new Conv1d(4, 1, 2);
    const wanted = [{ field: 3, jump: 1, start: 0 }];
    expect(fieldOf((x) => after.forward(up(x).add(x)))).toEqual(wanted);
    expect(fieldOf((x) => after.forward(x.add(up(x))))).toEqual(wanted);
  });

  it("of a recurrent layer is the past, and in both directions all", () => {
    const seen = (bidirectional: boolean): (readonly ReceptiveField[] | null)[] => {
      const model = sequential([embedding(9, 2), lstm(3, { bidirectional }), lastStep()], {
        inputShape: [20],
        inputDType: "int32",
      });
      return summary(model, [20], { inputDType: "int32" }).rows.map(({ receptiveField }) => receptiveField);
    };
    const one = { field: 1, jump: 1, start: 0 };
    expect(seen(false)).toEqual([[one], [{ field: 20, jump: 1, start: -19 }], [{ field: 20, jump: 1, start: 0 }]]);
    expect(seen(true)[1]).toEqual([{ field: 39, jump: 1, start: -19 }]);
  });

  it("loses nothing by flips, gathers at fixed places, and sums over channels", () => {
    expect(fieldOf((x) => flip(x, 2))?.[0]?.field).toBe(1);
    expect(fieldOf((x) => take(x, tensor([0, 2, 4], { dtype: "int32" }), 2))).toEqual([
      { field: 1, jump: 2, start: 0 },
    ]);
    expect(fieldOf((x) => x.sum(1))).toEqual([{ field: 1, jump: 1, start: 0 }]);
  });
});
