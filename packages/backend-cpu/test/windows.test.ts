// Convolution and pooling for every combination of axes, stride, padding, dilation and groups, against the reference.
import { at } from "@stria/core";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { disagreement, runNode, specOf } from "./support/agree.ts";
import { Random, type Value } from "./support/random.ts";

const backend = await cpu({ threads: 2 });
const tolerance = { ofLargest: 3e-6 };

test("conv, its input gradient and its weight gradient", async () => {
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 120; seed++) {
    const random = new Random(seed);
    const axes = random.integer(1, 3);
    const [groups, perGroup, outputsPerGroup, batch] = [
      random.integer(1, 3),
      random.integer(1, 4),
      random.integer(1, 5),
      random.integer(1, 3),
    ];
    const [kernel, stride, dilation] = [random.shape(axes, 3), random.shape(axes, 3), random.shape(axes, 3)];
    const padding = kernel.map((): [number, number] => [random.integer(0, 3), random.integer(0, 3)]);
    const size = kernel.map((length, axis) => {
      const [before, after] = at(padding, axis);
      return Math.max(
        1,
        random.integer(1, axes === 3 ? 6 : 12),
        (length - 1) * at(dilation, axis) + 1 - before - after,
      );
    });
    const attrs = { stride, dilation, padding, groups };
    const x = random.value([batch, groups * perGroup, ...size]);
    const weight = random.value([groups * outputsPerGroup, perGroup, ...kernel]);
    differences.push(await disagreement(backend, "conv", [x, weight], attrs, tolerance));
    const output = at(specOf("conv", [x, weight], attrs).outputs, 0).shape;
    const dy = random.value(output);
    differences.push(await disagreement(backend, "convWeightGradient", [x, dy], { ...attrs, kernel }, tolerance));
    const outputPadding = kernel.map(() => random.integer(0, 3));
    const transposed = output.slice(2).map((length, axis) => {
      const [before, after] = at(padding, axis);
      return (
        (length - 1) * at(stride, axis) -
        before -
        after +
        at(dilation, axis) * (at(kernel, axis) - 1) +
        1 +
        at(outputPadding, axis)
      );
    });
    if (transposed.every((length) => length > 0))
      differences.push(
        await disagreement(backend, "convTranspose", [dy, weight], { ...attrs, outputPadding }, tolerance),
      );
  }
  expect(differences.filter((words) => words !== undefined)).toEqual([]);
});

test("pooling and what follows it", async () => {
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 80; seed++) {
    const random = new Random(seed);
    const axes = random.integer(1, 3);
    const kernel = random.shape(axes, 3);
    const stride = random.shape(axes, 3);
    const dilation = random.shape(axes, 2);
    // Every window has to see an element.
    const padding = kernel.map((length, axis): [number, number] =>
      at(dilation, axis) > 1 ? [0, 0] : [random.integer(0, length >> 1), random.integer(0, length >> 1)],
    );
    const inputSize = kernel.map((length, axis) =>
      random.integer((length - 1) * at(dilation, axis) + 1, axes === 3 ? 7 : 17),
    );
    const attrs = { kernel, stride, dilation, padding };
    const shape = [random.integer(1, 2), random.integer(1, 3), ...inputSize];
    const x = random.value(shape, "float32", seed % 3 === 0 ? "special" : "plain");
    if (seed % 8 === 1) x.data.fill(-Infinity);
    const node = specOf("maxPool", [x], attrs);
    differences.push(await disagreement(backend, "maxPool", [x], attrs, {}));
    const indices: Value = { aval: at(node.outputs, 1), data: at(await runNode(backend, node, [x]), 1) };
    const dy = random.value(indices.aval.shape);
    const other = random.value(shape);
    differences.push(await disagreement(backend, "maxPoolGradient", [dy, indices], { ...attrs, inputSize }, tolerance));
    differences.push(await disagreement(backend, "maxPoolGather", [other, indices], attrs, {}));
    differences.push(await disagreement(backend, "avgPool", [other], attrs, tolerance));
    differences.push(await disagreement(backend, "avgPoolGradient", [dy], { ...attrs, inputSize }, tolerance));
  }
  expect(differences.filter((words) => words !== undefined)).toEqual([]);
});

test("indices from outside the plane touch nothing", async () => {
  const attrs = { kernel: [2], stride: [2], dilation: [1], padding: [[0, 0] as const] };
  const indices: Value = { aval: { shape: [1, 2, 2], dtype: "int32" }, data: Int32Array.of(1, 9999999, -1, 2) };
  const dy: Value = { aval: { shape: [1, 2, 2], dtype: "float32" }, data: Float32Array.of(1, 2, 3, 4) };
  const gradient = await runNode(backend, specOf("maxPoolGradient", [dy, indices], { ...attrs, inputSize: [4] }), [
    dy,
    indices,
  ]);
  expect(gradient).toEqual([Float32Array.of(0, 1, 0, 0, 0, 0, 4, 0)]);
});

test("nothing is left in memory", () => {
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  backend.dispose();
});
