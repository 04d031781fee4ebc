// Sizes of the nets for sounds and for segmentation, against their papers. Values: the golden training runs.
import { ShapeError, inferAval, setSeed, tensor, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { stateDict, summary } from "@stria/layers";
import { describe, expect, it } from "vitest";
import { tdnn, unet } from "../src/index.ts";

describe("tdnn", () => {
  it("has the parameters and multiply-adds of the reference", () => {
    const { parameters, multiplyAdds } = summary(tdnn(), [16, 15]);
    expect([parameters, multiplyAdds]).toEqual([515, 6072]);
    expect([...stateDict(tdnn()).keys()]).toEqual(["hidden1.weight", "hidden1.bias", "hidden2.weight", "hidden2.bias"]);
  });

  it("takes any number of frames from 7 on, and says the same of a sound that is repeated", async () => {
    setSeed(2);
    await useBackend(reference());
    const model = tdnn({ numClasses: 2, inChannels: 1 });
    const x = (frames: number): number[] =>
      Array.from({ length: frames }, (_, frame) => Math.sin((frame * Math.PI) / 2));
    // Whole periods of 4 frames more or less change no mean.
    const [short, long] = await Promise.all(
      [10, 14].map((frames) => model.forward(tensor(x(frames), { shape: [1, 1, frames] })).array()),
    );
    expect(JSON.stringify(long, rounded)).toBe(JSON.stringify(short, rounded));
    expect(() => model.forward(tensor(x(6), { shape: [1, 1, 6] }))).toThrow(ShapeError);
  });
});

function rounded(_key: string, value: unknown): unknown {
  return typeof value === "number" ? value.toFixed(5) : value;
}

describe("unet", () => {
  it("starts from the paper's deviation, the root of 2 over the incoming values", async () => {
    setSeed(4);
    await useBackend(reference());
    const { weight } = unet({ base: 32 }).bottom.conv1; // 256 maps of 3x3
    const values = [...(await weight.value.data())];
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);
    expect(deviation / Math.sqrt(2 / (9 * 256))).toBeCloseTo(1, 2);
  });

  const sizeOf = (padded: boolean, edge: number): readonly number[] =>
    inferAval((x) => unet({ base: 4, padded }).forward(x), { shape: [1, 1, edge, edge], dtype: "float32" }).shape;

  it("has the parameters, the multiply-adds and the output of the paper", () => {
    const { parameters, multiplyAdds, rows } = summary(unet(), [1, 572, 572]);
    expect([parameters, multiplyAdds]).toEqual([31_030_658, 150_428_424_448]);
    expect(rows.at(-1)?.outputShape).toEqual([2, 388, 388]);
  });

  it("gives pixels for pixels where it is padded", () => {
    expect(sizeOf(true, 64)).toEqual([1, 2, 64, 64]);
    expect(sizeOf(false, 188)).toEqual([1, 2, 4, 4]);
  });

  it.each([
    [true, 72],
    [false, 190],
  ])("padded %s: %i cannot be halved four times", (padded, edge) => {
    expect(() => sizeOf(padded, edge)).toThrow(/^unet: an input of .* cannot be halved\. Remedy: .*16.*188/);
  });
});
