// Outputs of layers inside a model, by path.
import {
  type Tensor,
  add,
  compile,
  evaluating,
  modulePath,
  mul,
  namedModules,
  relu,
  tensor,
  useBackend,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import { BatchNorm1d, Module, dense, features, lastStep, lstm, sequential, stateDict } from "../src/index.ts";

beforeEach(async () => {
  await useBackend(reference());
});

/** x * factor. */
class Times extends Module {
  readonly factor: number;

  constructor(factor: number) {
    super();
    this.factor = factor;
  }

  override forward(x: Tensor): Tensor {
    return mul(x, this.factor);
  }
}

class Net extends Module {
  first: Times = new Times(2);
  readonly blocks: readonly Times[] = [new Times(3), new Times(5)];
  readonly unused: Times = new Times(7);
  readonly norm: BatchNorm1d = new BatchNorm1d(2);

  override forward(x: Tensor): Tensor {
    const y = this.blocks.reduce((value, block) => block.forward(value), relu(this.first.forward(x)));
    return add(this.first.forward(this.norm.forward(y)), 1);
  }
}

const x = (): Tensor => tensor([[1, -1]]);

describe("features", () => {
  it("are the values at the paths, those of a layer's last call", async () => {
    const { first, "blocks.0": block } = evaluating(() => features(new Net(), ["first", "blocks.0"]).forward(x()));
    expect(await block.array()).toEqual([[6, 0]]);
    const [[value = 0] = []] = [(await first.array()) as number[][]].flat();
    expect(value).toBeCloseTo((2 * 2 * 3 * 5) / Math.sqrt(1 + 1e-5), 3);
  });

  it("are those of a compiled function, and the rest of the model is not computed", async () => {
    const part = features(new Net(), ["blocks.0"]);
    const forward = compile((input: Tensor) => part.forward(input), { modules: [part] });
    const { "blocks.0": block } = evaluating(() => forward(x()));
    expect(await block.array()).toEqual([[6, 0]]);
    expect(evaluating(() => forward.graph(x())).nodes.map(({ op }) => op)).not.toContain("batchNormEvaluation");
  });

  it("leave the model as it was, also when it throws", async () => {
    const net = new Net();
    const before = Reflect.ownKeys(net.first);
    evaluating(() => features(net, ["first"]).forward(x()));
    expect(() => evaluating(() => features(net, ["first"]).forward(tensor([[1, 2, 3]])))).toThrow(
      /give one number for each/,
    );
    expect(Reflect.ownKeys(net.first)).toEqual(before);
    expect([...stateDict(features(net, ["first"])).keys()][0]).toBe("model.norm.weight");
  });

  it("follow a layer that is replaced", async () => {
    const net = new Net();
    const part = features(net, ["blocks.1"]);
    net.first = new Times(-2);
    const { "blocks.1": block } = evaluating(() => part.forward(x()));
    expect(await block.array()).toEqual([[0, 30]]);
  });

  it("are found in a sequential model, and of a recurrent layer its first tensor", () => {
    const net = sequential([lstm(4), lstm(3), lastStep(), dense(2)], { inputShape: [5, 2] });
    const found = features(net, ["1", "0"]).forward(tensor(new Float32Array(10), { shape: [1, 5, 2] }));
    expect(Object.entries(found).map(([path, { shape }]) => [path, shape])).toEqual([
      ["0", [1, 5, 4]],
      ["1", [1, 5, 3]],
    ]);
  });

  it("of a part of a model leave the paths of its layers as they are: errors and random streams have them", () => {
    class Whole extends Module {
      readonly body: Net = new Net();
      readonly part = features(this.body, ["first"]);

      override forward(input: Tensor): Tensor {
        return this.part.forward(input).first;
      }
    }
    const whole = new Whole();
    expect([...namedModules(whole)].map(([path]) => path)).toContain("body.first");
    evaluating(() => whole.forward(x()));
    expect(modulePath(whole.body.first)).toBe("body.first");
    expect(stateDict(whole).has("part.model.norm.weight")).toBe(true);
  });

  it("refuse what is no layer, and say which there are", () => {
    const net = new Net();
    expect(() => features(net, ["blocks.2"])).toThrow(
      'features: the model has no layer "blocks.2". Remedy: use paths of its layers: first, unused, norm, blocks.0, blocks.1.',
    );
    expect(() => features(net, ["blocks"])).toThrow(/no layer "blocks"/);
    expect(() => features(net, [])).toThrow(/no layer is named/);
    expect(() => evaluating(() => features(net, ["unused"]).forward(x()))).toThrow(
      'features: the layer "unused" is not called for this input. Remedy: name another layer.',
    );
    expect(() => features({ forward: () => 1 }, ["a"])).toThrow(/is no module/);
  });
});
