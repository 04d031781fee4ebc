// Bad input, the whole list: what is asserted elsewhere is named by its file and the words of its test; what is not is asserted here.
import { readFileSync } from "node:fs";
import { beforeAll, describe, expect, it, test } from "vitest";
import { type Backend, type Tensor, compile, softmaxCrossEntropy, tensor, useBackend } from "@stria/core";
import { cpu } from "@stria/backend-cpu";
import { Linear, crossEntropy, stateDict } from "@stria/layers";
import { accuracy, evaluate, predict } from "@stria/training";

const held: readonly [what: string, file: string, words: string][] = [
  ["shape mismatch", "packages/core/test/ops/errors.test.ts", '"broadcasting"'],
  ["shape mismatch in a layer, by its path", "packages/training/test/train-step.test.ts", "naming the layer"],
  ["kernel larger than the padded input", "packages/core/test/ops/errors.test.ts", '"conv: kernel too large"'],
  ["zero or negative stride", "packages/core/test/ops/errors.test.ts", '"conv: stride"'],
  ["zero, negative, fractional dilation and groups", "tests/src/bad-input/core-attributes.ts", '"conv: dilation"'],
  ["the same of layers", "tests/src/bad-input/layer-attributes.ts", '"Conv2d: groups"'],
  ["channels not divisible by groups", "packages/core/test/ops/errors.test.ts", '"conv: groups"'],
  ["wrong dtype", "packages/core/test/ops/errors.test.ts", '"dtypes that differ"'],
  ["a label out of range through trainStep", "packages/training/test/train-step.test.ts", '"a label out of range"'],
  ["a label out of range through fit", "packages/training/test/fit.test.ts", "labels out of range"],
  ["NaN in a batch", "packages/training/test/failing-run.test.ts", "NaN in a batch on the host is refused"],
  ["an empty batch in fit", "packages/training/test/fit.test.ts", "empty batches"],
  ["an empty dataset", "packages/data/test/loader.test.ts", "a loader without batches is refused"],
  ["one value a channel", "packages/training/test/train-step.test.ts", "a batch of one where batch normalisation"],
  [
    "missing, extra, mis-shaped keys",
    "packages/layers/test/modules.test.ts",
    "missing, unexpected and mis-shaped keys",
  ],
  ["data files cut or changed", "packages/data/test/formats.test.ts", "is read or refused by name, nothing else"],
  ["checkpoints cut or changed", "packages/training/test/files.test.ts", "cut off anywhere, or with one bit"],
  ["checkpoints of another run", "packages/training/test/resume.test.ts", "a checkpoint that does not fit is refused"],
  ["safetensors cut, header lengths", "packages/core/test/safetensors/safetensors.test.ts", "is refused at every cut"],
  ["__proto__ and its like", "packages/core/test/safetensors/safetensors.test.ts", "names that mean something else"],
  ["a full disk", "packages/training/test/files.test.ts", "keeps the one that was there, and leaves nothing beside"],
  ["a read-only folder", "packages/training/test/files.test.ts", "says that a folder is read-only"],
  [
    "a worker that dies",
    "packages/backend-cpu/test/workers.test.ts",
    "one that dies in a program rejects all that wait",
  ],
  ["a worker that dies in a page", "packages/backend-cpu/test/support/page.ts", "a worker that is killed"],
  ["memory that runs out", "packages/backend-cpu/test/memory.test.ts", "memory that runs out is an error with figures"],
  ["the model after it", "packages/backend-cpu/test/memory.test.ts", "a run for which there is no memory leaves"],
  ["another contract version", "packages/core/test/failure.test.ts", "one of another contract version is refused"],
  ["tensors of two backends", "packages/core/test/failure.test.ts", "tensors of two backends do not mix"],
  ["control flow on traced values", "packages/core/test/compile-errors.test.ts", "as a promise or as a number"],
  ["a traced tensor that leaks", "packages/core/test/compile-errors.test.ts", "a traced tensor that escapes"],
  ["a disposed tensor", "packages/core/test/memory.test.ts", "a disposed tensor says so"],
  ["numbers of every kind", "tests/test/bad-attributes.test.ts", "wrongNumbers"],
  ["JavaScript's mistakes", "tests/test/bad-arguments.test.ts", "mistakes"],
  ["overlapping and changed runs", "tests/test/careless-training.test.ts", "the next run is right"],
];

test.each(held)("%s: in %s", (_, file, words) => {
  // Not toContain, which would print the file.
  expect(readFileSync(new URL(`../../${file}`, import.meta.url), "utf8").includes(words)).toBe(true);
});

describe("labels", () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await useBackend(cpu({ threads: 1 }));
  });

  it.each([3, -1, 2 ** 31 - 1])(
    "%i of three classes on the host: refused by evaluate, and nothing is left",
    async (label) => {
      const model = new Linear(2, 3);
      const x = (): Tensor =>
        tensor([
          [1, 2],
          [3, 4],
        ]);
      await evaluate(model, [{ x: x(), y: tensor(Int32Array.of(0, 2)) }], { accuracy });
      const before = await model.weight.value.array();
      const { buffers } = backend.memory();
      const wrong = { x: x(), y: tensor(Int32Array.of(0, label)) };
      await expect(evaluate(model, [wrong], { accuracy })).rejects.toThrow(
        new RegExp(`label ${label} at index 1 is not one of 3 classes.*Remedy`),
      );
      expect(backend.memory().buffers - buffers).toBeLessThanOrEqual(1); // the handle above
      expect(await model.weight.value.array()).toEqual(before);
      expect((await predict(model, x())).shape).toEqual([2, 3]);
      expect([...stateDict(model).keys()]).toEqual(["weight", "bias"]);
    },
  );

  it.each([3, -1, 2 ** 31 - 1, -(2 ** 31)])(
    "%i of three classes on the device: NaN for its row alone",
    async (label) => {
      const logits = tensor([
        [1, 2, 3],
        [3, 2, 1],
      ]).add(0);
      const labels = tensor(Int32Array.of(0, label)).add(tensor(Int32Array.of(0, 0)));
      const rows = await compile((z: Tensor, y: Tensor) => softmaxCrossEntropy(z, y))(logits, labels).data();
      expect(rows[0]).toBeCloseTo(2.4076, 3);
      expect(rows[1]).toBeNaN();
      expect(await crossEntropy(logits, labels).item()).toBeNaN();
      expect(await logits.array()).toEqual([
        [1, 2, 3],
        [3, 2, 1],
      ]);
    },
  );
});
