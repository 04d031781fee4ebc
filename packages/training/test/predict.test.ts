// Predictions of models that nothing else has looked at before.
import { ones, setSeed, useBackend } from "@stria/core";
import { reference } from "@stria/core/reference";
import { type Module, conv2d, features, sequential } from "@stria/layers";
import { beforeEach, expect, it } from "vitest";
import { predict } from "../src/index.ts";

beforeEach(() => useBackend(reference()));

const fresh = (): Module => sequential([conv2d(2, 3), conv2d(1, 2)], { inputShape: [1, 4, 4] });

async function predicted(make: () => Module, seed: number): Promise<number[]> {
  setSeed(seed);
  return [...(await (await predict(make(), ones([1, 1, 4, 4]))).data())];
}

async function featured(seed: number): Promise<number[]> {
  setSeed(seed);
  const maps = await predict(features(fresh(), ["0"]), ones([1, 1, 4, 4]));
  return [...(await maps[0].data())];
}

it("depends on seed and paths only, for a fresh model and for features of one", async () => {
  const [first, second, other] = [await predicted(fresh, 1), await predicted(fresh, 1), await predicted(fresh, 2)];
  expect(second).toStrictEqual(first);
  expect(other).not.toStrictEqual(first);
  const maps = await featured(1);
  expect(await featured(1)).toStrictEqual(maps);
  expect(await featured(2)).not.toStrictEqual(maps);
});
