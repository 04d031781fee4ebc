// Adds up what a sum's parts came to, in the order of the parts: one result is the float32 of its float64.
import {
  kernelBegin,
  kernelEnd,
  kernelParameters,
  namedArguments,
  namedLocals,
  type Kernel,
} from "../kernels/kernel.ts";

/** The sums [parts, width] in float64. */
export interface PartsSpec {
  readonly parts: number;
  readonly width: number;
}

/** Results in one unit. */
const unitResults = 4;

export function sumPartsUnits({ width }: PartsSpec): number {
  return Math.ceil(width / unitResults);
}

/** Argument words: sums of the parts, elements from one part to the next, results. The width is at least 4. */
export function sumPartsKernel({ parts, width }: PartsSpec): Kernel {
  return {
    key: `sumParts ${parts} ${width}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => {
        const { sums, pitch, results } = namedArguments(f, ["sums", "pitch", "results"]);
        const { unit, start, part, address } = namedLocals(f, "i32", ["unit", "start", "part", "address"]);
        const { low, high } = namedLocals(f, "v128", ["low", "high"]);
        const last = width - unitResults;
        f.get(kernelBegin).for(
          unit,
          () => f.get(kernelEnd),
          1,
          () => {
            f.get(unit).i32(unitResults).op("i32.mul").tee(start).i32(last).get(start).i32(last);
            f.op("i32.lt_u", "select").set(start);
            f.get(sums).plus(start, 8).set(address).v128([0, 0, 0, 0]).set(low).v128([0, 0, 0, 0]).set(high);
            f.i32(0).for(
              part,
              () => f.i32(parts),
              1,
              () => {
                f.get(low).get(address).memory("v128.load").op("f64x2.add").set(low);
                f.get(high).get(address).memory("v128.load", 16).op("f64x2.add").set(high);
                f.get(address).plus(pitch, 8).set(address);
              },
            );
            f.get(results).plus(start, 4).get(low).op("f32x4.demote_f64x2_zero");
            f.get(high).op("f32x4.demote_f64x2_zero").shuffle(0, 1, 4, 5).memory("v128.store");
          },
        );
      });
    },
  };
}
