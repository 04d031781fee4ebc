// Cross-entropy of softmax with labels, and its gradient, in one pass over the logits: four rows side by side, so that lanes never have to be added up.
import { expOfNegative, log } from "../loops/functions.ts";
import { VectorMath, type Push } from "../loops/vector.ts";
import type { Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

export interface CrossEntropySpec {
  /** Which of the two it writes. */
  readonly loss: boolean;
  readonly gradient: boolean;
  readonly fused: boolean;
}

/** Rows in one unit. */
export const rowsTogether = 4;
/** Exponentials that are added up before their sum is added to the sum of a row. */
const run = 32;

/** Rows of logits and of the gradient lie side by side. A label outside of the classes makes a row NaN. */
export const crossEntropyArguments = [
  // Addresses: logits, labels (int32), losses, what each loss is weighed with, gradient.
  "logits",
  "labels",
  "losses",
  "weights",
  "gradient",
  // Bytes from one weight to the next, 0 where all are one; classes; rows.
  "weightStep",
  "classes",
  "rows",
] as const;

/** Argument words: `crossEntropyArguments`. One unit is four rows. */
export function crossEntropyKernel(spec: CrossEntropySpec): Kernel {
  return {
    key: `crossEntropy ${spec.loss ? "loss" : ""} ${spec.gradient ? "gradient" : ""} ${spec.fused}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => {
        const math = new VectorMath(f, spec.fused);
        const x = namedArguments(f, crossEntropyArguments);
        const v = namedLocals(f, "i32", ["unit", "last", "offset", "stop", "end"]);
        const lanes = [0, 1, 2, 3];
        /** Behind the last row the last one stands again: it is written more than once, to the same. */
        const rows = lanes.map(() => f.local("i32"));
        const [logits, made] = [lanes.map(() => f.local("i32")), lanes.map(() => f.local("i32"))];
        const w = namedLocals(f, "v128", ["label", "valid", "largest", "part", "sum", "value", "column", "weight"]);

        /** One element of each row, `offset` bytes from addresses of their own. */
        const gathered =
          (addresses: readonly Local[]): Push =>
          () => {
            f.v128([0, 0, 0, 0]).set(w.value);
            for (const lane of lanes) {
              f.get(addresses[lane] ?? x.logits).get(v.offset);
              f.op("i32.add").get(w.value).laneMemory("v128.load32_lane", lane).set(w.value);
            }
            f.get(w.value);
          };
        /** The same with a distance from one row to the next. */
        const ofRows =
          (base: Local, step: () => void): Push =>
          () => {
            f.v128([0, 0, 0, 0]).set(w.value);
            for (const lane of lanes) {
              f.get(base).get(rows[lane] ?? v.unit);
              step();
              f.op("i32.mul", "i32.add").get(w.value).laneMemory("v128.load32_lane", lane).set(w.value);
            }
            f.get(w.value);
          };
        const keep = (target: Local, value: Push): void => {
          value();
          f.set(target);
        };
        const overClasses = (body: () => void): void => void f.i32(0).for(v.offset, () => f.get(v.end), 4, body);
        const start = (): void => {
          lanes.forEach((lane) => {
            const [row, from, to] = [rows[lane] ?? v.unit, logits[lane] ?? v.unit, made[lane] ?? v.unit];
            f.get(v.unit).i32(rowsTogether).op("i32.mul").i32(lane).op("i32.add").tee(row).get(v.last);
            f.get(row).get(v.last).op("i32.lt_u", "select").set(row);
            f.get(x.logits).get(row).get(v.end).op("i32.mul", "i32.add").set(from);
            if (spec.gradient) f.get(x.gradient).get(row).get(v.end).op("i32.mul", "i32.add").set(to);
          });
          keep(
            w.label,
            ofRows(x.labels, () => f.i32(4)),
          );
          const isClass = math.op("i32x4.lt_u", math.read(w.label), () => f.get(x.classes).op("i32x4.splat"));
          keep(w.valid, isClass);
        };
        const findSums = (): void => {
          f.v128([0, 0, 0, 0]).set(w.sum);
          keep(w.largest, math.float(-Infinity));
          overClasses(() => keep(w.largest, math.op("f32x4.pmax", math.read(w.largest), gathered(logits))));
          f.i32(0).set(v.offset);
          f.loop(() => {
            f.get(v.offset)
              .i32(run * 4)
              .op("i32.add")
              .tee(v.stop)
              .get(v.end);
            f.get(v.stop).get(v.end).op("i32.lt_u", "select").set(v.stop);
            f.v128([0, 0, 0, 0]).set(w.part);
            f.loop(() => {
              const power = math.keep(expOfNegative(math, math.keep(math.sub(gathered(logits), math.read(w.largest)))));
              if (spec.gradient)
                for (const lane of lanes) {
                  f.get(made[lane] ?? x.gradient)
                    .get(v.offset)
                    .op("i32.add");
                  power();
                  f.laneMemory("v128.store32_lane", lane);
                }
              keep(w.part, math.add(math.read(w.part), power));
              f.get(v.offset).i32(4).op("i32.add").tee(v.offset).get(v.stop).op("i32.lt_u").branchIf(0);
            });
            keep(w.sum, math.add(math.read(w.sum), math.read(w.part)));
            f.get(v.offset).get(v.end).op("i32.lt_u").branchIf(0);
          });
        };
        const storeLosses = (): void => {
          f.v128([0, 0, 0, 0]).set(w.value);
          for (const lane of lanes) {
            f.get(logits[lane] ?? x.logits);
            f.get(w.label).get(w.valid).op("v128.and").lane("i32x4.extract_lane", lane).i32(4).op("i32.mul", "i32.add");
            f.get(w.value).laneMemory("v128.load32_lane", lane).set(w.value);
          }
          const difference = math.keep(math.sub(math.read(w.value), math.read(w.largest)));
          const loss = math.sub(log(math, math.read(w.sum)), difference);
          const stored = math.keep(math.choose(math.read(w.valid), math.keep(loss), math.float(Number.NaN)));
          for (const lane of lanes) {
            f.get(x.losses).plus(rows[lane] ?? v.unit, 4);
            stored();
            f.laneMemory("v128.store32_lane", lane);
          }
        };
        const storeGradient = (): void => {
          const weights = ofRows(x.weights, () => f.get(x.weightStep));
          keep(w.weight, math.choose(math.read(w.valid), math.keep(weights), math.float(Number.NaN)));
          keep(w.sum, math.div(math.float(1), math.read(w.sum)));
          f.v128([0, 0, 0, 0]).set(w.column);
          overClasses(() => {
            const share = math.mul(gathered(made), math.read(w.sum));
            const hit = math.op(
              "v128.and",
              math.op("i32x4.eq", math.read(w.column), math.read(w.label)),
              math.float(1),
            );
            const element = math.keep(math.mul(math.sub(share, hit), math.read(w.weight)));
            for (const lane of lanes) {
              f.get(made[lane] ?? x.gradient)
                .get(v.offset)
                .op("i32.add");
              element();
              f.laneMemory("v128.store32_lane", lane);
            }
            keep(w.column, math.op("i32x4.add", math.read(w.column), math.integer(1)));
          });
        };

        f.get(x.classes).i32(4).op("i32.mul").set(v.end);
        f.get(x.rows).i32(1).op("i32.sub").set(v.last);
        f.get(kernelBegin).for(
          v.unit,
          () => f.get(kernelEnd),
          1,
          () => {
            start();
            findSums();
            if (spec.loss) storeLosses();
            if (spec.gradient) storeGradient();
          },
        );
      });
    },
  };
}
