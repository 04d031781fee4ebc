// What the test's worker does: it computes on one thread and on two, and says how many workers that took.
import { allOps } from "@stria/core/all-ops";
import { cpu } from "../../src/index.ts";

const { Worker: Original } = globalThis;
let started = 0;
globalThis.Worker = class extends Original {
  constructor(...given: ConstructorParameters<typeof Original>) {
    super(...given);
    started++;
  }
};

const vector = { shape: [1000], dtype: "float32" } as const;
const scalar = { shape: [], dtype: "float32" } as const;
const { sum } = allOps;
const workers: number[] = [];
const sums: (number | undefined)[] = [];
for (const threads of [1, 2]) {
  started = 0;
  const backend = await cpu({ threads });
  const x = backend.upload(new Float32Array(1000).fill(2), vector);
  const node = sum && { op: sum, attrs: { axes: [0], keepDims: false }, inputs: [vector], outputs: [scalar] };
  const [y] = (node && backend.execute?.(node, [x])) ?? [];
  workers.push(started);
  sums.push(y && (await backend.download(y))[0]);
  backend.dispose();
}
postMessage({ isolated: globalThis.crossOriginIsolated, workers, sums }, { transfer: [] });
