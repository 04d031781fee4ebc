// Containers and dropout of wholes.
import {
  Parameter,
  type Tensor,
  evaluating,
  ones,
  setSeed,
  tensor,
  training,
  useBackend,
  valueAndGrad,
  zeros,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it, test } from "vitest";
import {
  Concat,
  Conv2d,
  DropPath,
  Dropout1d,
  Dropout2d,
  Dropout3d,
  Identity,
  Linear,
  Parallel,
  ReLU,
  Residual,
  concatenated,
  conv2d,
  residual,
  sequential,
  stateDict,
} from "../src/index.ts";

beforeEach(async () => {
  setSeed(1);
  await useBackend(reference());
});

async function numbers(x: Tensor): Promise<number[]> {
  return Array.from(await x.data());
}

describe("Residual", () => {
  it("adds its input", async () => {
    expect(await numbers(new Residual(new ReLU()).forward(tensor([[-1, 2]])))).toEqual([-1, 4]);
    expect(await numbers(new Residual(new ReLU(), { activation: "relu" }).forward(tensor([[-1, 2]])))).toEqual([0, 4]);
  });

  it("adds what the shortcut makes of it", () => {
    const block = new Residual(new Conv2d(2, 4, 3, { padding: 1, stride: 2 }), {
      shortcut: new Conv2d(2, 4, 1, { stride: 2 }),
    });
    expect(block.forward(zeros([1, 2, 6, 6])).shape).toEqual([1, 4, 3, 3]);
    expect([...stateDict(block).keys()]).toEqual(["body.weight", "body.bias", "shortcut.weight", "shortcut.bias"]);
  });

  it("refuses to broadcast", () => {
    expect(() => new Residual(new Linear(3, 1)).forward(zeros([2, 3]))).toThrow(
      "the body gives [2, 1], the shortcut [2, 3]",
    );
  });
});

test("branches side by side, and joined along the channels", async () => {
  const x = tensor([[-1, 2]]);
  expect((await Promise.all(new Parallel([new ReLU(), new Identity()]).forward(x).map(numbers))).flat()).toEqual([
    0, 2, -1, 2,
  ]);
  expect(await new Concat([new ReLU(), new Identity()]).forward(x).array()).toEqual([[0, 2, -1, 2]]);
  expect([...stateDict(new Concat([new Linear(1, 1, { bias: false })])).keys()]).toEqual(["branches.0.weight"]);
  expect(() => new Concat([])).toThrow("there are no branches");
  expect(() => new Parallel([])).toThrow("there are no branches");
});

test("sequential works the sizes of both out", () => {
  const model = sequential(
    [
      residual([conv2d(4, 3, { padding: 1 })], { shortcut: [conv2d(4, 1)], activation: "relu" }),
      residual([conv2d(4, 3, { padding: 1 })]),
      concatenated([[conv2d(2, 1)], [conv2d(3, 1), conv2d(5, 3, { padding: 1 })], [new Identity()]]),
    ],
    { inputShape: [3, 8, 8] },
  );
  expect(model.forward(zeros([1, 3, 8, 8])).shape).toEqual([1, 11, 8, 8]);
});

describe("dropout of wholes", () => {
  const layers = [
    [new Dropout1d(0.5), [4, 8, 3]],
    [new Dropout2d(0.5), [4, 8, 3, 2]],
    [new Dropout3d(0.5), [4, 8, 1, 3, 2]],
    [new DropPath(0.5), [32, 6]],
  ] as const;

  it.each(layers)("drops wholes and doubles the rest", async (layer, shape) => {
    const values = await numbers(training(() => layer.forward(ones(shape))));
    const whole = 6 / (layer instanceof Dropout1d ? 2 : 1);
    const firsts = values.filter((_, index) => index % whole === 0);
    expect(values).toEqual(firsts.flatMap((value) => Array.from({ length: whole }, () => value)));
    expect(new Set(values)).toEqual(new Set([0, 2]));
    expect(await numbers(evaluating(() => layer.forward(ones(shape))))).toEqual(values.map(() => 1));
  });

  it("drops everything, or nothing, at the ends", async () => {
    expect(await numbers(training(() => new DropPath(1).forward(ones([2]))))).toEqual([0, 0]);
    expect(await numbers(training(() => new DropPath(0).forward(ones([2]))))).toEqual([1, 1]);
  });

  it("says what does not fit", () => {
    expect(() => new Dropout2d(2)).toThrow("probability 2 is not from 0 to 1");
    expect(() => new DropPath(-1)).toThrow("probability -1 is not from 0 to 1");
    expect(() => new Dropout2d().forward(zeros([1, 2, 3]))).toThrow("give 4 axes");
    const weight = new Parameter([2], () => Float32Array.of(1, 2));
    expect(() => valueAndGrad(() => new DropPath().forward(weight.value).sum())(tensor(0))).toThrow("DropPath");
  });
});
