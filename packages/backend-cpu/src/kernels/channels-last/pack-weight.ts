// Packs weights for the channels-last product: panels of output channels, each with its biases first, then [element of the kernel][input channel].
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import {
  kernelBegin,
  kernelEnd,
  kernelParameters,
  kernelScratch,
  namedArguments,
  namedLocals,
  type Kernel,
} from "../kernel.ts";
import { emitTouch } from "./touch.ts";

/**
 * Argument words. `taps` is the address of a table: byte offset of each element of the kernel, in the order in which it is packed. Strides are bytes
 * in the weight. `bias` may be 0.
 */
const packArguments = [
  "weight",
  "packed",
  "bias",
  "taps",
  "tapCount",
  "depth",
  "groupColumns",
  "panelsPerGroup",
  "columnStride",
  "depthStride",
  "groupStride",
  "panelBytes",
  // A unit is so many panels by so many input channels; units side by side along the input channels.
  "panels",
  "panelsPerUnit",
  "depthPerUnit",
  "depthUnits",
] as const;

const packLocals = [
  "unit",
  "panel",
  "endPanel",
  "firstStep",
  "endStep",
  "group",
  "first",
  "source",
  "target",
  "step",
  "tap",
  "tapTarget",
  "tapBytes",
  "offset",
  "lastOffset",
  "stepEnd",
] as const;

/**
 * What lies side by side in the weight: for one output channel, all elements, [input channel][element of the kernel] in the order of packing; or the
 * elements of the kernel, in that order; or the output channels; or nothing.
 */
export type WeightRun = "depth" | "kernel" | "columns" | "none";

type Words = Record<(typeof packArguments)[number] | (typeof packLocals)[number], Local>;

/** Packs panels of `width` output channels. Weights that have runs along the depth are packed in units of all input channels. */
export function packWeightKernel(width: number, run: WeightRun): Kernel {
  return {
    key: `pack weight ${width} ${run}`,
    emit(module, name) {
      const touch = emitTouch(module);
      module.function(name, kernelParameters, [], (f) => {
        const v = { ...namedArguments(f, packArguments), ...namedLocals(f, "i32", packLocals) };
        const columns = Array.from({ length: width }, () => f.local("i32"));
        f.get(v.depth)
          .i32(width * 4)
          .op("i32.mul")
          .set(v.tapBytes);
        const packPanel = (): void => {
          f.get(v.panel).get(v.panelsPerGroup).op("i32.div_u").set(v.group);
          f.get(v.panel).get(v.panelsPerGroup).op("i32.rem_u").i32(width).op("i32.mul").set(v.first);
          f.get(v.weight).get(v.group).get(v.groupStride).op("i32.mul", "i32.add");
          f.get(v.first).get(v.columnStride).op("i32.mul", "i32.add").set(v.source);
          f.get(v.packed).get(v.panel).get(v.panelBytes).op("i32.mul", "i32.add").set(v.target);
          f.get(v.firstStep).op("i32.eqz");
          f.if(() => packBiases(f, v, width));
          f.get(v.target)
            .i32(width * 4)
            .op("i32.add")
            .set(v.target);
          setColumns(f, v, columns);
          if (run === "none") return packSteps(f, v, width * 4, gather(f, v, columns));
          f.get(v.groupColumns).get(v.first).op("i32.sub").i32(width).op("i32.ge_u");
          f.if(
            () => {
              if (run === "columns") packSteps(f, v, width * 4, copy(f, v, columns));
              else if (run === "depth") packDepth(f, v, columns);
              else packKernel(f, v, columns);
            },
            () => packSteps(f, v, width * 4, gather(f, v, columns)),
          );
        };
        f.get(kernelBegin).for(
          v.unit,
          () => f.get(kernelEnd),
          1,
          () => {
            f.get(v.unit).get(v.depthUnits).op("i32.rem_u").get(v.depthPerUnit).op("i32.mul").set(v.firstStep);
            setSmaller(f, v.endStep, v.firstStep, v.depthPerUnit, v.depth);
            f.get(v.unit).get(v.depthUnits).op("i32.div_u").get(v.panelsPerUnit).op("i32.mul").set(v.panel);
            setSmaller(f, v.endPanel, v.panel, v.panelsPerUnit, v.panels);
            // What the unit reads lies together, but far apart for each panel.
            if (run !== "depth") {
              for (const step of [v.firstStep, v.endStep])
                f.get(v.weight).get(step).get(v.depthStride).op("i32.mul", "i32.add");
              f.get(kernelScratch).call(touch);
            }
            f.get(v.panel).for(v.panel, () => f.get(v.endPanel), 1, packPanel);
          },
        );
      });
    },
  };
}

/** `target = min(start + count, most)` */
function setSmaller(f: FunctionBuilder, target: Local, start: Local, count: Local, most: Local): void {
  f.get(start)
    .get(count)
    .op("i32.add")
    .tee(target)
    .get(most)
    .get(target)
    .get(most)
    .op("i32.lt_u", "select")
    .set(target);
}

function packBiases(f: FunctionBuilder, v: Words, width: number): void {
  for (let j = 0; j < width; j++) {
    f.get(v.target).f32(0);
    f.memory("f32.store", j * 4);
    f.get(v.bias).i32(0).op("i32.ne");
    f.get(v.first).i32(j).op("i32.add").get(v.groupColumns).op("i32.lt_u", "i32.and");
    f.if(() => {
      f.get(v.target).get(v.bias).get(v.group).get(v.groupColumns).op("i32.mul").get(v.first);
      f.op("i32.add").i32(4).op("i32.mul", "i32.add");
      f.memory("f32.load", j * 4).memory("f32.store", j * 4);
    });
  }
}

/** Columns behind the last one read the first one, and are stored as 0. */
function setColumns(f: FunctionBuilder, v: Words, columns: readonly Local[]): void {
  columns.forEach((column, j) => {
    f.get(v.source).i32(j).get(v.columnStride).op("i32.mul").i32(0);
    f.get(v.first).i32(j).op("i32.add").get(v.groupColumns).op("i32.lt_u", "select", "i32.add").set(column);
  });
}

/** Packs one element of the kernel of one input channel, at `offset` in the columns, to `tapTarget`. */
type PackStep = () => void;

/** Element by element. */
function gather(f: FunctionBuilder, v: Words, columns: readonly Local[]): PackStep {
  const value = f.local("v128");
  const masks = Array.from({ length: columns.length / 4 }, () => f.local("v128"));
  masks.forEach((mask, j) => {
    f.v128([j * 4, j * 4 + 1, j * 4 + 2, j * 4 + 3]);
    f.get(v.groupColumns).get(v.first).op("i32.sub", "i32x4.splat", "i32x4.lt_s").set(mask);
  });
  return () =>
    masks.forEach((mask, j) => {
      for (let lane = 0; lane < 4; lane++) {
        f.get(columns[j * 4 + lane] ?? 0)
          .get(v.offset)
          .op("i32.add");
        if (lane === 0) f.memory("v128.load32_zero").set(value);
        else f.get(value).laneMemory("v128.load32_lane", lane).set(value);
      }
      f.get(v.tapTarget).get(value).get(mask).op("v128.and");
      f.memory("v128.store", j * 16);
    });
}

/** Columns that lie side by side. */
function copy(f: FunctionBuilder, v: Words, columns: readonly Local[]): PackStep {
  return () => {
    for (let j = 0; j < columns.length; j += 4) {
      f.get(v.tapTarget)
        .get(columns[j] ?? 0)
        .get(v.offset);
      f.op("i32.add").memory("v128.load");
      f.memory("v128.store", j * 4);
    }
  };
}

/** The unit's input channels: `step` is the channel's offset in the weight, `target` its place in the panel. */
function eachStep(f: FunctionBuilder, v: Words, stepBytes: number, body: () => void): void {
  f.get(v.target).plus(v.endStep, stepBytes).set(v.stepEnd);
  f.get(v.target).plus(v.firstStep, stepBytes).set(v.target);
  f.get(v.firstStep).get(v.depthStride).op("i32.mul").set(v.step);
  f.block(() =>
    f.loop(() => {
      f.get(v.target).get(v.stepEnd).op("i32.ge_u").branchIf(1);
      body();
      f.get(v.step).get(v.depthStride).op("i32.add").set(v.step);
      f.get(v.target).i32(stepBytes).op("i32.add").set(v.target).branch(0);
    }),
  );
}

/** Walks over the kernel innermost: its elements lie closer together than the input channels. */
function packSteps(f: FunctionBuilder, v: Words, stepBytes: number, packStep: PackStep): void {
  eachStep(f, v, stepBytes, () => {
    f.get(v.target).set(v.tapTarget);
    f.i32(0).for(
      v.tap,
      () => f.get(v.tapCount),
      1,
      () => {
        f.get(v.taps).plus(v.tap, 4).memory("i32.load").get(v.step).op("i32.add").set(v.offset);
        packStep();
        f.get(v.tapTarget).get(v.tapBytes).op("i32.add").set(v.tapTarget);
      },
    );
  });
}

/** Packs the elements from `offset` to `lastOffset`, side by side in each column, in blocks of four; `pass` moves `tapTarget` to the next. */
function packRun(f: FunctionBuilder, v: Words, columns: readonly Local[], pass: () => void): void {
  const rows = Array.from({ length: columns.length }, () => f.local("v128"));
  const [a = 0, b = 0, c = 0, d = 0] = Array.from({ length: 4 }, () => f.local("v128"));
  const single = gather(f, v, columns);
  const transposeFour = (first: number): void => {
    const [p = 0, q = 0, r = 0, s = 0] = rows.slice(first, first + 4);
    [a, b, c, d].forEach((vector, j) => {
      f.get(columns[first + j] ?? 0)
        .get(v.offset)
        .op("i32.add")
        .memory("v128.load")
        .set(vector);
    });
    f.get(a).get(b).shuffle(0, 4, 1, 5).set(p).get(c).get(d).shuffle(0, 4, 1, 5).set(q);
    f.get(a).get(b).shuffle(2, 6, 3, 7).set(r).get(c).get(d).shuffle(2, 6, 3, 7).set(s);
    f.get(p).get(q).shuffle(0, 1, 4, 5).set(a).get(p).get(q).shuffle(2, 3, 6, 7).set(b);
    f.get(r).get(s).shuffle(0, 1, 4, 5).set(c).get(r).get(s).shuffle(2, 3, 6, 7).set(d);
    [a, b, c, d].forEach((vector, j) => f.get(vector).set(rows[first + j] ?? 0));
  };
  const whileLeft = (elements: number, body: () => void): void => {
    f.block(() =>
      f.loop(() => {
        f.get(v.offset)
          .i32(elements * 4)
          .op("i32.add")
          .get(v.lastOffset)
          .op("i32.gt_u")
          .branchIf(1);
        body();
        f.get(v.offset)
          .i32(elements * 4)
          .op("i32.add")
          .set(v.offset)
          .branch(0);
      }),
    );
  };
  whileLeft(4, () => {
    for (let first = 0; first < columns.length; first += 4) transposeFour(first);
    for (let element = 0; element < 4; element++) {
      for (let first = 0; first < columns.length; first += 4)
        f.get(v.tapTarget)
          .get(rows[first + element] ?? 0)
          .memory("v128.store", first * 4);
      pass();
    }
  });
  whileLeft(1, () => {
    single();
    pass();
  });
}

/** All input channels in one run. */
function packDepth(f: FunctionBuilder, v: Words, columns: readonly Local[]): void {
  f.i32(0).set(v.offset).i32(0).set(v.tap).get(v.target).set(v.tapTarget);
  f.get(v.depth).get(v.tapCount).op("i32.mul").i32(4).op("i32.mul").set(v.lastOffset);
  packRun(f, v, columns, () => {
    f.get(v.tap).i32(1).op("i32.add").tee(v.tap).get(v.tapCount).op("i32.eq");
    f.if(
      () => {
        f.i32(0).set(v.tap);
        f.get(v.target)
          .i32(columns.length * 4)
          .op("i32.add")
          .tee(v.target)
          .set(v.tapTarget);
      },
      () => f.get(v.tapTarget).get(v.tapBytes).op("i32.add").set(v.tapTarget),
    );
  });
}

/** A run for each input channel. */
function packKernel(f: FunctionBuilder, v: Words, columns: readonly Local[]): void {
  eachStep(f, v, columns.length * 4, () => {
    f.get(v.step).tee(v.offset).plus(v.tapCount, 4).set(v.lastOffset);
    f.get(v.target).set(v.tapTarget);
    packRun(f, v, columns, () => f.get(v.tapTarget).get(v.tapBytes).op("i32.add").set(v.tapTarget));
  });
}
