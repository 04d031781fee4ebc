// What depends on parameters alone is computed once, and again when they change.
import { compile, conv, fromHost, Parameter, relu, type Tensor, useBackend } from "@stria/core";
import { expect, test, vi } from "vitest";
import { CpuBackend } from "../src/backend.ts";
import { cpu } from "../src/index.ts";
import { plainTile } from "../src/kernels/tile.ts";
import { Pool } from "../src/pool/pool.ts";
import { Random } from "./support/random.ts";

const shape = [6, 3, 3, 3];
const images = [1, 3, 7, 8];

function drawn(seed: number, size: readonly number[]): Tensor {
  return fromHost(new Random(seed).value(size).data, size, "float32");
}

test.each([1, 3])("packed weights stay while the weights do, on %i threads", async (threads) => {
  const backend = await useBackend(cpu({ threads }));
  const weight = new Parameter(shape, () => new Random(1).value(shape).data);
  const model = { weight };
  const f = compile((x: Tensor) => relu(conv(x, model.weight, { padding: 1 })), { modules: [model] });
  const plain = compile((x: Tensor, w: Tensor) => relu(conv(x, w, { padding: 1 })));
  const launched = vi.spyOn(Pool.prototype, "launch");
  const records = async (seed: number): Promise<number> => {
    const x = drawn(seed, images);
    launched.mockClear();
    const found = await f(x).data();
    const count = Math.max(...launched.mock.calls.map(([launch]) => launch.records));
    expect([...found]).toEqual([...(await plain(x, weight.value).data())]);
    return count;
  };
  const whole = await records(2);
  const rest = await records(3);
  expect(rest).toBeLessThan(whole);
  expect(await records(4)).toBe(rest);
  weight.set(drawn(5, shape));
  expect(await records(6)).toBe(whole);
  expect(await records(7)).toBe(rest);
  // Changed in place, by a run that takes the old weights over.
  const update = compile(() => weight.set(weight.value.mul(2)), { modules: [model] });
  update();
  expect(await records(8)).toBe(whole);
  expect(await records(9)).toBe(rest);
  launched.mockRestore();
  backend.dispose();
});

test("where there is no memory to keep packed weights, every run packs them", async () => {
  const size = [512, 512, 1, 1]; // 1 MiB
  const outputs = async (): Promise<number[][]> => {
    const parameter = (seed: number): Parameter => new Parameter(size, () => new Random(seed).value(size).data);
    const [first, second] = [parameter(1), parameter(2)];
    const f = compile((x: Tensor) => conv(conv(x, first.value), second.value), { modules: [{ first, second }] });
    const x = drawn(3, [1, 512, 2, 2]);
    return [[...(await f(x).data())], [...(await f(x).data())]];
  };
  const pool = await Pool.start({ threads: 1, shared: false, worker: false, maximumPages: 60 }); // 3.75 MiB
  const small = await useBackend(Promise.resolve(new CpuBackend(pool, plainTile, "channels-last")));
  const found = await outputs();
  small.dispose();
  const large = await useBackend(cpu({ threads: 1, deterministic: true }));
  expect(found).toEqual(await outputs());
  large.dispose();
});
