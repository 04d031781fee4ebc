// Images in the middle of a number, for kernels that know no padding.
import { at, sizeOf } from "@stria/core";
import type { PadImages } from "./convolution.ts";
import { addCopy, addFill } from "./elementwise.ts";
import { orderedView } from "./order.ts";
import type { ProgramBuilder } from "./steps.ts";
import { slice } from "./view.ts";

/** Pads images with a number. */
export function padder(builder: ProgramBuilder, value = 0): PadImages {
  return ({ buffer, view }, before, padded) => {
    const [images = 0, channels = 0, ...spatial] = view.shape;
    const shape = [images, channels, ...padded];
    const size = sizeOf(shape);
    const target = builder.local(size * 4);
    addFill(builder, target, size, value, "float32");
    const whole = orderedView(shape, at(view.strides, 1) === 1 ? "channels-last" : "row-major");
    // What lies beyond the padded size is read by no window.
    const kept = spatial.map((length, axis) => Math.min(length, at(padded, axis) - at(before, axis)));
    const part = [images, channels, ...kept];
    const ones = part.map(() => 1);
    const from = slice(
      view,
      part.map(() => 0),
      part,
      ones,
    );
    addCopy(builder, buffer, from, target, slice(whole, [0, 0, ...before], part, ones), "float32");
    return { buffer: target, view: whole };
  };
}
