// Transposes small matrices of floats: weights between row-major order and channels side by side.
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";

/** Argument words: the source, bytes from one of its rows to the next, how many; the target, bytes of its rows. One unit is a row of the target. */
export const transposeKernel: Kernel = {
  key: "transpose",
  emit(module, name) {
    module.function(name, kernelParameters, [], (f) => {
      const x = namedArguments(f, ["source", "sourceRow", "rows", "target", "targetRow"]);
      const v = namedLocals(f, "i32", ["unit", "from", "to", "end"]);
      f.get(kernelBegin).for(
        v.unit,
        () => f.get(kernelEnd),
        1,
        () => {
          f.get(x.source).plus(v.unit, 4).set(v.from);
          f.get(x.target).get(v.unit).get(x.targetRow).op("i32.mul", "i32.add").tee(v.to).plus(x.rows, 4).set(v.end);
          f.get(v.to).for(
            v.to,
            () => f.get(v.end),
            4,
            () => {
              f.get(v.to).get(v.from).memory("f32.load").memory("f32.store");
              f.get(v.from).get(x.sourceRow).op("i32.add").set(v.from);
            },
          );
        },
      );
    });
  },
};
