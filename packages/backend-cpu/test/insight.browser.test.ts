// On a page, where workers compute, a program is explained and timed just so.
import { compile, conv, fromHost, relu, type Tensor, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { cpu, explain, profile } from "../src/index.ts";

test("profile waits for the workers, and every unit takes its time", async () => {
  const backend = await useBackend(cpu({ threads: 2 }));
  const x = fromHost(new Float32Array(64 * 64 * 8).fill(1), [1, 8, 64, 64], "float32");
  const weight = fromHost(new Float32Array(16 * 8 * 9).fill(1), [16, 8, 3, 3], "float32");
  const f = compile((image: Tensor, kernel: Tensor) => relu(conv(image, kernel, { padding: 1 })));
  // The convolution, and its result turned to planes.
  const explained = await explain(f, [x, weight]);
  expect(explained.units.map((unit) => unit.multiplyAdds)).toEqual([64 * 64 * 16 * 8 * 9, 0]);
  const found = await profile(f, [x, weight], { runs: 3 });
  expect(found.units.map((unit) => unit.ops)).toEqual([["conv", "relu"], ["result"]]);
  expect(found.milliseconds).toBeGreaterThan(0);
  expect(JSON.parse(found.trace())).toMatchObject({ displayTimeUnit: "ms" });
  await expect(profile(f, [x, weight], { clock: "processor" })).rejects.toThrow('there is no clock "processor" here');
  backend.dispose();
});
