// TF.js's convolution and matrix product, which only large shapes reach, on shapes that a software adapter can do.
import { at } from "@stria/core";
import { afterAll, describe, expect, it } from "vitest";
import { convByTfjs, worthTfjsConv } from "../src/kernels/conv-tfjs.ts";
import { matmulByTfjs } from "../src/kernels/matmul.ts";
import { type Case, describeCase, nodeOf } from "./support/case.ts";
import { matmulCase } from "./support/cases-network.ts";
import { convolutions } from "./support/cases-window.ts";
import { openOrReason } from "./support/device.ts";
import { openRuntime } from "./support/runtime.ts";
import { Dice, toHost } from "./support/value.ts";

const opened = await openOrReason();
const reason = "reason" in opened ? opened.reason : undefined;
if ("backend" in opened) opened.backend.dispose();
const open = reason === undefined ? await openRuntime() : undefined;

afterAll(() => open && open.device.destroy());

async function worstError(one: Case, kernel: typeof convByTfjs): Promise<number> {
  if (!open) return 0;
  const { runtime } = open;
  const inputs = one.inputs.map((input) => runtime.upload(toHost(input), input));
  const output = kernel(runtime, nodeOf(one), at(inputs, 0), at(inputs, 1));
  const got = await runtime.download(output);
  for (const tensor of [...inputs, output]) runtime.free(tensor);
  const wanted = at(one.expected, 0).data;
  expect(got.length).toBe(wanted.length);
  return Math.max(...wanted.map((number, index) => Math.abs(number - at(got, index))));
}

describe.skipIf(!open)(`TF.js's kernels${reason === undefined ? "" : ` (skipped: ${reason})`}`, () => {
  const dice = new Dice(7);
  const wrong: string[] = [];

  it("Conv2D, transposed to NHWC and back, with asymmetric padding, stride and dilation", async () => {
    for (const [channels, outputs, kernel, before, after, stride, dilation] of [
      [4, 8, 3, 1, 1, 1, 1],
      [8, 4, 3, 0, 2, 2, 1],
      [4, 4, 1, 0, 0, 1, 1],
      [4, 12, 5, 2, 2, 1, 2],
      [3, 5, 2, 1, 0, 3, 1],
    ] as const) {
      const window = {
        kernel: [kernel, kernel],
        stride: [stride, stride],
        dilation: [dilation, dilation],
        padding: [
          [before, after],
          [after, before],
        ] satisfies [number, number][],
      };
      const forward = at(convolutions(dice, 2, channels, outputs, 1, window), 0);
      if ((await worstError(forward, convByTfjs)) > 5e-5) wrong.push(describeCase(forward));
      expect(worthTfjsConv(nodeOf(forward))).toBe(false);
    }
    expect(wrong).toEqual([]);
  });

  it("BatchMatMul, each operand transposed or not, batched and not", async () => {
    for (const [batch, a, b] of [
      [[], [], []],
      [[2], [2], []],
    ] as const)
      for (const bits of batch.length === 0 ? [0, 1, 2, 3] : [1]) {
        const one = matmulCase(dice, [...batch], [...a], [...b], [36, 32, 40], bits % 2 === 1, bits >= 2);
        if ((await worstError(one, matmulByTfjs)) > 5e-5) wrong.push(describeCase(one));
      }
    expect(wrong).toEqual([]);
  });

  it("leave no buffer behind", () => {
    expect(open?.runtime.pool().used).toBe(0);
  });
});
