// What one core can do at all: a loop of the multiply-adds that kernels are made of, on registers alone.
import { ModuleBuilder } from "../../../packages/backend-cpu/src/wasm/assembler.ts";
import { engineFeatures } from "../../../packages/backend-cpu/src/engine.ts";
import { instantiate } from "../../../packages/backend-cpu/src/wasm/instance.ts";

/** Sums that are independent of each other: enough to hide the latency of a multiply-add. */
const sums = 12;

/** About so many operations (a multiply-add counts two), four lanes each, without touching memory. */
function registerLoop(fused: boolean, operations: number): () => void {
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

/** The loops that this engine has: multiply, then add; and, with relaxed SIMD, both at once. */
export function registerPeaks(operations: number): { readonly name: string; readonly run: () => void }[] {
  const { relaxedMultiplyAdd } = engineFeatures();
  return [
    ...(relaxedMultiplyAdd ? [{ name: "register peak, fused", run: registerLoop(true, operations) }] : []),
    { name: "register peak, multiply then add", run: registerLoop(false, operations) },
  ];
}
