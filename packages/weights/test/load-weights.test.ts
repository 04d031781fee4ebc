// Weights into models: what is renamed, converted, used and left, and that nothing changes when something is wrong.
import {
  AttributeError,
  FormatError,
  mean,
  type HostTensor,
  Parameter,
  type StoredTensor,
  type Tensor,
  tensor,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { BatchNorm2d, Conv2d, Linear, Module, stateDict } from "@stria/layers";
import { loadWeights, type TensorSource } from "@stria/weights";
import { beforeAll, describe, expect, test } from "vitest";

beforeAll(() => useBackend(reference()));

class Net extends Module {
  readonly conv = new Conv2d(1, 2, 1, { bias: false });
  readonly bn = new BatchNorm2d(2);
  readonly fc = new Linear(2, 3);
  forward(x: Tensor): Tensor {
    return this.fc.forward(mean(this.bn.forward(this.conv.forward(x)), [2, 3]));
  }
}

const zeros = (shape: readonly number[], start = 0): HostTensor => ({
  shape,
  dtype: "float32",
  data: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, index) => start + index),
});

/** A whole state dict of a Net; `change` replaces and takes away. */
function netWeights(change: Record<string, HostTensor | StoredTensor | undefined> = {}): Map<string, HostTensor> {
  const all: Record<string, HostTensor | StoredTensor | undefined> = {
    "conv.weight": zeros([2, 1, 1, 1], 1),
    "bn.weight": zeros([2], 3),
    "bn.bias": zeros([2], 5),
    "bn.running_mean": zeros([2], 7),
    "bn.running_var": zeros([2], 9),
    "fc.weight": zeros([3, 2], 11),
    "fc.bias": zeros([3], 17),
    ...change,
  };
  return new Map(Object.entries(all).filter((entry): entry is [string, HostTensor] => entry[1] !== undefined));
}

async function valuesOf(model: Net): Promise<Record<string, unknown>> {
  const values = await Promise.all([...stateDict(model)].map(async ([key, value]) => [key, await value.array()]));
  return Object.fromEntries(values) as Record<string, unknown>;
}

describe("loadWeights", () => {
  test("uses all, without num_batches_tracked as in older files", async () => {
    const model = new Net();
    const report = await loadWeights(model, netWeights());
    expect(report).toEqual({
      used: [...netWeights().keys()],
      missing: ["bn.num_batches_tracked"],
      left: [],
      renamed: [],
      misshaped: [],
    });
    expect(await valuesOf(model)).toMatchObject({ "bn.running_var": [9, 10], "fc.bias": [17, 18, 19] });
  });

  test("renames by expressions in turn, and by a function that leaves out", async () => {
    const named = new Map([...netWeights()].map(([key, value]) => [`module.${key}`.replace("bn.", "norm/"), value]));
    const rename = [
      ["^module\\.", ""],
      [/norm\//, "bn."],
    ] as const;
    const report = await loadWeights(new Net(), named, { rename });
    expect(report.renamed.slice(0, 2)).toEqual([
      ["module.conv.weight", "conv.weight"],
      ["module.norm/weight", "bn.weight"],
    ]);
    named.set("epoch", zeros([]));
    const byFunction = await loadWeights(new Net(), named, {
      rename: (key) => (key === "epoch" ? undefined : key.replace("module.", "").replace("norm/", "bn.")),
    });
    expect(byFunction.left).toEqual(["epoch"]);
    await expect(loadWeights(new Net(), named, { rename: [["^.*weight$", "w"]] })).rejects.toThrow(
      'loadWeights: "module.conv.weight" and "module.norm/weight" both become "w". Remedy: change rename',
    );
    await expect(loadWeights(new Net(), named, { rename: [["(", ""]] })).rejects.toThrow(AttributeError);
    await expect(loadWeights(new Net(), named, { rename: [["(", ""]] })).rejects.toThrow(
      'rename: "(" is no regular expression. Remedy: escape',
    );
  });

  test("stored types become the model's: float64 and float16 float32, whole numbers floats where those are wanted", async () => {
    const model = new Net();
    const stored: StoredTensor = {
      shape: [2],
      storedAs: "F64",
      bytes: new Uint8Array(Float64Array.of(0.1, 2).buffer),
    };
    const steps: StoredTensor = { shape: [], storedAs: "I64", bytes: new Uint8Array(BigInt64Array.of(7n).buffer) };
    const half: HostTensor = { shape: [3], dtype: "float16", data: Uint16Array.of(0x3800, 0x3c00, 0xc000) };
    const whole: HostTensor = { shape: [2], dtype: "int32", data: Int32Array.of(4, -4) };
    await loadWeights(
      model,
      netWeights({ "bn.weight": stored, "bn.num_batches_tracked": steps, "fc.bias": half, "bn.bias": whole }),
    );
    expect(await valuesOf(model)).toMatchObject({
      "bn.weight": [Math.fround(0.1), 2],
      "bn.num_batches_tracked": 7,
      "fc.bias": [0.5, 1, -2],
      "bn.bias": [4, -4],
    });
    const model16 = { w: new Parameter([2], () => new Uint16Array(2), "float16") };
    await loadWeights(model16, new Map([["w", zeros([2], 0.5)]]));
    expect(await model16.w.value.array()).toEqual([0.5, 1.5]);
    await expect(loadWeights(model16, new Map([["w", zeros([2], 1e6)]]))).rejects.toThrow(
      'loadWeights, tensor "w": element 0, 1000000, does not fit float16. Remedy: build the model with a dtype that holds it',
    );
    const counter = { n: new Parameter([1], () => new Int32Array(1), "int32") };
    await expect(loadWeights(counter, new Map([["n", zeros([1], 0.5)]]))).rejects.toThrow("0.5, does not fit int32");
    await expect(loadWeights(counter, new Map([["n", tensor([1])]]))).rejects.toThrow(
      "a tensor of float32 is no int32. Remedy: cast it",
    );
  });

  test("a head of other classes is left as it is, by name or because its shape differs", async () => {
    const other = netWeights({ "fc.weight": zeros([10, 2]), "fc.bias": zeros([10]) });
    const model = new Net();
    const before = (await valuesOf(model))["fc.weight"];
    const report = await loadWeights(model, other, { except: "fc" });
    expect(report.left).toEqual(["fc.weight", "fc.bias"]);
    expect(report.used).toHaveLength(5);
    expect((await loadWeights(model, other, { skipMisshaped: true })).misshaped).toEqual([
      { key: "fc.weight", path: "fc.weight", found: [10, 2], expected: [3, 2] },
      { key: "fc.bias", path: "fc.bias", found: [10], expected: [3] },
    ]);
    const renamedHead = netWeights({ "fc.weight": undefined, "fc.bias": undefined, "head.weight": zeros([10, 2]) });
    expect((await loadWeights(model, renamedHead, { except: ["fc", "head"] })).left).toEqual(["head.weight"]);
    expect((await valuesOf(model))["fc.weight"]).toEqual(before);
    await expect(loadWeights(model, other, { except: "haed" })).rejects.toThrow(
      'except: neither the model nor the weights have "haed". Remedy: the model has conv.weight',
    );
  });

  test("what does not fit is an error with both shapes and the remedy, and nothing has changed", async () => {
    const model = new Net();
    const before = await valuesOf(model);
    const wrong = netWeights({ "fc.weight": zeros([10, 2]), "bn.bias": undefined, extra: zeros([1]) });
    const failure: unknown = await loadWeights(model, { source: "net.pth", tensors: wrong }).catch(
      (error: unknown) => error,
    );
    expect(failure).toBeInstanceOf(FormatError);
    expect(String(failure)).toContain(
      "net.pth: the weights do not fit the model; missing: bn.bias; unexpected: extra; of other shapes: fc.weight is [3, 2] in the model and [10, 2] in the file",
    );
    expect(String(failure)).toContain(
      'or leave fc as it is with { except: "fc" }, or all that differ with { skipMisshaped',
    );
    await expect(loadWeights(model, wrong, { strict: false })).rejects.toThrow(/of other shapes/);
    await expect(
      loadWeights(model, netWeights({ "bn.weight": zeros([2]), "fc.weight": zeros([2, 3]) })),
    ).rejects.toThrow("if the weights are channels last, move their axes with fromChannelsLast; else");
    const huge: StoredTensor = {
      shape: [3],
      storedAs: "F64",
      bytes: new Uint8Array(Float64Array.of(1, 1e300, 1).buffer),
    };
    await expect(loadWeights(model, netWeights({ "fc.bias": huge }))).rejects.toThrow(
      'loadWeights, tensor "fc.bias": element 1, 1e+300 stored as F64, does not fit float32',
    );
    expect(await valuesOf(model)).toEqual(before);
    const partial = await loadWeights(model, netWeights({ "bn.bias": undefined, extra: zeros([1]) }), {
      strict: false,
    });
    expect([partial.missing, partial.left]).toEqual([["bn.bias", "bn.num_batches_tracked"], ["extra"]]);
  });

  test("the remedy names the prefix that is too much or too little", async () => {
    const prefixed = new Map([...netWeights()].map(([key, value]) => [`module.net.${key}`, value]));
    await expect(loadWeights(new Net(), prefixed)).rejects.toThrow(
      String.raw`take "module.net." off the keys with { rename: [["^module\\.net\\.", ""]] }`,
    );
    await expect(loadWeights({ backbone: new Net() }, netWeights())).rejects.toThrow(
      'put "backbone." before the keys with { rename: [["^", "backbone."]] }',
    );
  });

  test("of a file that is read on request only what is used is read, after all shapes were compared", async () => {
    const asked: string[][] = [];
    const tensors = netWeights({ extra: zeros([1]) });
    const file: TensorSource = {
      source: "net.safetensors",
      entries: new Map([...tensors].map(([key, { shape }]) => [key, { shape, storedAs: "F32" }])),
      read: async (names = tensors.keys()) => {
        asked.push([...names]);
        return new Map(
          asked[0]?.map((key) => {
            const { shape, data } = tensors.get(key) ?? zeros([]);
            return [key, { shape, storedAs: "F32", bytes: new Uint8Array(data.slice().buffer) }];
          }),
        );
      },
      close: async () => undefined,
    };
    await expect(loadWeights(new Net(), file)).rejects.toThrow(
      "net.safetensors: the weights do not fit the model; unexpected: extra.",
    );
    expect(asked).toEqual([]);
    const model = new Net();
    await loadWeights(model, file, { strict: false });
    expect(asked).toEqual([[...netWeights().keys()]]);
    expect((await valuesOf(model))["fc.bias"]).toEqual([17, 18, 19]);
  });

  test.each([[null], ["net.pth"], [{ source: "x" }]])("refuses %j", async (weights) => {
    // @ts-expect-error what JavaScript may pass
    await expect(loadWeights(new Net(), weights)).rejects.toThrow("the weights are no tensors by name");
  });
});
