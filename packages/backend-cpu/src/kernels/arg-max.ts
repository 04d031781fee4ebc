// The place of the largest element along an axis: the first of equals; NaN counts as largest.
import type { ModuleBuilder } from "../wasm/assembler.ts";
import type { DType } from "@stria/core";
import { kernelArguments, kernelBegin, kernelEnd, kernelParameters, namedLocals, type Kernel } from "./kernel.ts";

export interface ArgMaxSpec {
  readonly dtype: DType;
  /** Elements along the axis, and from one to the next: the sizes of the axes after it. */
  readonly length: number;
  readonly inner: number;
}

/** Argument words: input, result. One unit is one result. */
export function argMaxKernel(spec: ArgMaxSpec): Kernel {
  return {
    key: `argMax ${spec.dtype} ${spec.length} ${spec.inner}`,
    emit: (module, name) => emitArgMax(module, name, spec),
  };
}

function emitArgMax(module: ModuleBuilder, name: string, { dtype, length, inner }: ArgMaxSpec): void {
  module.function(name, kernelParameters, [], (f) => {
    const isFloat = dtype === "float32";
    const { input, result, unit, address, index, place } = namedLocals(f, "i32", [
      "input",
      "result",
      "unit",
      "address",
      "index",
      "place",
    ]);
    const best = f.local(isFloat ? "f32" : "i32");
    const value = f.local(isFloat ? "f32" : "i32");
    const load = isFloat ? "f32.load" : "i32.load";
    f.get(kernelArguments).memory("i32.load").set(input).get(kernelArguments).memory("i32.load", 4).set(result);
    f.get(kernelBegin).for(
      unit,
      () => f.get(kernelEnd),
      1,
      () => {
        f.get(input)
          .get(unit)
          .i32(inner)
          .op("i32.div_u")
          .i32(length * inner)
          .op("i32.mul")
          .get(unit)
          .i32(inner)
          .op("i32.rem_u", "i32.add")
          .i32(4)
          .op("i32.mul", "i32.add")
          .tee(address);
        f.memory(load).set(best).i32(0).set(place);
        f.i32(1).for(
          index,
          () => f.i32(length),
          1,
          () => {
            f.get(address)
              .i32(inner * 4)
              .op("i32.add")
              .tee(address)
              .memory(load)
              .set(value);
            // Larger, or the first NaN: only a best that is itself no NaN is beaten.
            if (isFloat) f.get(value).get(best).op("f32.le", "i32.eqz").get(best).get(best).op("f32.eq", "i32.and");
            else f.get(value).get(best).op("i32.gt_s");
            f.if(() => f.get(value).set(best).get(index).set(place));
          },
        );
        f.get(result).plus(unit, 4).get(place).memory("i32.store");
      },
    );
  });
}
