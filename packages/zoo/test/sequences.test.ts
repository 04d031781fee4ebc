// What the nets of text and sound may know: no future, frozen words, no words more than there are.
import {
  type Tensor,
  evaluating,
  grad,
  setSeed,
  slice,
  square,
  sum,
  tensor,
  useBackend,
  valueAndGrad,
} from "@stria/core";
import { reference } from "@stria/core/reference";
import { beforeAll, describe, expect, it } from "vitest";
import { type TextCNNName, convGru, textCnn, wavenetStack } from "../src/index.ts";

beforeAll(async () => {
  await useBackend(reference());
  setSeed(3);
});

describe("the WaveNet-like stack", () => {
  const time = 150;
  const signal = Float32Array.from({ length: time }, (_, index) => Math.sin(index / 3));

  it("has no leak from the future: what comes after a moment changes nothing up to it", async () => {
    const model = wavenetStack();
    const changed = signal.map((value, index) => (index <= 70 ? value : -7 * value + 1));
    const [before, after] = await Promise.all(
      [signal, changed].map((data) => model.forward(tensor(data, { shape: [1, 1, time] })).data()),
    );
    const differs = Array.from({ length: time }, (_, moment) =>
      Array.from({ length: 32 }, (_row, level) => level * time + moment).some(
        (index) => before?.[index] !== after?.[index],
      ),
    );
    expect(differs.indexOf(true)).toBe(71);
  });

  it.each([
    [{}, 128],
    [{ kernel: 3, dilations: [1, 2, 8] }, 25],
    [{ kernel: 2, dilations: [4] }, 6],
  ])("of %o a prediction sees %i samples, those before it, by its gradient too", async (options, field) => {
    const model = wavenetStack({ ...options, channels: 8, skipChannels: 4, numClasses: 3 });
    expect(model.receptiveField).toBe(field);
    const moment = 140;
    const predicted = (x: Tensor): Tensor => sum(square(slice(model.forward(x), [0, 0, moment], [1, 3, 1])));
    const gradient = await grad(predicted)(tensor(signal, { shape: [1, 1, time] })).data();
    const seen = [...gradient.keys()].filter((index) => gradient[index] !== 0);
    expect([seen[0], seen.at(-1)]).toEqual([moment - field + 1, moment]);
  });
});

describe("the text CNN", () => {
  const small = { vocabulary: 6, dimensions: 4, filters: 3, windows: [2, 3] };
  const words = tensor(Int32Array.of(0, 3, 5, 1, 2, 2, 0, 4), { shape: [2, 4], dtype: "int32" });
  const vectors = Float32Array.from({ length: 24 }, (_, index) => Math.cos(index));

  const gradientsOf = (name: TextCNNName): string[] =>
    evaluating(() => [
      ...valueAndGrad(textCnn(name, small), (model) => sum(square(model.forward(words)))).grads.keys(),
    ]).filter((path) => path.includes("embedding"));

  it("trains the words or keeps them, as its name says", () => {
    expect(gradientsOf("text_cnn_rand")).toEqual(["embedding.weight"]);
    expect(gradientsOf("text_cnn_non_static")).toEqual(["embedding.weight"]);
    expect(gradientsOf("text_cnn_static")).toEqual([]);
    expect(gradientsOf("text_cnn_multichannel")).toEqual(["embedding.weight"]);
    expect(textCnn("text_cnn_multichannel", small).static_embedding?.weight.trainable).toBe(false);
  });

  it("starts from the vectors that it is given, both copies of them, and its padding from 0", async () => {
    const { embedding, static_embedding: copy } = textCnn("text_cnn_multichannel", {
      ...small,
      vectors,
      paddingIndex: 1,
    });
    const expected = vectors.map((value, index) => (index >= 4 && index < 8 ? 0 : value));
    expect(await embedding.weight.value.data()).toEqual(expected);
    expect(await copy?.weight.value.data()).toEqual(expected);
    const drawn = [...(await textCnn("text_cnn_rand", small).embedding.weight.value.data())].map(Number);
    expect(Math.max(...drawn.map(Math.abs))).toBeLessThanOrEqual(0.25);
    expect(new Set(drawn).size).toBeGreaterThan(20);
  });

  it("says the same wherever a sentence stands among words of padding", async () => {
    const model = textCnn("text_cnn_static", { ...small, paddingIndex: 0 });
    const scores = (list: readonly number[]) =>
      evaluating(() =>
        model.forward(tensor(Int32Array.from(list), { shape: [1, list.length], dtype: "int32" })),
      ).data();
    expect(await scores([0, 0, 3, 5, 2, 0, 0])).toEqual(await scores([0, 0, 0, 3, 5, 2, 0, 0]));
  });

  it("names the shortest sentence that its windows can read", () => {
    const words4 = tensor(new Int32Array(4), { shape: [1, 4], dtype: "int32" });
    expect(() => textCnn("text_cnn_rand").forward(words4)).toThrow(
      "textCnn: texts of 4 words are too short. Remedy: give at least 5: fill shorter ones up",
    );
    expect(() => convGru().forward(tensor(Int32Array.of(1), { shape: [1], dtype: "int32" }))).toThrow(
      "convGru: the input is [1]. Remedy: give numbers of words [N, time].",
    );
  });
});
