// The matrix product against what one core can do at all: a loop of the same multiply-adds on registers alone, in the same run.
import { cpu, type CpuOptions } from "@stria/backend-cpu";
import { allOps } from "@stria/core/all-ops";
import { registerPeaks } from "./cpu/registers.ts";
import type { Row } from "./row.ts";
import { compete } from "./timing.ts";

const size = 512;
const operations = 2 * size ** 3;
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
  const peaks = registerPeaks(operations);
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
