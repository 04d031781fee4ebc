// The networks for small devices and their descendants: first values and dropped blocks against torchvision's, and their options.
import { AttributeError, evaluating, inferAval, namedCells, namedModules, setSeed, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { DropPath, type Module, countParameters } from "@stria/layers";
import { describe, expect, it } from "vitest";
import { convnext, create, efficientnet, mobilenetV3 } from "../src/index.ts";

/** Of a parameter of torchvision's model: its standard deviation, and the bound that no value passes where there is one. */
type FirstValue = readonly [model: string, key: string, deviation: number, bound?: number];

const firstValues: readonly FirstValue[] = [
  ["mobilenet_v3_small", "features.4.block.1.0.weight", Math.sqrt(2 / (96 * 25))],
  ["mobilenet_v3_small", "features.2.block.0.0.weight", Math.sqrt(2 / 72)],
  ["mobilenet_v3_small", "features.1.block.1.fc1.bias", 0],
  ["mobilenet_v3_small", "classifier.0.weight", 0.01],
  ["mobilenet_v3_small", "classifier.3.bias", 0],
  ["mnasnet0_5", "layers.12.0.layers.3.weight", Math.sqrt(2 / (288 * 25))],
  ["mnasnet0_5", "classifier.1.weight", Math.sqrt(1 / 1000), Math.sqrt(3 / 1000)],
  ["shufflenet_v2_x0_5", "stage4.0.branch2.0.weight", Math.sqrt(1 / 96 / 3), Math.sqrt(1 / 96)],
  ["shufflenet_v2_x0_5", "fc.bias", 1 / 32 / Math.sqrt(3), 1 / 32],
  ["efficientnet_b0", "features.6.0.block.2.fc1.weight", Math.sqrt(2 / 28)],
  ["efficientnet_b0", "features.6.0.block.2.fc1.bias", 0],
  ["efficientnet_b0", "classifier.1.weight", Math.sqrt(1 / 1000 / 3), Math.sqrt(1 / 1000)],
  ["convnext_tiny", "features.1.0.block.0.weight", 0.02],
  ["convnext_tiny", "features.1.0.block.3.weight", 0.02],
  ["convnext_tiny", "classifier.2.bias", 0],
  ["regnet_y_400mf", "trunk_output.block4.block4-0.f.se.fc1.weight", Math.sqrt(2 / 52)],
  ["regnet_y_400mf", "trunk_output.block4.block4-0.f.se.fc1.bias", Math.sqrt(1 / 440 / 3), Math.sqrt(1 / 440)],
  ["regnet_y_400mf", "trunk_output.block4.block4-0.f.b.0.weight", Math.sqrt(2 / (440 * 9))],
  ["regnet_y_400mf", "fc.weight", 0.01],
];

describe("first values", () => {
  for (const [name, key, deviation, bound = Infinity] of firstValues)
    it(`${name}: ${key} has the standard deviation ${deviation}`, async () => {
      setSeed(3);
      await useBackend(reference());
      const cell = namedCells(await create(name)).get(key);
      const values = Float64Array.from((await cell?.value.data()) ?? []);
      expect(values.length).toBeGreaterThan(0);
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const found = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      // Four standard errors of the standard deviation of a normal sample of that size.
      expect(Math.abs(found - deviation)).toBeLessThanOrEqual((4 * deviation) / Math.sqrt(2 * values.length));
      expect(values.every((value) => Math.abs(value) <= bound * 1.000_001)).toBe(true);
    });

  it("of ConvNeXt's scales is 1e-6, or what is asked for", async () => {
    await useBackend(reference());
    for (const [model, scale] of [
      [convnext("convnext_tiny"), 1e-6],
      [convnext("convnext_tiny", { layerScale: 0.5 }), 0.5],
    ] as const) {
      const cell = namedCells(model).get("features.1.0.layer_scale");
      expect(new Set(await cell?.value.data())).toEqual(new Set([Math.fround(scale)]));
    }
  });
});

describe("stochastic depth", () => {
  const probabilities = (model: Module): number[] =>
    [...namedModules(model)].flatMap(([, layer]) => (layer instanceof DropPath ? [layer.probability] : []));

  it("rises from block to block as in torchvision", () => {
    expect(probabilities(efficientnet("efficientnet_b0")).slice(0, 3)).toEqual([0, 0.0125, 0.025]);
    expect(probabilities(efficientnet("efficientnet_b0")).at(-1)).toBe(0.1875);
    expect(probabilities(efficientnet("efficientnet_b7"))).toHaveLength(55);
    expect(probabilities(convnext("convnext_tiny"))).toHaveLength(18);
    expect(probabilities(convnext("convnext_tiny")).slice(0, 2)).toEqual([0, 0.1 / 17]);
    expect(probabilities(convnext("convnext_base")).at(-1)).toBe(0.5);
  });

  it("can be set", () => {
    expect(probabilities(efficientnet("efficientnet_b0", { stochasticDepth: 0 })).every((rate) => rate === 0)).toBe(
      true,
    );
    expect(probabilities(convnext("convnext_small", { stochasticDepth: 0.2 })).at(-1)).toBeCloseTo(0.2, 12);
    expect(() => efficientnet("efficientnet_b0", { stochasticDepth: -0.1 })).toThrow(AttributeError);
    expect(() => convnext("convnext_tiny", { stochasticDepth: 1.5 })).toThrow(
      "convnext: stochasticDepth is 1.5. Remedy: use a probability, from 0 to 1",
    );
  });
});

describe("mobilenetV3", () => {
  it("takes a factor on its channels, and half of them at its end", () => {
    expect(countParameters(mobilenetV3("mobilenet_v3_small", { widthMultiplier: 0.75 }))).toBe(1_653_920);
    expect(countParameters(mobilenetV3("mobilenet_v3_large", { widthMultiplier: 0.35 }))).toBe(997_064);
    expect(countParameters(mobilenetV3("mobilenet_v3_large", { reducedTail: true }))).toBe(2_569_352);
    expect(countParameters(mobilenetV3("mobilenet_v3_small", { reducedTail: true }))).toBe(1_099_672);
    for (const widthMultiplier of [0, Number.NaN, Infinity])
      expect(() => mobilenetV3("mobilenet_v3_small", { widthMultiplier })).toThrow(AttributeError);
  });

  it.each([
    ["mobilenet_v3_large", [1, 480, 6, 4]],
    ["mobilenet_v3_small", [1, 288, 6, 4]],
  ] as const)("%s keeps its maps at a sixteenth when it is dilated", (name, shape) => {
    const model = mobilenetV3(name, { reducedTail: true, dilated: true });
    const maps = inferAval((x) => evaluating(() => model.features.forward(x)), {
      shape: [1, 3, 96, 64],
      dtype: "float32",
    });
    expect(maps.shape).toEqual(shape);
  });
});
