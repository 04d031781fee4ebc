// On a page, where workers compute, a program is explained and timed just so, and algorithms are measured.
import { compile, conv, fromHost, relu, type Tensor, useBackend } from "@stria/core";
import { expect, test } from "vitest";
import { cpu, explain, profile, tunings } from "../../src/index.ts";

const convolution = (image: Tensor, kernel: Tensor): Tensor => relu(conv(image, kernel, { padding: 1 }));

function given(channels: number, size: number): [Tensor, Tensor] {
  return [
    fromHost(new Float32Array(size * size * channels).fill(1), [1, channels, size, size], "float32"),
    fromHost(new Float32Array(channels * channels * 9).fill(1), [channels, channels, 3, 3], "float32"),
  ];
}

/** Declares the tests. */
export function testInsight(): void {
  test("profile waits for the workers, and every unit takes its time", async () => {
    const backend = await useBackend(cpu({ threads: 2 }));
    const [x, weight] = given(32, 128);
    const f = compile(convolution);
    const multiplyAdds = 128 * 128 * 32 * 32 * 9;
    // The convolution, and its result turned to planes.
    const explained = await explain(f, [x, weight]);
    expect(explained.units.map((unit) => unit.multiplyAdds)).toEqual([multiplyAdds, 0]);
    const found = await profile(f, [x, weight], { runs: 3 });
    expect(found.units.map((unit) => unit.ops)).toEqual([["conv", "relu"], ["result"]]);
    // Nobody has a processor with so many GFLOP/s on a core.
    expect(found.milliseconds).toBeGreaterThan((2 * multiplyAdds) / 1000e6 / 2);
    expect(JSON.parse(found.trace())).toMatchObject({ displayTimeUnit: "ms" });
    await expect(profile(f, [x, weight], { clock: "processor" })).rejects.toThrow('there is no clock "processor" here');
    backend.dispose();
  });

  test("algorithms are measured in workers, and the fastest is right", async () => {
    const backend = await useBackend(cpu({ threads: 2, tune: true }));
    const [x, weight] = given(16, 24);
    const y = await compile(convolution)(x, weight).data();
    expect(y.length).toBe(16 * 24 * 24);
    expect(y[0]).toBeCloseTo(16 * 4, 3);
    expect(y[25]).toBeCloseTo(16 * 9, 3);
    expect(Object.keys(tunings().algorithms)).toEqual([expect.stringMatching(/^forward 1x16x24x24 /)]);
    backend.dispose();
  });
}
