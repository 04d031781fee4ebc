// What one core can do at all, measured: multiply-adds on registers alone, and bytes through memory. Predictions and shares are made from these.
import { engineFeatures } from "../engine.ts";
import { ModuleBuilder } from "../wasm/assembler.ts";
import { instantiate } from "../wasm/instance.ts";

export interface Machine {
  /** GFLOP/s of one core on registers, a multiply-add counted as two. */
  readonly gigaflops: number;
  /** Gigabytes a second that one core copies, read and written both counted, within the caches. */
  readonly gigabytes: number;
  /** The same of arrays that no cache holds. */
  readonly memoryGigabytes: number;
}

/** Gigabytes a second at which a core reads and writes so many bytes, of which it needs each once. */
export function gigabytesOf({ gigabytes, memoryGigabytes }: Machine, bytes: number): number {
  return bytes > copiedNear * bytesEach ? memoryGigabytes : gigabytes;
}

/** Sums that are independent of each other: enough to hide the latency of a multiply-add. */
const sums = 12;

/**
 * A function that does about so many operations (a multiply-add counts two), four lanes each, on registers. Fused: a multiply-add with one rounding,
 * which takes relaxed SIMD.
 */
export function registerLoop(fused: boolean, operations: number): () => void {
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

const operations = 4e7;
/** Elements of the arrays that are copied: more than second-level caches hold, and more than those hold which cores share. */
const [copiedNear, copiedFar] = [2 ** 21, 2 ** 23];
/** An element is read and written. */
const bytesEach = 8;
const repetitions = 9;
const repetitionsFar = 3;

/** Gigabytes a second of copying so many elements. */
function copying(elements: number, times: number): number {
  const [source, target] = [new Float32Array(elements).fill(1), new Float32Array(elements)];
  return (elements * bytesEach) / seconds(() => target.set(source), times) / 1e9;
}

/** The shortest of some runs, in seconds. */
function seconds(run: () => void, times = repetitions): number {
  let best = Infinity;
  for (let repetition = 0; repetition < times; repetition++) {
    const start = performance.now();
    run();
    best = Math.min(best, performance.now() - start);
  }
  return best / 1000;
}

let measured: Machine | undefined;

/** This machine; measured once, in a tenth of a second. */
export function thisMachine(): Machine {
  if (measured) return measured;
  const loops = engineFeatures().relaxedMultiplyAdd ? [true, false] : [false];
  measured = {
    gigaflops: Math.max(...loops.map((fused) => operations / seconds(registerLoop(fused, operations)) / 1e9)),
    gigabytes: copying(copiedNear, repetitions),
    memoryGigabytes: copying(copiedFar, repetitionsFar),
  };
  return measured;
}
