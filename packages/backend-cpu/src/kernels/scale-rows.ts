// Rows of floats times one factor each: the weight of a convolution with the factors of batch norm in it.
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

/** Argument words: addresses of the rows, of the factors, of the products; bytes of a row; factors, which start again behind the last. One unit is a row. */
export const scaleRowsKernel: Kernel = {
  key: "scaleRows",
  emit(module, name) {
    module.function(name, kernelParameters, [], (f) => {
      const x = namedArguments(f, ["source", "factors", "target", "rowBytes", "count"]);
      const v = namedLocals(f, "i32", ["row", "from", "to", "end"]);
      const factor = f.local("v128");
      const upTo = (bytes: number, store: () => void): void => {
        f.block(() =>
          f.loop(() => {
            f.get(v.to).i32(bytes).op("i32.add").get(v.end).op("i32.gt_u").branchIf(1);
            store();
            for (const place of [v.from, v.to]) f.get(place).i32(bytes).op("i32.add").set(place);
            f.branch(0);
          }),
        );
      };
      f.get(kernelBegin).for(
        v.row,
        () => f.get(kernelEnd),
        1,
        () => {
          f.get(x.factors).get(v.row).get(x.count).op("i32.rem_u").i32(4).op("i32.mul", "i32.add");
          f.memory("v128.load32_splat").set(factor);
          f.get(x.source).get(v.row).get(x.rowBytes).op("i32.mul", "i32.add").set(v.from);
          f.get(x.target).get(v.row).get(x.rowBytes).op("i32.mul", "i32.add").tee(v.to);
          f.get(x.rowBytes).op("i32.add").set(v.end);
          upTo(16, () => f.get(v.to).get(v.from).memory("v128.load").get(factor).op("f32x4.mul").memory("v128.store"));
          upTo(4, () => {
            f.get(v.to).get(v.from).memory("f32.load").get(factor).lane("f32x4.extract_lane", 0);
            f.op("f32.mul").memory("f32.store");
          });
        },
      );
    });
  },
};
