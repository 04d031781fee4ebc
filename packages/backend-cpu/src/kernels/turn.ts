// Copies matrices of 4-byte elements that lie by rows into others that lie by columns, block by block of four by four in registers: images between
// planes and pixels. One kernel for all sizes.
import type { FunctionBuilder, Local } from "../wasm/function.ts";
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "./kernel.ts";

/** Argument words; steps are bytes. */
export const turnArguments = [
  "source",
  "target",
  // Elements side by side in the source, and elements side by side in the target.
  "length",
  "width",
  // From one element of a line of the target to the next in the source, and of a line of the source to the next in the target.
  "sourceStep",
  "targetStep",
  // From one matrix to the next.
  "sourceMatrix",
  "targetMatrix",
  // Units of a matrix.
  "units",
] as const;

/** Elements of a line of the source in one unit: those of a cache line. */
export const turnedTogether = 16;

/** One unit is so many elements of all lines of the source. */
export const turnKernel: Kernel = {
  key: "turn",
  emit(module, name) {
    module.function(name, kernelParameters, [], (f) => {
      const x = namedArguments(f, turnArguments);
      const v = namedLocals(f, "i32", ["unit", "from", "to", "count", "place", "source", "target", "end"]);
      const rows = Array.from({ length: 4 }, () => f.local("v128"));
      const pairs = Array.from({ length: 4 }, () => f.local("v128"));
      const add = (local: Local, bytes: number): void => void f.get(local).i32(bytes).op("i32.add").set(local);
      /** Pushes `base + times step`. */
      const pushStep = (base: Local, step: Local, times: number): FunctionBuilder => f.get(base).plus(step, times);

      /** Four elements of four lines, `offset` elements further along. */
      const block = (offset: number): void => {
        rows.forEach((row, index) => {
          pushStep(v.source, x.sourceStep, index)
            .memory("v128.load", offset * 4)
            .set(row);
        });
        const [a = 0, b = 0, c = 0, d = 0] = rows;
        const [e = 0, g = 0, h = 0, i = 0] = pairs;
        f.get(a).get(b).shuffle(0, 4, 1, 5).set(e).get(a).get(b).shuffle(2, 6, 3, 7).set(g);
        f.get(c).get(d).shuffle(0, 4, 1, 5).set(h).get(c).get(d).shuffle(2, 6, 3, 7).set(i);
        const columns = [
          [e, h, 0],
          [e, h, 2],
          [g, i, 0],
          [g, i, 2],
        ] as const;
        columns.forEach(([first, second, lane], index) => {
          pushStep(v.target, x.targetStep, offset + index)
            .get(first)
            .get(second);
          f.shuffle(lane, lane + 1, lane + 4, lane + 5).memory("v128.store");
        });
      };
      const single = (offset: number): void => {
        pushStep(v.target, x.targetStep, offset)
          .get(v.source)
          .memory("i32.load", offset * 4)
          .memory("i32.store");
      };
      /** Goes over the lines: `body` for four at a time where they are many, `one` for each that is left. */
      const overLines = (body: (() => void) | undefined, one: () => void): void => {
        f.get(v.from).set(v.source).get(v.to).set(v.target).i32(0).set(v.place);
        const upTo = (count: number, each: () => void): void => {
          f.block(() =>
            f.loop(() => {
              f.get(v.place).i32(count).op("i32.add").get(x.width).op("i32.gt_u").branchIf(1);
              each();
              pushStep(v.source, x.sourceStep, count).set(v.source);
              add(v.target, count * 4);
              add(v.place, count);
              f.branch(0);
            }),
          );
        };
        if (body) upTo(4, body);
        upTo(1, one);
      };
      /** While at least `count` elements of the lines are left. */
      const whileLeft = (count: number, body: () => void): void => {
        f.block(() =>
          f.loop(() => {
            f.get(v.count).i32(count).op("i32.lt_u").branchIf(1);
            body();
            add(v.from, count * 4);
            pushStep(v.to, x.targetStep, count).set(v.to);
            add(v.count, -count);
            f.branch(0);
          }),
        );
      };
      const each = (count: number, body: (offset: number) => void, step: number): void => {
        for (let offset = 0; offset < count; offset += step) body(offset);
      };
      f.get(kernelBegin).for(
        v.unit,
        () => f.get(kernelEnd),
        1,
        () => {
          f.get(v.unit).get(x.units).op("i32.rem_u").i32(turnedTogether).op("i32.mul").set(v.place);
          f.get(v.unit).get(x.units).op("i32.div_u").set(v.end);
          f.get(x.source).get(v.end).get(x.sourceMatrix).op("i32.mul", "i32.add").plus(v.place, 4).set(v.from);
          f.get(x.target).get(v.end).get(x.targetMatrix).op("i32.mul", "i32.add");
          f.get(v.place).get(x.targetStep).op("i32.mul", "i32.add").set(v.to);
          f.get(x.length).get(v.place).op("i32.sub").set(v.count);
          f.i32(turnedTogether).get(v.count).get(v.count).i32(turnedTogether).op("i32.gt_u", "select").set(v.count);
          for (const count of [turnedTogether, 4])
            whileLeft(count, () =>
              overLines(
                () => each(count, block, 4),
                () => each(count, single, 1),
              ),
            );
          whileLeft(1, () => overLines(undefined, () => single(0)));
        },
      );
    });
  },
};
