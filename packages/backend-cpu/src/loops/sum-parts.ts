// Adds up what a sum's parts came to, in the order of the parts: one result is the float32 of its float64.
import {
  kernelArguments,
  kernelBegin,
  kernelEnd,
  kernelParameters,
  namedArguments,
  namedLocals,
  type Kernel,
} from "../kernels/kernel.ts";

/** The sums [parts, results, width] in float64. */
export interface PartsSpec {
  readonly parts: number;
  readonly results: number;
  /** At least 4. */
  readonly width: number;
}

/** Elements of a result in one unit. */
const unitElements = 4;

function blocksOf({ width }: PartsSpec): number {
  return Math.ceil(width / unitElements);
}

export function sumPartsUnits(spec: PartsSpec): number {
  return spec.results * blocksOf(spec);
}

/** Argument words: sums of the parts, then the results. */
export function sumPartsKernel(spec: PartsSpec): Kernel {
  const { parts, results, width } = spec;
  return {
    key: `sumParts ${parts} ${results} ${width}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => {
        const { sums } = namedArguments(f, ["sums"]);
        const { unit, start, part, address, result } = namedLocals(f, "i32", [
          "unit",
          "start",
          "part",
          "address",
          "result",
        ]);
        const { low, high } = namedLocals(f, "v128", ["low", "high"]);
        const last = width - unitElements;
        f.get(kernelBegin).for(
          unit,
          () => f.get(kernelEnd),
          1,
          () => {
            f.get(unit).i32(blocksOf(spec)).op("i32.div_u").set(result);
            f.get(unit).i32(blocksOf(spec)).op("i32.rem_u").i32(unitElements).op("i32.mul").tee(start);
            // The last four are moved back to lie inside.
            f.i32(last).get(start).i32(last).op("i32.lt_u", "select").set(start);
            f.get(sums)
              .plus(result, width * 8)
              .plus(start, 8)
              .set(address);
            f.v128([0, 0, 0, 0]).set(low).v128([0, 0, 0, 0]).set(high);
            f.i32(0).for(
              part,
              () => f.i32(parts),
              1,
              () => {
                f.get(low).get(address).memory("v128.load").op("f64x2.add").set(low);
                f.get(high).get(address).memory("v128.load", 16).op("f64x2.add").set(high);
                f.get(address)
                  .i32(results * width * 8)
                  .op("i32.add")
                  .set(address);
              },
            );
            f.get(kernelArguments).plus(result, 4).memory("i32.load", 4).plus(start, 4);
            f.get(low).op("f32x4.demote_f64x2_zero").get(high).op("f32x4.demote_f64x2_zero");
            f.shuffle(0, 1, 4, 5).memory("v128.store");
          },
        );
      });
    },
  };
}
