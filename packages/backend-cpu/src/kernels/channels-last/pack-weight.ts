// Packs weights for the channels-last product: panels of output channels, each with its biases first, then [element of the kernel][input channel].
import { kernelBegin, kernelEnd, kernelParameters, namedArguments, namedLocals, type Kernel } from "../kernel.ts";

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
] as const;

const packLocals = [
  "panel",
  "group",
  "first",
  "source",
  "target",
  "step",
  "tap",
  "tapTarget",
  "offset",
  "stepEnd",
] as const;

/** One unit is a panel of `width` output channels. */
export function packWeightKernel(width: number): Kernel {
  return {
    key: `pack weight ${width}`,
    emit(module, name) {
      module.function(name, kernelParameters, [], (f) => {
        const x = namedArguments(f, packArguments);
        const v = namedLocals(f, "i32", packLocals);
        const columns = Array.from({ length: width }, () => f.local("i32"));
        const masks = Array.from({ length: width / 4 }, () => f.local("v128"));
        /** Columns behind the last one read the first one, and are stored as 0. */
        const setColumns = (): void => {
          columns.forEach((column, j) => {
            f.get(v.source).i32(j).get(x.columnStride).op("i32.mul").i32(0);
            f.get(v.first).i32(j).op("i32.add").get(x.groupColumns).op("i32.lt_u", "select", "i32.add").set(column);
          });
          masks.forEach((mask, j) => {
            f.v128([j * 4, j * 4 + 1, j * 4 + 2, j * 4 + 3]);
            f.get(x.groupColumns).get(v.first).op("i32.sub", "i32x4.splat", "i32x4.lt_s").set(mask);
          });
        };
        const packStep = (): void => {
          masks.forEach((mask, j) => {
            f.get(v.tapTarget);
            for (let lane = 0; lane < 4; lane++) {
              // The address goes below the vector that the lane is loaded into.
              f.get(columns[j * 4 + lane] ?? 0)
                .get(v.offset)
                .op("i32.add");
              if (lane === 0) f.memory("v128.load32_zero").set(value);
              else f.get(value).laneMemory("v128.load32_lane", lane).set(value);
            }
            f.get(value)
              .get(mask)
              .op("v128.and")
              .memory("v128.store", j * 16);
          });
        };
        const value = f.local("v128");
        const packBiases = (): void => {
          for (let j = 0; j < width; j++) {
            f.get(v.target).f32(0);
            f.memory("f32.store", j * 4);
            f.get(x.bias)
              .i32(0)
              .op("i32.ne")
              .get(v.first)
              .i32(j)
              .op("i32.add")
              .get(x.groupColumns)
              .op("i32.lt_u", "i32.and");
            f.if(() => {
              f.get(v.target).get(x.bias).get(v.group).get(x.groupColumns).op("i32.mul").get(v.first).op("i32.add");
              f.i32(4).op("i32.mul", "i32.add");
              f.memory("f32.load", j * 4).memory("f32.store", j * 4);
            });
          }
        };
        f.get(kernelBegin).for(
          v.panel,
          () => f.get(kernelEnd),
          1,
          () => {
            f.get(v.panel).get(x.panelsPerGroup).op("i32.div_u").set(v.group);
            f.get(v.panel).get(x.panelsPerGroup).op("i32.rem_u").i32(width).op("i32.mul").set(v.first);
            f.get(x.weight).get(v.group).get(x.groupStride).op("i32.mul", "i32.add");
            f.get(v.first).get(x.columnStride).op("i32.mul", "i32.add").set(v.source);
            f.get(x.packed).get(v.panel).get(x.panelBytes).op("i32.mul", "i32.add").set(v.target);
            packBiases();
            f.get(v.target)
              .i32(width * 4)
              .op("i32.add")
              .set(v.target);
            setColumns();
            f.get(v.target)
              .plus(x.depth, width * 4)
              .set(v.stepEnd);
            f.i32(0).set(v.step);
            f.block(() =>
              f.loop(() => {
                f.get(v.target).get(v.stepEnd).op("i32.ge_u").branchIf(1);
                f.get(v.target).set(v.tapTarget);
                f.i32(0).for(
                  v.tap,
                  () => f.get(x.tapCount),
                  1,
                  () => {
                    f.get(x.taps).plus(v.tap, 4).memory("i32.load").get(v.step).op("i32.add").set(v.offset);
                    packStep();
                    f.get(v.tapTarget)
                      .plus(x.depth, width * 4)
                      .set(v.tapTarget);
                  },
                );
                f.get(v.step).get(x.depthStride).op("i32.add").set(v.step);
                f.get(v.target)
                  .i32(width * 4)
                  .op("i32.add")
                  .set(v.target)
                  .branch(0);
              }),
            );
          },
        );
      });
    },
  };
}
