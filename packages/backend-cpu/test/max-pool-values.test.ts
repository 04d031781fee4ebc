// Max pooling whose winners nobody reads: the same values, NaN among them.
import { at, compile, fromHost, maxPool, type Tensor, type TypedArray, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { difference } from "./support/agree.ts";
import { Random } from "./support/random.ts";

test.each(["row-major", "channels-last"] as const)("images that lie %s", async (layout) => {
  const backends = [reference(), cpu({ threads: 2, layout })];
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 80; seed++) {
    const random = new Random(seed);
    const isWide = seed >= 40;
    const axes = random.integer(1, isWide ? 2 : 3);
    const kernel = random.shape(axes, isWide ? 8 : 3);
    const dilation = seed % 4 === 3 ? random.shape(axes, 3) : kernel.map(() => 1);
    const padding = kernel.map((length, axis) => (at(dilation, axis) > 1 ? 0 : random.integer(0, length >> 1)));
    const options = { stride: random.shape(axes, 3), padding, dilation };
    const extent = kernel.map((length, axis) => (length - 1) * at(dilation, axis) + 1);
    const size = extent.map((length, axis) => random.integer(length, isWide && axis === axes - 1 ? 90 : length + 8));
    const shape = [random.integer(1, 2), random.integer(1, 3), ...size];
    const { data } = random.value(shape, "float32", seed % 2 === 0 ? "special" : "plain");
    const answers: TypedArray[] = [];
    for (const backend of backends) {
      await useBackend(backend);
      answers.push(await compile((x: Tensor) => maxPool(x, kernel, options))(fromHost(data, shape, "float32")).data());
    }
    differences.push(difference(at(answers, 1), at(answers, 0), {}));
  }
  expect(differences.filter((words) => words !== undefined)).toEqual([]);
  for (const backend of backends) (await backend).dispose();
});
