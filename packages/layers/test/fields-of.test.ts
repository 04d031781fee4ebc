import { type Tensor, mean, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeEach, describe, expect, it } from "vitest";
import { AvgPool1d, Conv1d, Conv2d, embedding, features, receptiveFieldsOf, sequential } from "../src/index.ts";

beforeEach(async () => {
  await useBackend(reference());
});

describe("receptiveFieldsOf", () => {
  const net = sequential([
    sequential([new Conv1d(1, 2, 3, { padding: 1 }), new Conv1d(2, 2, 3, { padding: 1 })]),
    sequential([new AvgPool1d(2), new Conv1d(2, 1, 3, { dilation: 2 })]),
  ]);

  it("tells the fields of stages, each layer after the other by the rule of Araujo, Norris and Sim (2019)", () => {
    expect(receptiveFieldsOf((x) => features(net, ["0", "1"]).forward(x), [1, 40])).toEqual({
      "0": [{ field: 5, jump: 1, start: -2 }],
      "1": [{ field: 14, jump: 2, start: -2 }],
    });
  });

  it("tells one field for each axis, and none of what sees no place", () => {
    const tall = new Conv2d(1, 1, [5, 1], { stride: [2, 1] });
    const found = receptiveFieldsOf(
      (x: Tensor) => ({ map: tall.forward(x), constant: mean(tall.weight.value) }),
      [1, 9, 9],
    );
    expect(found).toEqual({
      map: [
        { field: 5, jump: 2, start: 0 },
        { field: 1, jump: 1, start: 0 },
      ],
      constant: null,
    });
  });

  it("follows words through their vectors", () => {
    const words = sequential([embedding(9, 2)], { inputShape: [6], inputDType: "int32" });
    const found = receptiveFieldsOf((x) => ({ vectors: words.forward(x) }), [6], { inputDType: "int32" });
    expect(found.vectors).toEqual([{ field: 1, jump: 1, start: 0 }]);
  });

  it("refuses what is no tensor", () => {
    const f = (): Record<"count", Tensor> => JSON.parse('{ "count": 3 }') as Record<"count", Tensor>;
    expect(() => receptiveFieldsOf(f, [1, 9])).toThrow(
      /receptiveFieldsOf: "count" is no tensor. Remedy: return tensors by name/,
    );
  });
});
