// The matrix product against what one core can do at all: a loop of the same multiply-adds on registers alone, in the same run.
import { cpu, type CpuOptions } from "@stria/backend-cpu";
import { allOps } from "@stria/core/all-ops";
import { ModuleBuilder } from "../../packages/backend-cpu/src/wasm/assembler.ts";
import { engineFeatures } from "../../packages/backend-cpu/src/engine.ts";
import { instantiate } from "../../packages/backend-cpu/src/wasm/instance.ts";
import type { Row } from "./row.ts";
import { compete } from "./timing.ts";

const size = 512;
const operations = 2 * size ** 3;
/** Sums that are independent of each other: enough to hide the latency of a multiply-add. */
const sums = 12;

/** As many multiply-adds as a product has, four lanes each, without touching memory. */
function registerPeak(fused: boolean): () => void {
  const module = new ModuleBuilder({ shared: false });
  module.function("run", ["i32"], [], (f) => {
    const [turns, turn] = [0, f.local("i32")];
    const [a, b] = [f.local("v128"), f.local("v128")];
    const accumulators = Array.from({ length: sums }, () => f.local("v128"));
    for (const [index, local] of [a, b, ...accumulators].entries())
      f.i32(0)
        .memory("v128.load", index * 16)
        .set(local);
    const step = (sum: number): void => {
      // Without fusion each sum is a chain of a product and a sum, or the product would be taken out of the loop.
      if (fused) f.get(a).get(b).get(sum).op("f32x4.relaxed_madd").set(sum);
      else f.get(sum).get(a).op("f32x4.mul").get(b).op("f32x4.add").set(sum);
    };
    f.loop(() => {
      for (let repeat = 0; repeat < 4; repeat++) for (const sum of accumulators) step(sum);
      f.get(turn).i32(1).op("i32.add").tee(turn).get(turns).op("i32.lt_u").branchIf(0);
    });
    for (const [index, sum] of accumulators.entries())
      f.i32(0)
        .get(sum)
        .memory("v128.store", 1024 + index * 16);
  });
  const run = instantiate(module.encode(), {
    memory: new WebAssembly.Memory({ initial: 1, maximum: 1 }),
  }).function("run");
  return () => void run(Math.round(operations / (2 * 4 * 4 * sums)));
}

/** One op on buffers of the backend, as eager code runs it; in Node it is done when `execute` returns. */
async function product(options: CpuOptions): Promise<() => void> {
  const backend = await cpu(options);
  const operand = { shape: [size, size], dtype: "float32" } as const;
  const random = Float32Array.from({ length: size * size }, () => Math.random() - 0.5);
  const op = allOps["matmul"];
  if (!op) throw new Error("there is no op matmul");
  const inputs = [backend.upload(random, operand), backend.upload(random.toReversed(), operand)];
  const attrs = { transposeA: false, transposeB: false };
  const node = { op, attrs, inputs: [operand, operand], outputs: [operand] };
  return () => {
    const [result] = backend.execute?.(node, inputs) ?? [];
    if (result) backend.free(result);
  };
}

/** The product on 1 and 2 threads, and the peak in the same run. */
export async function measure(): Promise<Row[]> {
  const { relaxedMultiplyAdd } = engineFeatures();
  const peaks = [
    ...(relaxedMultiplyAdd ? [{ name: "register peak, fused", run: registerPeak(true) }] : []),
    { name: "register peak, multiply then add", run: registerPeak(false) },
  ];
  const timings = await compete(
    [
      ...peaks,
      { name: `matmul ${size}^3, 1 thread`, run: await product({ threads: 1 }) },
      { name: `matmul ${size}^3, 1 thread, deterministic`, run: await product({ threads: 1, deterministic: true }) },
      { name: `matmul ${size}^3, 2 threads`, run: await product({ threads: 2 }) },
    ],
    { rounds: 31, warmUp: 15 },
  );
  const peak = Math.min(...timings.slice(0, peaks.length).map((timing) => timing.median));
  return timings.map((timing) => ({
    ...timing,
    figures: { "GFLOP/s": operations / timing.median / 1e6, "of one core's peak": peak / timing.median },
  }));
}
