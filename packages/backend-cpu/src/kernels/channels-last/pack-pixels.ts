// Copies pixels whose channels lie side by side to where the inner loop of the weight gradient reads them: into panels of a few channels, whatever
// the distance of pixels was (powers of two would fall on the same lines of the cache), or whole, between zeros.
import type { ModuleBuilder } from "../../wasm/assembler.ts";
import type { FunctionBuilder, Local } from "../../wasm/function.ts";
import { namedLocals } from "../kernel.ts";

/** Words of a line that goes into panels: byte offset of its first pixel, pixels. */
export const panelLineWords = 2;

/** Words of a line between zeros: byte offset of its first pixel, floats that are zero before, pieces, floats that are zero behind. */
export const borderedLineWords = 4;

/** Copies `width` floats. */
function copyFloats(f: FunctionBuilder, from: Local, to: Local, width: number): void {
  for (let start = 0; start < width;) {
    const size = width - start >= 4 ? 4 : width - start >= 2 ? 2 : 1;
    const offset = start * 4;
    f.get(to).get(from);
    if (size === 4) f.memory("v128.load", offset).memory("v128.store", offset);
    else if (size === 2) f.memory("v128.load64_zero", offset).laneMemory("v128.store64_lane", 0, offset);
    else f.memory("f32.load", offset).memory("f32.store", offset);
    start += size;
  }
}

/**
 * Emits `(source, lines, endOfLines, destination, panels, panelStride, step)`: copies `width` channels of each pixel into each of several panels, whose
 * pixels are `pitch` bytes apart. `step` is the bytes from a pixel of the source to the next.
 */
export function emitPanelPacker(module: ModuleBuilder, width: number, pitch: number): FunctionBuilder {
  return module.function("", Array<"i32">(7).fill("i32"), [], (f) => {
    const [source, lines, endOfLines, destination, panels, panelStride, step] = [0, 1, 2, 3, 4, 5, 6];
    const { pixel, left, from, to, panel } = namedLocals(f, "i32", ["pixel", "left", "from", "to", "panel"]);
    const [lineBytes, widthBytes] = [panelLineWords * 4, width * 4];
    f.get(panels).op("i32.eqz");
    f.if(() => f.op("return"));
    f.block(() =>
      f.loop(() => {
        f.get(lines).get(endOfLines).op("i32.ge_u").branchIf(1);
        f.get(source).get(lines).memory("i32.load", 0).op("i32.add").set(pixel);
        f.get(lines).memory("i32.load", 4).set(left);
        f.loop(() => {
          f.get(pixel).set(from).get(destination).set(to).get(panels).set(panel);
          f.loop(() => {
            copyFloats(f, from, to, width);
            f.get(from).i32(widthBytes).op("i32.add").set(from);
            f.get(to).get(panelStride).op("i32.add").set(to);
            f.get(panel).i32(1).op("i32.sub").tee(panel).branchIf(0);
          });
          f.get(pixel).get(step).op("i32.add").set(pixel);
          f.get(destination).i32(pitch).op("i32.add").set(destination);
          f.get(left).i32(1).op("i32.sub").tee(left).branchIf(0);
        });
        f.get(lines).i32(lineBytes).op("i32.add").set(lines).branch(0);
      }),
    );
  });
}

/**
 * Emits `(source, lines, endOfLines, destination, length, step)`: copies lines of pieces of `length` floats, `step` bytes apart, one behind the other,
 * with zeros before and behind each line.
 */
export function emitBorderedCopy(module: ModuleBuilder): FunctionBuilder {
  return module.function("", Array<"i32">(6).fill("i32"), [], (f) => {
    const [source, lines, endOfLines, destination, length, step] = [0, 1, 2, 3, 4, 5];
    const v = namedLocals(f, "i32", ["piece", "left", "from", "end"]);
    const lineBytes = borderedLineWords * 4;
    const zeros = (word: number): void => {
      f.get(destination).get(lines).memory("i32.load", word).i32(4).op("i32.mul", "i32.add").set(v.end);
      f.get(destination).for(
        destination,
        () => f.get(v.end),
        4,
        () => f.get(destination).f32(0).memory("f32.store"),
      );
    };
    f.block(() =>
      f.loop(() => {
        f.get(lines).get(endOfLines).op("i32.ge_u").branchIf(1);
        zeros(4);
        f.get(source).get(lines).memory("i32.load", 0).op("i32.add").set(v.piece);
        f.i32(0).for(
          v.left,
          () => f.get(lines).memory("i32.load", 8),
          1,
          () => {
            f.get(v.piece).set(v.from);
            f.get(destination).get(length).i32(-4).op("i32.and").i32(4).op("i32.mul", "i32.add").set(v.end);
            f.get(destination).for(
              destination,
              () => f.get(v.end),
              16,
              () => {
                f.get(destination).get(v.from).memory("v128.load").memory("v128.store");
                f.get(v.from).i32(16).op("i32.add").set(v.from);
              },
            );
            f.get(destination).get(length).i32(3).op("i32.and").i32(4).op("i32.mul", "i32.add").set(v.end);
            f.get(destination).for(
              destination,
              () => f.get(v.end),
              4,
              () => {
                f.get(destination).get(v.from).memory("f32.load").memory("f32.store");
                f.get(v.from).i32(4).op("i32.add").set(v.from);
              },
            );
            f.get(v.piece).get(step).op("i32.add").set(v.piece);
          },
        );
        zeros(12);
        f.get(lines).i32(lineBytes).op("i32.add").set(lines).branch(0);
      }),
    );
  });
}

/**
 * Emits `(source, lines, endOfLines, step, spare)`: brings lines that are read where they lie into the cache, in order, which goes faster than by the
 * jumps of a panel.
 */
export function emitTouchLines(module: ModuleBuilder, touch: FunctionBuilder): FunctionBuilder {
  return module.function("", Array<"i32">(5).fill("i32"), [], (f) => {
    const [source, lines, endOfLines, step, spare] = [0, 1, 2, 3, 4];
    const first = f.local("i32");
    f.get(lines).for(
      lines,
      () => f.get(endOfLines),
      panelLineWords * 4,
      () => {
        f.get(source).get(lines).memory("i32.load", 0).op("i32.add").tee(first);
        f.get(first).get(lines).memory("i32.load", 4).get(step).op("i32.mul", "i32.add").get(spare).call(touch);
      },
    );
  });
}
