// In a browser the page's thread only asks: workers compute, also when they are many programs behind.
import { allOps } from "@stria/core/all-ops";
import { expect, test } from "vitest";
import { cpu } from "../src/index.ts";
import { disagreement } from "./support/agree.ts";
import { Random } from "./support/random.ts";

const vector = { shape: [10_000], dtype: "float32" } as const;

test.each([1, 2])("%i workers", async (threads) => {
  expect(globalThis.crossOriginIsolated).toBe(true);
  const backend = await cpu({ threads });
  const differences: (string | undefined)[] = [];
  for (let seed = 0; seed < 20; seed++) {
    const random = new Random(seed);
    const x = random.value([2, 4, 9, 11]);
    const attrs = {
      stride: [random.integer(1, 2), 1],
      dilation: [1, random.integer(1, 2)],
      padding: [[1, 1] as const, [0, 2] as const],
      groups: 2,
    };
    differences.push(await disagreement(backend, "conv", [x, random.value([6, 2, 3, 3])], attrs, { ofLargest: 3e-6 }));
    differences.push(
      await disagreement(backend, "exp", [random.value([3001], "float32", "special")], {}, { relative: 2.4e-7 }),
    );
  }
  expect(differences.filter((words) => words !== undefined)).toEqual([]);
  // Enqueued one after the other without waiting; memory is given back only when the last is done.
  const { add } = allOps;
  if (!add) throw new Error("there is no op add");
  const node = { op: add, attrs: {}, inputs: [vector, vector], outputs: [vector] };
  let value = backend.upload(new Float32Array(10_000).fill(1), vector);
  for (let step = 0; step < 50; step++) {
    const [next = value] = backend.execute?.(node, [value, value]) ?? [];
    backend.free(value);
    value = next;
  }
  expect((await backend.download(value))[9999]).toBe(2 ** 50);
  backend.free(value);
  expect(backend.memory()).toEqual({ bytes: 0, buffers: 0 });
  backend.dispose();
});
