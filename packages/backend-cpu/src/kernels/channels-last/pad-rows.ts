// Copies rows into longer ones, with zeros around: the small input of a first layer, whose windows then read one run for each row of the kernel.
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";
import type { Local } from "../../wasm/function.ts";

/** Argument words; all but the addresses are bytes. */
const padArguments = ["source", "target", "rowBytes", "before", "paddedBytes"] as const;

/** One unit is a row. */
export const padRowsKernel: Kernel = {
  key: "pad rows",
  emit(module, name) {
    module.function(name, kernelParameters, [], (f) => {
      const x = namedArguments(f, padArguments);
      const v = namedLocals(f, "i32", ["unit", "source", "target", "end", "rowEnd"]);
      /** `while (target + size <= end) { store; advance }` */
      const upTo = (end: Local, size: number, store: () => void): void => {
        f.block(() =>
          f.loop(() => {
            f.get(v.target).i32(size).op("i32.add").get(end).op("i32.gt_u").branchIf(1);
            store();
            for (const place of [v.target, v.source]) f.get(place).i32(size).op("i32.add").set(place);
            f.branch(0);
          }),
        );
      };
      const zero = (): void => void f.get(v.target).f32(0).memory("f32.store");
      f.get(kernelBegin).for(
        v.unit,
        () => f.get(kernelEnd),
        1,
        () => {
          f.get(x.target).get(v.unit).get(x.paddedBytes).op("i32.mul", "i32.add").tee(v.target);
          f.get(x.paddedBytes).op("i32.add").set(v.rowEnd);
          f.get(v.target).get(x.before).op("i32.add").set(v.end);
          upTo(v.end, 4, zero);
          f.get(x.source).get(v.unit).get(x.rowBytes).op("i32.mul", "i32.add").set(v.source);
          f.get(v.target).get(x.rowBytes).op("i32.add").set(v.end);
          upTo(v.end, 16, () => f.get(v.target).get(v.source).memory("v128.load").memory("v128.store"));
          upTo(v.end, 4, () => f.get(v.target).get(v.source).memory("f32.load").memory("f32.store"));
          upTo(v.rowEnd, 4, zero);
        },
      );
    });
  },
};
