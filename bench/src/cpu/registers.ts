// What one core can do at all: the loops of the multiply-adds that kernels are made of, on registers alone.
import { engineFeatures } from "../../../packages/backend-cpu/src/engine.ts";
import { registerLoop } from "../../../packages/backend-cpu/src/insight/machine.ts";

/** The loops that this engine has, so many operations each: multiply, then add; and, with relaxed SIMD, both at once. */
export function registerPeaks(operations: number): { readonly name: string; readonly run: () => void }[] {
  const { relaxedMultiplyAdd } = engineFeatures();
  return [
    ...(relaxedMultiplyAdd ? [{ name: "register peak, fused", run: registerLoop(true, operations) }] : []),
    { name: "register peak, multiply then add", run: registerLoop(false, operations) },
  ];
}
