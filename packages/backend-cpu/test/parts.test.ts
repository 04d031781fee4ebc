// What is loaded on demand: nothing by training a plain network, and by others what they need.
import {
  compile,
  conv,
  fromHost,
  grad,
  matmul,
  maxPool,
  relu,
  sign,
  softmaxCrossEntropy,
  type Tensor,
  unfold,
  useBackend,
} from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import * as parts from "../src/parts/index.ts";

await useBackend(cpu({ threads: 1 }));

function loaded(): string[] {
  return Object.entries(parts).flatMap(([name, part]) => (typeof part === "function" || !part.isLoaded ? [] : [name]));
}

function made(shape: readonly number[]): Tensor {
  const size = shape.reduce((product, length) => product * length, 1);
  return fromHost(
    Float32Array.from({ length: size }, (_, index) => Math.sin(index)),
    shape,
    "float32",
  );
}

const weights = [made([6, 1, 5, 5]), made([16, 6, 5, 5]), made([400, 10])];

/** LeNet-5 without its hidden dense layers. */
function logits(x: Tensor, [first, second, last]: readonly Tensor[]): Tensor {
  if (!first || !second || !last) throw new RangeError("three weights");
  const half = (y: Tensor): Tensor => maxPool(relu(y), 2);
  return matmul(half(conv(half(conv(x, first)), second)).reshape([x.shape[0] ?? 0, 400]), last);
}

test("training loads nothing, a prediction its own part, and a deeper network Winograd's algorithm", async () => {
  const labels = fromHost(
    Int32Array.from({ length: 64 }, (_, index) => index % 10),
    [64],
    "int32",
  );
  const step = compile((x: Tensor, ...w: Tensor[]) =>
    grad((list: Tensor[]) => softmaxCrossEntropy(logits(x, list), labels).mean())(w).map((slope, index) => {
      const moment = slope.square();
      return (w[index] ?? slope).sub(slope.mul(0.1).div(moment.sqrt().add(1e-8)));
    }),
  );
  const updated = step(made([64, 1, 32, 32]), ...weights);
  expect(updated.map(({ shape }) => shape)).toEqual(weights.map(({ shape }) => shape));
  expect(await updated[0]?.data()).not.toContain(NaN);
  expect(loaded()).toEqual([]);
  await compile((x: Tensor) => logits(x, weights))(made([1, 1, 32, 32])).data();
  expect(loaded()).toEqual(["prediction"]);
  await compile((x: Tensor) => conv(x, made([32, 32, 3, 3]), { padding: 1 }))(made([4, 32, 32, 32])).data();
  expect(loaded().toSorted()).toEqual(["prediction", "winograd"]);
});

test("what has no kernel is said in simpler ops once it is known how; powers and signs bring their own code", async () => {
  const before = loaded();
  expect(before).not.toContain("decompositions");
  const image = fromHost(Float32Array.of(1, 2, 3, 4), [1, 1, 2, 2], "float32");
  const columns = compile((x: Tensor) => unfold(x, { kernel: 2 }));
  expect(await columns(image).array()).toEqual([[[1], [2], [3], [4]]]);
  expect(loaded().toSorted()).toEqual([...before, "decompositions", "movement"].toSorted());
  expect(await compile((x: Tensor) => x.pow(2).reshape([4]))(image).array()).toEqual([1, 4, 9, 16]);
  expect(await compile((x: Tensor) => sign(x.sub(2)).reshape([4]))(image).array()).toEqual([-1, 0, 1, 1]);
  expect(loaded()).toContain("functions");
});
