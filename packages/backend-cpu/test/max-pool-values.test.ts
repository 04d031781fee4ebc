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
  for (let seed = 0; seed < 40; seed++) {
    const random = new Random(seed);
    const axes = random.integer(1, 3);
    const kernel = random.shape(axes, 3);
    const options = { stride: random.shape(axes, 3), padding: kernel.map((length) => length >> 1) };
    const shape = [random.integer(1, 2), random.integer(1, 3), ...kernel.map((length) => random.integer(length, 11))];
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
