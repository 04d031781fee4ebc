// Modules and state dicts: names, shared modules, first values, loading and its errors.
import {
  type HostTensor,
  Parameter,
  type Tensor,
  namedCells,
  relu,
  setSeed,
  tensor,
  training,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import {
  BatchNorm2d,
  Conv2d,
  Linear,
  Module,
  initialisers,
  loadStateDict,
  sequential,
  stateDict,
} from "../src/index.ts";
import { numbers, ramp } from "./support/numbers.ts";

const backend = reference();

beforeEach(async () => {
  setSeed(1);
  await useBackend(backend);
});

describe("Module", () => {
  class Block extends Module {
    readonly conv = new Conv2d(2, 2, 1, { bias: false });
    readonly bn = new BatchNorm2d(2);
    override forward(x: Tensor): Tensor {
      return relu(this.bn.forward(this.conv.forward(x)));
    }
  }
  class Net extends Module {
    readonly layer1 = [new Block(), new Block()];
    readonly heads = { left: new Linear(2, 1), right: new Linear(2, 1) };
    readonly scale = new Parameter([1], initialisers.ones);
    override forward(x: Tensor): Tensor {
      return this.layer1.reduce((y, block) => block.forward(y), x);
    }
  }

  it("finds parameters and state through fields, arrays and objects, in the order of the fields", () => {
    expect([...stateDict(new Net()).keys()]).toEqual([
      ...[0, 1].flatMap((index) =>
        ["conv.weight", "bn.weight", "bn.bias", "bn.running_mean", "bn.running_var", "bn.num_batches_tracked"].map(
          (name) => `layer1.${index}.${name}`,
        ),
      ),
      "heads.left.weight",
      "heads.left.bias",
      "heads.right.weight",
      "heads.right.bias",
      "scale",
    ]);
  });

  it("lists a shared module under each of its paths, as PyTorch does", () => {
    const shared = new Linear(2, 2);
    class Tied extends Module {
      readonly first = shared;
      readonly second = shared;
      override forward(x: Tensor): Tensor {
        return this.second.forward(this.first.forward(x));
      }
    }
    expect([...stateDict(new Tied()).keys()]).toEqual(["first.weight", "first.bias", "second.weight", "second.bias"]);
    expect([...namedCells(new Tied()).keys()]).toEqual(["first.weight", "first.bias"]);
  });

  it("starts with the same values wherever a layer stands in the order of construction", async () => {
    const [one, other] = [new Net(), new Net()];
    stateDict(other.heads.left);
    expect(await numbers(stateDict(one).get("layer1.1.conv.weight"))).toEqual(
      await numbers(stateDict(other).get("layer1.1.conv.weight")),
    );
    setSeed(2);
    expect(await numbers(stateDict(new Net()).get("layer1.1.conv.weight"))).not.toEqual(
      await numbers(stateDict(one).get("layer1.1.conv.weight")),
    );
  });
});

describe("loadStateDict", () => {
  it("loads by name, and strictly: missing, unexpected and mis-shaped keys are listed, and nothing changes", async () => {
    const model = new Linear(2, 1);
    const before = await numbers(model.weight.value);
    const wrong = new Map([
      ["weight", tensor([[1, 2, 3]])],
      ["scale", tensor([1])],
    ]);
    expect(() => loadStateDict(model, wrong)).toThrow(
      /missing: bias; unexpected: scale; mis-shaped: weight \(float32\[1, 3\], the model has float32\[1, 2\]\)/,
    );
    expect(() => loadStateDict(model, wrong, { strict: false })).toThrow(/mis-shaped/);
    expect(await numbers(model.weight.value)).toEqual(before);

    const some = new Map([
      ["weight", tensor([[5, 6]])],
      ["scale", tensor([1])],
    ]);
    expect(loadStateDict(model, some, { strict: false })).toEqual({ missing: ["bias"], unexpected: ["scale"] });
    expect(await numbers(model.weight.value)).toEqual([5, 6]);
  });

  it("takes host data and other models' values; what was taken does not change with training", async () => {
    const [from, to] = [new BatchNorm2d(2), new BatchNorm2d(2)];
    training(() => from.forward(ramp([2, 2, 1, 3])));
    loadStateDict(to, stateDict(from));
    expect(await numbers(to.running_mean?.value)).toEqual(await numbers(from.running_mean?.value));
    const taken = stateDict(from);
    const values = await numbers(taken.get("running_mean"));
    training(() => from.forward(ramp([2, 2, 1, 3])));
    expect(await numbers(taken.get("running_mean"))).toEqual(values);
    expect(await numbers(to.running_mean?.value)).toEqual(values);
  });

  it("looks at every value before it changes one: disposed tensors, data of another length", async () => {
    const model = new Linear(2, 1);
    const before = await numbers(model.weight.value);
    const gone = tensor([3]);
    gone.dispose();
    const weight = { shape: [1, 2], dtype: "float32", data: Float32Array.of(5, 6) } as const;
    expect(() =>
      loadStateDict(
        model,
        new Map<string, Tensor | HostTensor>([
          ["weight", weight],
          ["bias", gone],
        ]),
      ),
    ).toThrow(/mis-shaped: bias \(disposed\)/);
    const short = { shape: [1], dtype: "float32", data: new Float32Array(0) } as const;
    expect(() =>
      loadStateDict(
        model,
        new Map<string, HostTensor>([
          ["weight", weight],
          ["bias", short],
        ]),
      ),
    ).toThrow(/mis-shaped: bias \(0 numbers for float32\[1\]\)/);
    expect(await numbers(model.weight.value)).toEqual(before);
  });

  it("lists a few of many", () => {
    const model = sequential(Array.from({ length: 6 }, () => new Linear(1, 1)));
    expect(() => loadStateDict(model, new Map())).toThrow(/missing: 0\.weight, .*3\.bias, and 4 more/);
  });
});
